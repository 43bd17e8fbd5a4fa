package org.bitbeam.physics.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IsotonicCalibrationTest {
  /** scikit-learn 1.x: IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1-1e-6). */
  @Test
  void isThatOfScikitLearn() {
    double[] scores = {
      0.09, 0.24, 0.8, 0.58, 0.09, 0.43, 0.48, 0.16, 0.73, 0.11, 0.39, 0.52, 0.43, 0.59, 0.74, 0.96,
      0.28, 0.65, 0.7, 0.29, 0.0, 0.97, 0.3, 0.31
    };
    String signal = "001010111010101100100101";
    double[] at = {0, .05, .1, .2, .25, .3, .33, .4, .45, .5, .555, .6, .7, .755, .8, .9, .95, 1};
    double[] expected = {
      1e-6,
      0.13888933333333336,
      0.25,
      0.25,
      0.25,
      0.25,
      4 / 9.,
      4 / 9.,
      4 / 9.,
      4 / 9.,
      4 / 9.,
      4 / 9.,
      0.999999,
      0.999999,
      0.999999,
      0.999999,
      0.999999,
      0.999999
    };
    assertArrayEquals(expected, IsotonicCalibration.fit(scores, labels(signal)).of(at), 1e-12);
  }

  private static boolean[] labels(String digits) {
    boolean[] labels = new boolean[digits.length()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = digits.charAt(i) == '1';
    }
    return labels;
  }

  /** It does not fall, and no constant shift of a block would fit better: means are kept. */
  @Property(tries = 300)
  void growsAndKeepsTheMean(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] scores = new double[1 + random.nextInt(60)];
    boolean[] signal = new boolean[scores.length];
    double ones = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(30) / 30.;
      signal[i] = random.nextDouble() < 0.2 + 0.6 * scores[i];
      ones += signal[i] ? 1 : 0;
    }
    double[] fitted = IsotonicCalibration.fit(scores, signal).of(scores);
    assertEquals(ones / scores.length, Arrays.stream(fitted).average().orElseThrow(), 2e-6);
    for (int i = 0; i < scores.length; i++) {
      for (int k = 0; k < scores.length; k++) {
        assertTrue(scores[i] >= scores[k] || fitted[i] <= fitted[k]);
      }
    }
  }

  @Test
  void refusesWhatIsNoNumber() {
    assertThrows(
        IllegalArgumentException.class,
        () -> IsotonicCalibration.fit(new double[] {Double.NaN}, new boolean[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> IsotonicCalibration.fit(new double[2], new boolean[1]));
  }
}
