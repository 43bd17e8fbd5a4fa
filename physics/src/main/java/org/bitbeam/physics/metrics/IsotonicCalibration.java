package org.bitbeam.physics.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A probability that does not fall as a score grows: least squares by pooling adjacent violators
 * (Barlow et al. 1972), linear between the scores it was fitted to, constant beyond; as
 * scikit-learn's {@code IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1-1e-6)}, with
 * which the CaloChallenge calibrates its classifier. Immutable.
 */
public final class IsotonicCalibration {
  private static final double LEAST = 1e-6;

  private final double[] scores;
  private final double[] probabilities;

  private IsotonicCalibration(double[] scores, double[] probabilities) {
    this.scores = scores;
    this.probabilities = probabilities;
  }

  /**
   * Fits.
   *
   * @param scores finite
   * @param signal of each score
   * @throws IllegalArgumentException when there are none, or lengths differ, or one is not finite
   */
  public static IsotonicCalibration fit(double[] scores, boolean[] signal) {
    if (scores.length == 0
        || scores.length != signal.length
        || Arrays.stream(scores).anyMatch(s -> !Double.isFinite(s))) {
      throw new IllegalArgumentException(
          scores.length + " scores and " + signal.length + " labels, or a score is not finite");
    }
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    // Blocks: equal scores first, then neighbours whose means fall.
    double[] knots = new double[scores.length];
    double[] ones = new double[scores.length];
    double[] sizes = new double[scores.length];
    int distinct = 0;
    for (int i : order) {
      if (distinct == 0 || scores[i] != knots[distinct - 1]) {
        knots[distinct++] = scores[i];
      }
      ones[distinct - 1] += signal[i] ? 1 : 0;
      sizes[distinct - 1]++;
    }
    int[] ends = new int[distinct];
    int blocks = 0;
    for (int k = 0; k < distinct; k++) {
      double one = ones[k];
      double size = sizes[k];
      while (blocks > 0 && ones[blocks - 1] * size >= one * sizes[blocks - 1]) {
        blocks--;
        one += ones[blocks];
        size += sizes[blocks];
      }
      ones[blocks] = one;
      sizes[blocks] = size;
      ends[blocks++] = k + 1;
    }
    double[] fitted = new double[distinct];
    for (int block = 0, k = 0; block < blocks; block++) {
      double mean = Math.max(LEAST, Math.min(1 - LEAST, ones[block] / sizes[block]));
      for (; k < ends[block]; k++) {
        fitted[k] = mean;
      }
    }
    return new IsotonicCalibration(Arrays.copyOf(knots, distinct), fitted);
  }

  /** Probabilities of scores. */
  public double[] of(double[] values) {
    return Arrays.stream(values).map(this::of).toArray();
  }

  private double of(double value) {
    int at = Arrays.binarySearch(scores, value);
    if (at >= 0) {
      return probabilities[at];
    }
    int above = -at - 1;
    if (above == 0 || above == scores.length) {
      return probabilities[above == 0 ? 0 : above - 1];
    }
    double share = (value - scores[above - 1]) / (scores[above] - scores[above - 1]);
    return probabilities[above - 1] + share * (probabilities[above] - probabilities[above - 1]);
  }
}
