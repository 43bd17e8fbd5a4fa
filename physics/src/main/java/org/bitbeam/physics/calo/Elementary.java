package org.bitbeam.physics.calo;

import org.bitbeam.physics.internal.NaturalLogarithm;

/**
 * Exponential and logarithm in double precision, to about 1e-15 relative, of additions,
 * multiplications and fused multiply-adds alone: the same bits on every JVM and processor, and
 * faster than {@code StrictMath}, whose results may differ in the last bits.
 */
final class Elementary {
  private static final double LOG2_E = 1.4426950408889634;
  private static final double LN2_HIGH = 0x1.62e42fefa39efp-1;
  private static final double LN2_LOW = 0x1.abc9e3b39803fp-56;
  private static final double SMALLEST = -708;
  private static final double LARGEST = 709.78;

  // 1 / n!
  private static final double E2 = 1 / 2.;
  private static final double E3 = 1 / 6.;
  private static final double E4 = 1 / 24.;
  private static final double E5 = 1 / 120.;
  private static final double E6 = 1 / 720.;
  private static final double E7 = 1 / 5040.;
  private static final double E8 = 1 / 40320.;
  private static final double E9 = 1 / 362880.;
  private static final double E10 = 1 / 3628800.;
  private static final double E11 = 1 / 39916800.;
  private static final double E12 = 1 / 479001600.;
  private static final double E13 = 1 / 6227020800.;

  private static final double LEAST_NEGATIVE = -40;

  // (e^r - 1 - r) / r^2 on [-0.625, 0], interpolated at Chebyshev's nodes: leaves 4e-17 of e^r.
  private static final double N2 = 0.49999999999999994;
  private static final double N3 = 0.16666666666665753;
  private static final double N4 = 0.04166666666618386;
  private static final double N5 = 0.008333333323422376;
  private static final double N6 = 0.0013888887854325077;
  private static final double N7 = 0.00019841207697370765;
  private static final double N8 = 2.479930836573593e-05;
  private static final double N9 = 2.7505343583558806e-06;
  private static final double N10 = 2.6834098913473475e-07;
  private static final double N11 = 1.9348625312173605e-08;

  private Elementary() {}

  /** e^x; 0 below e^-708, infinite above the largest double. */
  static double exp(double x) {
    if (!(x > SMALLEST)) {
      return Double.isNaN(x) ? x : 0;
    }
    if (x > LARGEST) {
      return Double.POSITIVE_INFINITY;
    }
    double n = Math.rint(x * LOG2_E);
    double r = Math.fma(-n, LN2_LOW, Math.fma(-n, LN2_HIGH, x));
    // |r| <= ln(2) / 2: the series up to r^13 / 13! leaves 4e-18.
    double p = Math.fma(r, E13, E12);
    p = Math.fma(p, r, E11);
    p = Math.fma(p, r, E10);
    p = Math.fma(p, r, E9);
    p = Math.fma(p, r, E8);
    p = Math.fma(p, r, E7);
    p = Math.fma(p, r, E6);
    p = Math.fma(p, r, E5);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E2);
    p = Math.fma(p * r, r, r) + 1;
    int exponent = (int) n;
    if (exponent > 1023) {
      return p * 2 * Double.longBitsToDouble(exponent - 1L + 1023 << 52);
    }
    return p * Double.longBitsToDouble(exponent + 1023L << 52);
  }

  /** Natural logarithm of a normal positive number; NaN or infinite as {@code Math.log} else. */
  static double log(double x) {
    if (!(x >= Double.MIN_NORMAL) || x == Double.POSITIVE_INFINITY) {
      return StrictMath.log(x);
    }
    return NaturalLogarithm.of(x);
  }

  /**
   * e^(x - largest) in place, for x that are at most the largest; below e^-40, which no sum with a
   * 1 can tell from 0, e^-40. As (e^(d / 64))^64, to 3e-14 relative: additions and products alone,
   * the same for every number, so the JVM uses vector instructions.
   */
  static void expOfDifferences(double[] x, double[] largest, int count) {
    for (int i = 0; i < count; i++) {
      double r = Math.max(x[i] - largest[i], LEAST_NEGATIVE) * (1 / 64.);
      double p = Math.fma(r, N11, N10);
      p = Math.fma(p, r, N9);
      p = Math.fma(p, r, N8);
      p = Math.fma(p, r, N7);
      p = Math.fma(p, r, N6);
      p = Math.fma(p, r, N5);
      p = Math.fma(p, r, N4);
      p = Math.fma(p, r, N3);
      p = Math.fma(p, r, N2);
      p = Math.fma(p * r, r, r) + 1;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      x[i] = p * p;
    }
  }

  /**
   * ln(1 + e^x) in place, to 3e-14 relative where x is above -20, 3e-17 absolute below.
   *
   * @param room as long as x
   */
  static void softplus(double[] x, double[] room, int count) {
    for (int i = 0; i < count; i++) {
      room[i] = 2 * Math.max(x[i], 0); // x less this: -|x|
    }
    expOfDifferences(x, room, count);
    for (int i = 0; i < count; i++) {
      // ln(1 + e) = 2 artanh(s), s = e / (2 + e) <= 1 / 3
      double s = x[i] / (2 + x[i]);
      double q = s * s;
      double p = Math.fma(q, 1 / 31., 1 / 29.);
      p = Math.fma(p, q, 1 / 27.);
      p = Math.fma(p, q, 1 / 25.);
      p = Math.fma(p, q, 1 / 23.);
      p = Math.fma(p, q, 1 / 21.);
      p = Math.fma(p, q, 1 / 19.);
      p = Math.fma(p, q, 1 / 17.);
      p = Math.fma(p, q, 1 / 15.);
      p = Math.fma(p, q, 1 / 13.);
      p = Math.fma(p, q, 1 / 11.);
      p = Math.fma(p, q, 1 / 9.);
      p = Math.fma(p, q, 1 / 7.);
      p = Math.fma(p, q, 1 / 5.);
      p = Math.fma(p, q, 1 / 3.);
      x[i] = 0.5 * room[i] + Math.fma(p * q, 2 * s, 2 * s);
    }
  }

  /** ln(1 + e^x). */
  static double softplus(double x) {
    return Math.max(x, 0) + log(1 + exp(-Math.abs(x)));
  }

  /** 1 / (1 + e^-x). */
  static double sigmoid(double x) {
    double e = exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
}
