package org.bitbeam.physics.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.bitbeam.physics.metrics.PhysicsDistances.Distance;
import org.bitbeam.physics.metrics.PhysicsDistances.Moments;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.junit.jupiter.api.Test;

/** Distances against the JetNet library (make_distances.py). */
class PhysicsDistancesTest {
  private static final double NONE = Double.NaN;

  private static JsonNode expected() throws IOException {
    try (InputStream in =
        PhysicsDistancesTest.class.getResourceAsStream("/metrics/distances.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static double[] doubles(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  /** The sample of make_distances.py. */
  private static double[][] sample(int n, int shift) {
    long state = 12345 + shift;
    double[][] rows = new double[n][7];
    for (double[] row : rows) {
      for (int i = 0; i < 5; i++) {
        long total = 0;
        for (int k = 0; k < 4; k++) {
          state = (state * 1103515245 + 12345) % (1L << 31);
          total += state >> 21;
        }
        row[i] = (total * (i + 1) + shift * 40) / 64.;
      }
      row[5] = row[0] + row[1] / 2;
    }
    return rows;
  }

  private static double[][] scaled(double[][] rows, double[][] reference) {
    double[][] scaled = new double[rows.length][7];
    for (int i = 0; i < 7; i++) {
      int feature = i;
      double most =
          Arrays.stream(reference).mapToDouble(r -> Math.abs(r[feature])).max().getAsDouble();
      for (int row = 0; row < rows.length; row++) {
        scaled[row][i] = most == 0 ? 0 : rows[row][i] / most;
      }
    }
    return scaled;
  }

  @Test
  void distancesOfGivenSamplesAreThoseOfJetNet() throws IOException {
    JsonNode expected = expected();
    double[][] reference = sample(3000, 0);
    double[][] a = scaled(reference, reference);
    double[][] b = scaled(sample(2500, 3), reference);
    double frechet = expected.get("frechet").asDouble();
    // Its root of a singular product is good to about 1e-8.
    assertEquals(frechet, PhysicsDistances.frechet(Moments.of(a), Moments.of(b)), 1e-7);
    assertEquals(0, PhysicsDistances.frechet(Moments.of(a), Moments.of(a)), 1e-7);
    double discrepancy = expected.get("discrepancy").asDouble();
    assertEquals(discrepancy, PhysicsDistances.meanDiscrepancy(a, b), 1e-11);
  }

  @Test
  void extrapolationsAreThoseOfScipy() throws IOException {
    JsonNode expected = expected();
    int[] sizes = PhysicsDistances.sizes(20_000, 50_000);
    assertArrayEquals(
        IntStream.range(0, 10).map(i -> expected.get("sizes").get(i).asInt()).toArray(), sizes);
    for (JsonNode fit : expected.get("fits")) {
      Distance found = PhysicsDistances.atInfinity(sizes, doubles(fit.get("values")));
      double error = fit.get("error").asDouble();
      assertEquals(fit.get("value").asDouble(), found.value(), 1e-6 * error);
      assertEquals(error, found.error(), 1e-6 * error);
      // The library's own solver stops a little before the minimum.
      assertEquals(fit.get("library").asDouble(), found.value(), 3 * error);
      assertTrue(found.value() >= 0);
    }
    double[] few = doubles(expected.get("few"));
    Arrays.sort(few);
    double half =
        PhysicsDistances.percentile(few, 83.725) - PhysicsDistances.percentile(few, 16.275);
    assertEquals(expected.get("halfRange").asDouble(), half / 2, 1e-12);
    assertEquals(3.75, PhysicsDistances.percentile(few, 50), 1e-12);
  }

  @Test
  void wholeDistancesAgreeWithinTheirErrors() throws IOException {
    JsonNode expected = expected();
    double[][] a = sample(3000, 0);
    double[][] b = sample(2500, 3);
    compare(expected.get("fpd"), PhysicsDistances.frechet(a, b, 42));
    compare(expected.get("kpd"), PhysicsDistances.kernel(a, b, 42));
    assertEquals(PhysicsDistances.kernel(a, b, 1), PhysicsDistances.kernel(a, b, 1));
    Distance same = PhysicsDistances.kernel(a, sample(2500, 0), 1);
    assertTrue(Math.abs(same.value()) < 5 * same.error(), same.toString());
  }

  private static void compare(JsonNode theirs, Distance ours) {
    double error = Math.hypot(theirs.get(1).asDouble(), ours.error());
    assertEquals(theirs.get(0).asDouble(), ours.value(), 4 * error);
    double ratio = ours.error() / theirs.get(1).asDouble();
    assertTrue(ratio > 0.2 && ratio < 5, ours + " against " + theirs);
  }

  @Test
  void featuresAreThoseOfTheCaloChallenge() {
    Features shower =
        new Features(
            1000,
            1000,
            new double[] {0, 1000},
            new double[] {NONE, 20},
            new double[] {NONE, 30},
            new double[] {NONE, 40},
            new double[] {NONE, 50},
            new double[] {1, 2},
            new double[] {1, 2},
            new double[] {0, 1});
    double[] row = PhysicsDistances.features(List.of(shower))[0];
    assertArrayEquals(new double[] {3, -8, 3, 0.2, 0.3, 0.4, 0.5}, row, 1e-11);
  }

  @Test
  void samplesThatCannotBeComparedAreRefused() {
    double[][] a = sample(200, 0);
    assertThrows(
        IllegalArgumentException.class, () -> PhysicsDistances.frechet(a, sample(99, 0), 1));
    double[][] bad = sample(200, 1);
    bad[7][3] = NONE;
    String message =
        assertThrows(IllegalArgumentException.class, () -> PhysicsDistances.kernel(a, bad, 1))
            .getMessage();
    assertEquals("shower 7: feature 3 is NaN", message);
  }
}
