package org.bitbeam.runtime.internal.reference;

/** Elementary functions in double, identical on every machine. */
final class Functions {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

  private Functions() {}

  /**
   * The error function by its series with positive terms, erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n
   * x^(2n+1) / (1 3 5 ... (2n+1)) (DLMF 7.6.2).
   */
  static double erf(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (Math.abs(x) > 6) {
      return Math.signum(x); // 1 - erf(6) is 2e-17
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x) * sum;
  }

  static double gelu(double x) {
    // Infinity times zero would spoil the limit at minus infinity.
    return x == Double.NEGATIVE_INFINITY ? 0 : 0.5 * x * (1 + erf(x * Math.sqrt(0.5)));
  }

  static double geluTanh(double x) {
    return x == Double.NEGATIVE_INFINITY
        ? 0
        : 0.5 * x * (1 + StrictMath.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }
}
