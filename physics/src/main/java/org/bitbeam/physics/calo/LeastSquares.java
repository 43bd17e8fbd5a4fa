package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * Least squares of many residuals and few parameters, by the method of Levenberg and Marquardt with
 * one-sided differences: no derivative of what makes the residuals is needed.
 */
final class LeastSquares {
  private static final double DIFFERENCE = 2e-3;
  private static final double DAMPING = 1e-2;
  private static final double LEAST_DAMPING = 1e-9;
  private static final int TRIES = 10;
  private static final double SYMMETRIC = 1e-15; // it is made so
  private static final double ENOUGH = 1e-4; // relative gain below which it ends

  private LeastSquares() {}

  /** What is to become small. */
  @FunctionalInterface
  interface Residuals {
    /** As many numbers for all parameters; not finite where the parameters make no sense. */
    double[] of(double[] parameters);
  }

  /**
   * How it went.
   *
   * @param path the first parameters and those after each iteration that found better ones
   * @param iterations number of them
   */
  record Fit(List<double[]> path, int iterations) {
    double[] parameters() {
      return path.get(path.size() - 1);
    }
  }

  /**
   * Minimises the sum of the squares.
   *
   * @param iterations at most
   * @throws ArithmeticException when the residuals of the first parameters are not finite
   */
  static Fit minimise(Residuals residuals, double[] start, int iterations) {
    double[] at = start.clone();
    double[] off = residuals.of(at);
    double sum = squares(off);
    if (!Double.isFinite(sum)) {
      throw new ArithmeticException("residuals are not finite to begin with");
    }
    List<double[]> path = new ArrayList<>(List.of(at));
    double damping = DAMPING;
    for (int iteration = 0; iteration < iterations; iteration++) {
      float[][] slopes = slopes(residuals, at, off);
      double[][] normal = new double[at.length][at.length];
      double[] gradient = new double[at.length];
      for (int k = 0; k < at.length; k++) {
        for (int i = 0; i < off.length; i++) {
          gradient[k] += slopes[k][i] * off[i];
        }
        for (int l = 0; l <= k; l++) {
          double product = 0;
          for (int i = 0; i < off.length; i++) {
            product += (double) slopes[k][i] * slopes[l][i];
          }
          normal[k][l] = product;
          normal[l][k] = product;
        }
      }
      double before = sum;
      for (int attempt = 0; attempt < TRIES && sum == before; attempt++) {
        double[] next = at.clone();
        double[] step = solve(normal, gradient, damping);
        for (int k = 0; k < next.length; k++) {
          next[k] -= step[k];
        }
        double[] there = residuals.of(next);
        double squares = squares(there);
        if (squares < sum) { // not when it is not finite
          at = next;
          off = there;
          sum = squares;
          damping = Math.max(LEAST_DAMPING, damping / 4);
        } else {
          damping *= 5;
        }
      }
      if (sum < before) {
        path.add(at);
      }
      if (before - sum <= ENOUGH * before) {
        return new Fit(path, iteration + 1);
      }
    }
    return new Fit(path, iterations);
  }

  private static float[][] slopes(Residuals residuals, double[] at, double[] off) {
    float[][] slopes = new float[at.length][off.length];
    for (int k = 0; k < at.length; k++) {
      double[] aside = at.clone();
      aside[k] += DIFFERENCE;
      double[] there = residuals.of(aside);
      for (int i = 0; i < off.length; i++) {
        slopes[k][i] = (float) ((there[i] - off[i]) / DIFFERENCE);
      }
    }
    return slopes;
  }

  private static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  /** Solves (A + damping diag A) x = b; not numbers where rounding leaves no solution. */
  private static double[] solve(double[][] a, double[] b, double damping) {
    RealMatrix damped = new Array2DRowRealMatrix(a);
    double largest = 0;
    for (int k = 0; k < b.length; k++) {
      largest = Math.max(largest, a[k][k]);
    }
    for (int k = 0; k < b.length; k++) {
      // Parameters of no effect stay where they are.
      damped.setEntry(k, k, a[k][k] * (1 + damping) + 1e-12 * largest);
    }
    try {
      return new CholeskyDecomposition(damped, SYMMETRIC, 0)
          .getSolver()
          .solve(new ArrayRealVector(b, false))
          .toArray();
    } catch (MathIllegalArgumentException e) { // not positive definite: it needs more damping
      double[] none = new double[b.length];
      Arrays.fill(none, Double.NaN);
      return none;
    }
  }
}
