package org.bitbeam.physics.eft;

import java.io.Serializable;
import java.util.Arrays;
import org.bitbeam.physics.internal.NaturalLogarithm;

/** Exact sums of w (ln r - ln s) over events at a point, and of its derivatives if wanted. */
final class PointSums implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] point;
  private final double[] monomials;
  private final boolean derivatives;
  private final double logRate;
  private final double[] rateFirst;
  private final double[] rateSecond; // by rows, upper triangle
  // 1 value; n first and n(n+1)/2 second derivatives, n(n+1)/2 products.
  private final ExactSum[] sums;

  PointSums(WilsonBasis basis, double[] rate, double[] point, boolean derivatives) {
    this.point = point;
    this.monomials = basis.monomials(point);
    this.derivatives = derivatives;
    int n = point.length;
    this.sums = ExactSum.zeros(derivatives ? 1 + n + n * (n + 1) : 1);
    double s = LikelihoodSums.atLeastSmallest(basis.value(rate, point));
    this.logRate = NaturalLogarithm.of(s);
    double[] slope = basis.gradient(rate, point);
    double[] curved = basis.hessian(rate);
    this.rateFirst = new double[n];
    this.rateSecond = new double[n * (n + 1) / 2];
    int at = 0;
    for (int i = 0; i < n && s > LikelihoodSums.SMALLEST_RATIO; i++) {
      rateFirst[i] = slope[i] / s;
      for (int j = i; j < n; j++) {
        rateSecond[at++] = curved[i * n + j] / s - slope[i] * slope[j] / (s * s);
      }
    }
  }

  /**
   * Adds events.
   *
   * @return number of those whose r is below the smallest
   */
  int add(EventBlock events) {
    int clamped = events.evaluate(monomials);
    if (derivatives) {
      events.differentiate(point);
      int n = point.length;
      int triangle = rateSecond.length;
      int at = 0;
      for (int i = 0; i < n; i++) {
        events.addFirst(i, rateFirst[i], sums[1 + i]);
        for (int j = i; j < n; j++) {
          events.addSecond(i, j, rateSecond[at], sums[1 + n + at]);
          events.addProduct(i, j, rateFirst[i], rateFirst[j], sums[1 + n + triangle + at]);
          at++;
        }
      }
    }
    events.addLogarithms(logRate, sums[0]);
    return clamped;
  }

  void add(PointSums other) {
    for (int i = 0; i < sums.length; i++) {
      sums[i].add(other.sums[i]);
    }
  }

  Iterable<ExactSum> all() {
    return Arrays.asList(sums);
  }

  double logLikelihood() {
    return sums[0].value();
  }

  /** First derivative i. */
  double first(int i) {
    return derivative(1 + i);
  }

  /** Second derivatives, n x n. */
  double[][] second() {
    return symmetric(1 + point.length);
  }

  /** Sums of products of first derivatives, n x n. */
  double[][] products() {
    return symmetric(1 + point.length + rateSecond.length);
  }

  private double[][] symmetric(int from) {
    int n = point.length;
    double[][] matrix = new double[n][n];
    int at = from;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        matrix[i][j] = derivative(at++);
        matrix[j][i] = matrix[i][j];
      }
    }
    return matrix;
  }

  private double derivative(int sum) {
    if (!derivatives) {
      throw new IllegalStateException("these sums have no derivatives");
    }
    return sums[sum].value();
  }
}
