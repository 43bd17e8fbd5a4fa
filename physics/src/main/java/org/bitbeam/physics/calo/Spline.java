package org.bitbeam.physics.calo;

/**
 * A monotone function of each of several numbers on [-B, B], made of K pieces whose shape a network
 * gives, with the identity outside. As in the reference, one number outside leaves the whole vector
 * as it is (specs/models.md 0.10). Immutable; one {@link Bins} for each thread.
 */
sealed interface Spline permits RationalQuadraticSpline, CubicSpline {

  /** Half width B of the interval. */
  double bound();

  /** Parameters a number. */
  int parameters();

  /** Room for the pieces of one number. */
  Bins bins();

  /**
   * Transforms numbers in place.
   *
   * @param values {@code count} numbers from {@code at} on
   * @param theta parameters of the first number, then of the next
   * @param inverse whether to apply the inverse function
   * @return the logarithm of the derivative's determinant
   */
  default double transform(
      double[] values, int at, int count, float[] theta, int thetaAt, boolean inverse, Bins bins) {
    for (int i = 0; i < count; i++) {
      double value = values[at + i];
      if (!(value >= -bound() && value <= bound())) {
        return 0;
      }
    }
    double logDeterminant = 0;
    for (int i = 0; i < count; i++) {
      double result = piece(values[at + i], theta, thetaAt + i * parameters(), inverse, bins);
      // Rounding must not carry a number beyond the interval: the inverse would leave it there.
      values[at + i] = Math.max(-bound(), Math.min(bound(), result));
      logDeterminant += bins.logDerivative;
    }
    return logDeterminant;
  }

  /** One number; leaves the logarithm of the derivative in {@code bins}. */
  double piece(double value, float[] theta, int at, boolean inverse, Bins bins);

  /** Widths, heights and left edges of the pieces of one number; reused. */
  final class Bins {
    final double[] width;
    final double[] height;
    final double[] left;
    final double[] bottom;
    double logDerivative;

    Bins(int count) {
      width = new double[count];
      height = new double[count];
      left = new double[count + 1];
      bottom = new double[count + 1];
    }
  }

  /** Least share of a piece of the interval, in width and height. */
  double LEAST = 1e-3;

  /** Softmax with a floor: shares of K pieces that sum up to 1. */
  static void shares(float[] theta, int at, int count, double[] target) {
    float max = Float.NEGATIVE_INFINITY;
    for (int k = 0; k < count; k++) {
      max = Math.max(max, theta[at + k]);
    }
    double sum = 0;
    for (int k = 0; k < count; k++) {
      target[k] = Elementary.exp((double) theta[at + k] - max);
      sum += target[k];
    }
    double scale = (1 - LEAST * count) / sum;
    for (int k = 0; k < count; k++) {
      target[k] = Math.fma(target[k], scale, LEAST);
    }
  }

  /**
   * The piece a number lies in: the last whose edge is not above it; the last edge belongs to it.
   */
  static int find(double[] edges, int count, double value) {
    int bin = 0;
    while (bin < count - 1 && value >= edges[bin + 1]) {
      bin++;
    }
    return bin;
  }
}
