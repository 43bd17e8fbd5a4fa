package org.bitbeam.physics.calo;

/**
 * A monotone function of each of several numbers on [-B, B], made of K pieces whose shape a network
 * gives, with the identity outside. As in the reference, one number outside leaves the whole vector
 * as it is (specs/models.md 0.10). Immutable; one {@link Workspace} for each thread.
 *
 * <p>Numbers are taken in tiles: what is the same for all of a tile is a plain loop over an array,
 * which the JVM turns into vector instructions of any width without changing a bit. The piece is
 * searched in the running sum of the shares, and only that piece is evaluated.
 */
sealed interface Spline permits RationalQuadraticSpline, CubicSpline {

  /** Numbers of a tile. */
  int TILE = 64;

  /** Least share of a piece of the interval, in width and height. */
  double LEAST = 1e-3;

  /** Half width B of the interval. */
  double bound();

  /** Number K of pieces. */
  int count();

  /** Parameters a number: K widths, K heights, and what describes the derivatives. */
  int parameters();

  /**
   * Room for a tile.
   *
   * @param derivatives whether logarithms of derivatives are wanted; they are 0 otherwise
   */
  default Workspace workspace(boolean derivatives) {
    return new Workspace(count(), derivatives);
  }

  /**
   * Transforms numbers in place.
   *
   * @param values {@code count} numbers from {@code at} on
   * @param theta parameters of the first number, then of the next
   * @param inverse whether to apply the inverse function
   * @return the logarithm of the derivative's determinant; 0 if it is not wanted
   */
  default double transform(
      double[] values,
      int at,
      int count,
      float[] theta,
      int thetaAt,
      boolean inverse,
      Workspace room) {
    for (int i = at; i < at + count; i++) {
      if (!(values[i] >= -bound() && values[i] <= bound())) {
        return 0;
      }
    }
    double logDeterminant = 0;
    for (int from = 0; from < count; from += TILE) {
      int size = Math.min(TILE, count - from);
      int parametersAt = thetaAt + from * parameters();
      room.exponentials(theta, parametersAt, parameters(), size);
      tile(values, at + from, size, theta, parametersAt, inverse, room);
      for (int i = at + from; i < at + from + size; i++) {
        // Rounding must not carry a number beyond the interval: the inverse would leave it there.
        values[i] = Math.max(-bound(), Math.min(bound(), values[i]));
      }
      if (room.derivatives) {
        for (int i = 0; i < size; i++) {
          double logarithm = Elementary.log(room.slope[i]);
          logDeterminant += inverse ? -logarithm : logarithm;
        }
      }
    }
    return logDeterminant;
  }

  /**
   * Transforms at most {@link #TILE} numbers inside of the interval; the exponentials of their
   * parameters are there, and their derivatives (of the forward function) are left in {@code
   * room.slope}.
   */
  void tile(
      double[] values,
      int at,
      int size,
      float[] theta,
      int thetaAt,
      boolean inverse,
      Workspace room);

  /**
   * The piece a number lies in: the last whose edge is not above it; the last edge belongs to it.
   */
  static int find(double[] edges, int count, double value) {
    int bin = 0;
    for (int k = 1; k < count; k++) {
      bin += value >= edges[k] ? 1 : 0; // edges ascend; no branch that would be guessed wrong
    }
    return bin;
  }

  /** Arrays of a tile; reused. */
  final class Workspace {
    final int count;
    final boolean derivatives;
    private final double[] exponential;
    final double[] width;
    final double[] height;
    final double[] left;
    final double[] bottom;
    final double[] x0 = new double[TILE];
    final double[] y0 = new double[TILE];
    final double[] w = new double[TILE];
    final double[] h = new double[TILE];
    final double[] d0 = new double[TILE];
    final double[] d1 = new double[TILE];
    final double[] slope = new double[TILE];
    final int[] piece = new int[TILE];

    Workspace(int count, boolean derivatives) {
      this.count = count;
      this.derivatives = derivatives;
      exponential = new double[2 * TILE * count];
      width = new double[count];
      height = new double[count];
      left = new double[count + 1];
      bottom = new double[count + 1];
    }

    /** exp(theta - largest theta) of widths and heights of a tile's numbers. */
    void exponentials(float[] theta, int at, int parameters, int size) {
      for (int group = 0; group < 2 * size; group++) {
        int from = at + (group >> 1) * parameters + (group & 1) * count;
        float max = theta[from];
        for (int k = 1; k < count; k++) {
          max = theta[from + k] > max ? theta[from + k] : max;
        }
        for (int k = 0; k < count; k++) {
          exponential[group * count + k] = (double) theta[from + k] - max;
        }
      }
      Elementary.expOfNegatives(exponential, 2 * size * count);
    }

    /** Shares of the pieces of a number: a softmax with a floor; their sum is 1. */
    void shares(int number, boolean heights, double[] target) {
      int from = (2 * number + (heights ? 1 : 0)) * count;
      double sum = 0;
      for (int k = 0; k < count; k++) {
        sum += exponential[from + k];
      }
      double scale = (1 - LEAST * count) / sum;
      for (int k = 0; k < count; k++) {
        target[k] = Math.fma(exponential[from + k], scale, LEAST);
      }
    }
  }
}
