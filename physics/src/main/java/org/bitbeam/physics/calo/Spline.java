package org.bitbeam.physics.calo;

import java.util.Arrays;

/**
 * A monotone function of each of several numbers on [-B, B], made of K pieces whose shape a network
 * gives, with the identity outside. As in the reference, one number outside leaves the whole vector
 * as it is (specs/models.md 0.10). Immutable; one {@link Workspace} for each thread.
 *
 * <p>Numbers are taken in tiles, and a tile is held as a structure of arrays, one for each piece:
 * what is the same for all of its numbers is a plain loop that takes all arrays at the same index,
 * which the JVM turns into vector instructions of any width without changing a bit (at different
 * offsets it could not, for the arrays might be one and the same). The piece is searched in the
 * running sum of the shares, and only that piece is evaluated.
 */
sealed interface Spline permits RationalQuadraticSpline, CubicSpline {

  /**
   * Most numbers of a tile: one shower of the published size; its arrays fit a second-level cache.
   */
  int TILE = 256;

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
      System.arraycopy(values, at + from, room.value, 0, size);
      tile(size, theta, parametersAt, inverse, room);
      for (int i = 0; i < size; i++) {
        // Rounding must not carry a number beyond the interval: the inverse would leave it there.
        room.value[i] = Math.max(-bound(), Math.min(bound(), room.value[i]));
      }
      System.arraycopy(room.value, 0, values, at + from, size);
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
   * Transforms the first {@code size} numbers of {@code room.value}, all inside of the interval.
   * The exponentials of their parameters are there; the derivatives (of the forward function) are
   * left in {@code room.slope} if they are wanted.
   */
  void tile(int size, float[] theta, int thetaAt, boolean inverse, Workspace room);

  /** Arrays of a tile; reused. Of two indices the first is the piece or edge, then the number. */
  final class Workspace {
    final int count;
    final boolean derivatives;
    final double[] value = new double[TILE];
    private final double[][] exponential;
    private final double[][] scale = new double[2][TILE];
    final double[] scratch = new double[TILE];
    final double[][] left;
    final double[][] bottom;
    final double[] x0 = new double[TILE];
    final double[] y0 = new double[TILE];
    final double[] w = new double[TILE];
    final double[] h = new double[TILE];
    final double[] d0 = new double[TILE];
    final double[] d1 = new double[TILE];
    final double[] slope = new double[TILE];
    final double[][] more = new double[4][TILE];
    final int[] piece = new int[TILE];

    Workspace(int count, boolean derivatives) {
      this.count = count;
      this.derivatives = derivatives;
      exponential = new double[2 * count][TILE];
      left = new double[count + 1][TILE];
      bottom = new double[count + 1][TILE];
    }

    /** exp(theta - largest theta) of widths and heights of a tile's numbers. */
    void exponentials(float[] theta, int at, int parameters, int size) {
      double[][] e = exponential;
      int k4 = 0;
      for (; k4 + 4 <= 2 * count; k4 += 4) {
        gather(theta, at + k4, parameters, e[k4], e[k4 + 1], e[k4 + 2], e[k4 + 3], size);
      }
      if (k4 < 2 * count) { // two are left: with the two before them
        gather(theta, at + k4 - 2, parameters, e[k4 - 2], e[k4 - 1], e[k4], e[k4 + 1], size);
      }
      for (int first = 0; first < 2 * count; first += count) {
        System.arraycopy(exponential[first], 0, scratch, 0, size);
        for (int k = first + 1; k < first + count; k++) {
          max(scratch, exponential[k], size);
        }
        for (int k = first; k < first + count; k++) {
          Elementary.expOfDifferences(exponential[k], scratch, size);
        }
      }
    }

    /**
     * Edges of the pieces, from 0 to 1: sums of their shares, a softmax with a floor.
     *
     * @param axis 0 for widths, 1 for heights
     */
    void edges(int axis, double[][] edges, int size) {
      int first = axis * count;
      double[] sum = scale[axis];
      System.arraycopy(exponential[first], 0, sum, 0, size);
      for (int k = first + 1; k < first + count; k++) {
        add(sum, exponential[k], size);
      }
      divide(1 - LEAST * count, sum, size);
      Arrays.fill(edges[0], 0, size, 0);
      for (int k = 0; k < count - 1; k++) {
        addShare(edges[k], exponential[first + k], sum, edges[k + 1], size);
      }
      Arrays.fill(edges[count], 0, size, 1);
    }

    /** What {@link #toShares} makes the share of a number's piece of. */
    double exponential(int axis, int k, int number) {
      return exponential[axis * count + k][number];
    }

    /** From exponentials to shares, in place; after {@link #edges}. */
    void toShares(int axis, double[] exponentials, int size) {
      shares(exponentials, scale[axis], size);
    }

    /**
     * Finds the piece each number lies in: the last whose edge is not above it; the last edge
     * belongs to it.
     */
    void find(double[][] edges, double bound, int size) {
      for (int i = 0; i < size; i++) {
        scratch[i] = (value[i] + bound) / (2 * bound);
      }
      Arrays.fill(piece, 0, size, 0);
      for (int k = 1; k < count; k++) {
        count(scratch, edges[k], piece, size);
      }
    }

    /** Four at a time: each number's parameters lie in one or two cache lines. */
    private static void gather(
        float[] theta,
        int at,
        int step,
        double[] first,
        double[] second,
        double[] third,
        double[] fourth,
        int size) {
      for (int i = 0; i < size; i++) {
        int from = at + i * step;
        first[i] = theta[from];
        second[i] = theta[from + 1];
        third[i] = theta[from + 2];
        fourth[i] = theta[from + 3];
      }
    }

    private static void max(double[] target, double[] values, int size) {
      for (int i = 0; i < size; i++) {
        target[i] = Math.max(target[i], values[i]);
      }
    }

    private static void add(double[] target, double[] values, int size) {
      for (int i = 0; i < size; i++) {
        target[i] += values[i];
      }
    }

    private static void divide(double dividend, double[] divisor, int size) {
      for (int i = 0; i < size; i++) {
        divisor[i] = dividend / divisor[i];
      }
    }

    private static void shares(double[] values, double[] scale, int size) {
      for (int i = 0; i < size; i++) {
        values[i] = Math.fma(values[i], scale[i], LEAST);
      }
    }

    private static void addShare(
        double[] edge, double[] exponential, double[] scale, double[] next, int size) {
      for (int i = 0; i < size; i++) {
        next[i] = edge[i] + Math.fma(exponential[i], scale[i], LEAST);
      }
    }

    /** Adds 1 where the edge is not above the number; no branch that would be guessed wrong. */
    private static void count(double[] unit, double[] edge, int[] piece, int size) {
      for (int i = 0; i < size; i++) {
        piece[i] += unit[i] >= edge[i] ? 1 : 0;
      }
    }
  }
}
