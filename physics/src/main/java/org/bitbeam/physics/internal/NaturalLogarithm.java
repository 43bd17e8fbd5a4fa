package org.bitbeam.physics.internal;

/**
 * Natural logarithms in double precision, to 4e-16 relative (of 1 near 1: absolute): a fixed
 * sequence of additions, multiplications and fused multiply-adds, the same for every number, so the
 * same bits on every JVM and processor, and vector instructions where there are some.
 */
public final class NaturalLogarithm {
  private static final double LN2_HIGH = 0x1.62e42fefa39efp-1;
  private static final double LN2_LOW = 0x1.abc9e3b39803fp-56;
  private static final long SQRT_HALF = Double.doubleToRawLongBits(0.7071067811865476);

  private NaturalLogarithm() {}

  /** Of a normal positive number. */
  public static double of(double x) {
    long bits = Double.doubleToRawLongBits(x);
    long power = power(bits);
    return of(Double.longBitsToDouble(bits - (power << 52)), (int) power);
  }

  /**
   * In place.
   *
   * @param x normal positive numbers, or infinity
   * @param exponent room, as long as x
   */
  public static void apply(double[] x, double[] exponent, int count) {
    for (int i = 0; i < count; i++) {
      long bits = Double.doubleToRawLongBits(x[i]);
      long power = power(bits);
      exponent[i] = x[i] <= Double.MAX_VALUE ? (int) power : x[i];
      x[i] = Double.longBitsToDouble(bits - (power << 52));
    }
    for (int i = 0; i < count; i++) {
      x[i] = of(x[i], exponent[i]);
    }
  }

  /** The exponent with x = m 2^exponent, m from sqrt(1/2) to sqrt(2). */
  private static long power(long bits) {
    return bits - SQRT_HALF >> 52;
  }

  private static double of(double m, double exponent) {
    // ln m = 2 artanh(s), |s| <= 0.1716
    double s = (m - 1) / (m + 1);
    double q = s * s;
    double p = Math.fma(q, 1 / 23., 1 / 21.);
    p = Math.fma(p, q, 1 / 19.);
    p = Math.fma(p, q, 1 / 17.);
    p = Math.fma(p, q, 1 / 15.);
    p = Math.fma(p, q, 1 / 13.);
    p = Math.fma(p, q, 1 / 11.);
    p = Math.fma(p, q, 1 / 9.);
    p = Math.fma(p, q, 1 / 7.);
    p = Math.fma(p, q, 1 / 5.);
    p = Math.fma(p, q, 1 / 3.);
    double series = Math.fma(p * q, 2 * s, 2 * s);
    return Math.fma(exponent, LN2_HIGH, Math.fma(exponent, LN2_LOW, series));
  }
}
