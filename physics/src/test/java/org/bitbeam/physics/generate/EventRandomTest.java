package org.bitbeam.physics.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.bitbeam.physics.calo.CounterRandom;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.junit.jupiter.api.Test;

/** Distributions, with fixed seeds. */
class EventRandomTest {
  private static final int COUNT = 200_000;

  private static EventRandom random(long event) {
    return new EventRandom(new CounterRandom(5), event, 0);
  }

  /** Kolmogorov-Smirnov distance times sqrt(n): below 1.95 with probability 0.999. */
  static double kolmogorov(double[] values, DoubleUnaryOperator cumulative) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      double expected = cumulative.applyAsDouble(sorted[i]);
      distance = Math.max(distance, Math.abs(expected - (double) i / sorted.length));
      distance = Math.max(distance, Math.abs(expected - (i + 1.0) / sorted.length));
    }
    return distance * Math.sqrt(sorted.length);
  }

  @Test
  void continuousNumbersFollowTheirDistributions() {
    EventRandom random = random(0);
    double[] values = new double[COUNT];
    Arrays.setAll(values, i -> random.uniform());
    assertTrue(kolmogorov(values, x -> x) < 1.95);
    Arrays.setAll(values, i -> random.normal());
    assertTrue(kolmogorov(values, x -> (1 + Erf.erf(x / Math.sqrt(2))) / 2) < 1.95);
    for (double shape : new double[] {0.05, 0.7, 1, 3.5, 400}) {
      Arrays.setAll(values, i -> random.gamma(shape));
      double distance = kolmogorov(values, x -> Gamma.regularizedGammaP(shape, x));
      assertTrue(distance < 1.95, "gamma " + shape + ": " + distance);
    }
  }

  @Test
  void countsFollowPoisson() {
    EventRandom random = random(1);
    for (double mean : new double[] {0, 0.3, 4, 9.9, 10, 37, 2500}) {
      int low = (int) Math.max(0, mean - 4 * Math.sqrt(mean));
      int high = (int) (mean + 4 * Math.sqrt(mean)) + 2;
      int[] seen = new int[high - low + 2]; // the ends hold what lies beyond
      for (int i = 0; i < COUNT; i++) {
        int n = random.poisson(mean);
        assertTrue(n >= 0);
        seen[Math.max(0, Math.min(seen.length - 1, n - low))]++;
      }
      double chiSquare = 0;
      int bins = 0;
      for (int n = low + 1; n < high; n++) {
        double expected =
            COUNT * Math.exp(n * Math.log(Math.max(mean, 1e-300)) - mean - Gamma.logGamma(n + 1));
        if (expected > 20) {
          chiSquare += Math.pow(seen[n - low] - expected, 2) / expected;
          bins++;
        }
      }
      if (mean == 0) {
        assertEquals(COUNT, seen[0]);
      } else {
        assertTrue(
            chiSquare < bins + 4 * Math.sqrt(2 * bins) + 6,
            "mean " + mean + ": " + chiSquare + " for " + bins);
      }
    }
  }

  @Test
  void eventsAndStreamsAndSeedsHaveNumbersOfTheirOwn() {
    double first = random(7).uniform();
    assertEquals(first, random(7).uniform());
    assertNotEquals(first, random(8).uniform());
    assertNotEquals(first, new EventRandom(new CounterRandom(5), 7, 1).uniform());
    assertNotEquals(first, new EventRandom(new CounterRandom(6), 7, 0).uniform());
  }
}
