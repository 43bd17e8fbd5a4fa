package org.bitbeam.physics.eft;

import java.io.Serializable;
import java.util.Arrays;
import org.bitbeam.physics.internal.NaturalLogarithm;

/**
 * Polynomials and weights of at most {@value #SIZE} events, a structure of arrays, and room for
 * what is computed of them at a point. What is done to all events is done in loops that take their
 * arrays at the same index, which the JVM turns into vector instructions without changing a bit.
 */
final class EventBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int SIZE = ExactSum.BLOCK;

  private final WilsonBasis basis;
  private final double[][] coefficients;
  private final double[] weights = new double[SIZE];
  private int count;

  private final double[] ratio = new double[SIZE];
  private final double[] inverse = new double[SIZE];
  private final double[] room = new double[SIZE];
  private final double[] term = new double[SIZE];
  private final double[] zeros = new double[SIZE];
  private final double[][] slopes;

  EventBlock(WilsonBasis basis) {
    this.basis = basis;
    this.coefficients = new double[basis.size()][SIZE];
    this.slopes = new double[basis.dimensions()][SIZE];
  }

  /** Number of events. */
  int count() {
    return count;
  }

  void add(double[] polynomial, double weight) {
    for (int k = 0; k < coefficients.length; k++) {
      coefficients[k][count] = polynomial[k];
    }
    weights[count++] = weight;
  }

  void clear() {
    count = 0;
  }

  /** Adds the weights to a sum. */
  void addWeights(ExactSum sum) {
    sum.add(weights, count);
  }

  /** Adds the squares of the weights to a sum. */
  void addSquaredWeights(ExactSum sum) {
    multiply(weights, weights, term, count);
    sum.add(term, count);
  }

  /** Adds weight times coefficient k to a sum. */
  void addCoefficient(int k, ExactSum sum) {
    multiply(weights, coefficients[k], term, count);
    sum.add(term, count);
  }

  /**
   * Computes r of each event, at least {@link LikelihoodSums#SMALLEST_RATIO}, for what follows.
   *
   * @return number of events where it was less
   */
  int evaluate(double[] monomials) {
    Arrays.fill(ratio, 0, count, 1);
    for (int k = 0; k < coefficients.length; k++) {
      addProduct(coefficients[k], monomials[k], ratio, count);
    }
    int clamped = 0;
    for (int i = 0; i < count; i++) {
      if (!(ratio[i] > LikelihoodSums.SMALLEST_RATIO)) {
        ratio[i] = LikelihoodSums.SMALLEST_RATIO;
        clamped++;
      }
    }
    return clamped;
  }

  /** Computes the derivatives of ln r, which are 0 where r is the smallest; after evaluate. */
  void differentiate(double[] point) {
    invert(ratio, inverse, count);
    for (int i = 0; i < count; i++) {
      if (ratio[i] == LikelihoodSums.SMALLEST_RATIO) {
        inverse[i] = 0;
      }
    }
    for (int i = 0; i < slopes.length; i++) {
      System.arraycopy(coefficients[i], 0, slopes[i], 0, count);
      for (int j = 0; basis.order() == 2 && j < slopes.length; j++) {
        double factor = i == j ? 2 * point[j] : point[j];
        addProduct(coefficients[basis.quadratic(i, j)], factor, slopes[i], count);
      }
      multiply(slopes[i], inverse, slopes[i], count);
    }
  }

  /** Adds w d^2(ln r - ln s) / dc_i dc_j to a sum; after differentiate. */
  void addSecond(int i, int j, double ofRate, ExactSum sum) {
    double[] quadratic = basis.order() == 2 ? coefficients[basis.quadratic(i, j)] : zeros;
    double factor = i == j ? 2 : 1;
    seconds(weights, quadratic, inverse, slopes[i], slopes[j], factor, ofRate, term, count);
    sum.add(term, count);
  }

  /** Adds w d(ln r - ln s) / dc_i to a sum; after differentiate. */
  void addFirst(int i, double ofRate, ExactSum sum) {
    firsts(weights, slopes[i], ofRate, term, count);
    sum.add(term, count);
  }

  /** Adds w times the product of two first derivatives of ln r - ln s; after differentiate. */
  void addProduct(int i, int j, double ofRateI, double ofRateJ, ExactSum sum) {
    products(weights, slopes[i], slopes[j], ofRateI, ofRateJ, term, count);
    sum.add(term, count);
  }

  /** Adds w (ln r - ln s) to a sum; what evaluate computed is lost. */
  void addLogarithms(double logRate, ExactSum sum) {
    NaturalLogarithm.apply(ratio, room, count);
    firsts(weights, ratio, logRate, term, count);
    sum.add(term, count);
  }

  private static void addProduct(double[] values, double factor, double[] target, int count) {
    for (int i = 0; i < count; i++) {
      target[i] += values[i] * factor;
    }
  }

  private static void multiply(double[] a, double[] b, double[] product, int count) {
    for (int i = 0; i < count; i++) {
      product[i] = a[i] * b[i];
    }
  }

  private static void invert(double[] values, double[] inverse, int count) {
    for (int i = 0; i < count; i++) {
      inverse[i] = 1 / values[i];
    }
  }

  private static void firsts(double[] w, double[] a, double ofRate, double[] term, int count) {
    for (int i = 0; i < count; i++) {
      term[i] = w[i] * (a[i] - ofRate);
    }
  }

  private static void seconds(
      double[] w,
      double[] quadratic,
      double[] inverse,
      double[] a,
      double[] b,
      double factor,
      double ofRate,
      double[] term,
      int count) {
    for (int i = 0; i < count; i++) {
      term[i] = w[i] * (factor * quadratic[i] * inverse[i] - a[i] * b[i] - ofRate);
    }
  }

  private static void products(
      double[] w, double[] a, double[] b, double ofRateA, double ofRateB, double[] term, int n) {
    for (int i = 0; i < n; i++) {
      term[i] = w[i] * (a[i] - ofRateA) * (b[i] - ofRateB);
    }
  }
}
