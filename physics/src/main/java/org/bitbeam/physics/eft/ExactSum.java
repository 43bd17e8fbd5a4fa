package org.bitbeam.physics.eft;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Sum of doubles without rounding: whatever the order and however parts are merged, {@link #value}
 * returns the double nearest to the exact sum (Neal, arXiv:1505.05571, small superaccumulator). For
 * one thread.
 */
final class ExactSum implements Serializable {
  private static final long serialVersionUID = 1L;

  // Bits of the exact sum in chunks of 32; chunk i counts 2^(32 i - 1088). The smallest double is
  // 2^-1074, the largest below 2^1024, and 2^31 terms may carry beyond.
  static final int CHUNKS = 68;
  private static final int LOWEST = -1088;
  // Each term adds less than 2^32 to a chunk.
  private static final int ADDITIONS_BEFORE_CARRY = 1 << 29;

  private final long[] chunks = new long[CHUNKS];
  private int additions;
  private double notFinite; // NaN or an infinity once one was added

  void add(double value) {
    if (!Double.isFinite(value)) {
      notFinite += value;
      return;
    }
    long bits = Double.doubleToLongBits(value);
    int exponent = (int) (bits >>> 52 & 0x7FF);
    long mantissa = bits & (1L << 52) - 1;
    if (exponent == 0) {
      exponent = 1;
    } else {
      mantissa |= 1L << 52;
    }
    // value = mantissa * 2^(exponent - 1075)
    int shift = exponent - 1075 - LOWEST;
    int chunk = shift >>> 5;
    int within = shift & 31;
    // 53 bits shifted by up to 31 span three chunks.
    long low = mantissa << within & 0xFFFF_FFFFL;
    long middle = mantissa >>> (32 - within) & 0xFFFF_FFFFL;
    long high = within == 0 ? 0 : mantissa >>> (64 - within);
    if (within == 0) {
      middle = mantissa >>> 32;
    }
    if (bits < 0) {
      low = -low;
      middle = -middle;
      high = -high;
    }
    chunks[chunk] += low;
    chunks[chunk + 1] += middle;
    chunks[chunk + 2] += high;
    if (++additions == ADDITIONS_BEFORE_CARRY) {
      carry();
    }
  }

  void add(ExactSum other) {
    carry();
    other.carry();
    for (int i = 0; i < CHUNKS; i++) {
      chunks[i] += other.chunks[i];
    }
    additions = 2;
    notFinite += other.notFinite;
  }

  /** Leaves less than 2^32 in every chunk but the highest. */
  private void carry() {
    for (int i = 0; i < CHUNKS - 1; i++) {
      long carried = chunks[i] >> 32;
      chunks[i] -= carried << 32;
      chunks[i + 1] += carried;
    }
    additions = 1;
  }

  /** The double nearest to the sum, ties to even; NaN or an infinity if one was added. */
  double value() {
    if (notFinite != 0) {
      return notFinite;
    }
    BigInteger sum = BigInteger.ZERO;
    for (int i = CHUNKS - 1; i >= 0; i--) {
      sum = sum.shiftLeft(32).add(BigInteger.valueOf(chunks[i]));
    }
    if (sum.signum() == 0) {
      return 0;
    }
    int spare = Math.min(sum.getLowestSetBit(), -LOWEST);
    BigDecimal scale = new BigDecimal(BigInteger.TWO.pow(-LOWEST - spare));
    // The division is exact, by a power of two; doubleValue rounds to nearest.
    return new BigDecimal(sum.shiftRight(spare)).divide(scale).doubleValue();
  }

  /** The chunks after carrying, and what is not finite, for storing. */
  long[] state() {
    carry();
    long[] state = java.util.Arrays.copyOf(chunks, CHUNKS + 1);
    state[CHUNKS] = Double.doubleToLongBits(notFinite);
    return state;
  }

  static ExactSum of(long[] state) {
    ExactSum sum = new ExactSum();
    System.arraycopy(state, 0, sum.chunks, 0, CHUNKS);
    sum.notFinite = Double.longBitsToDouble(state[CHUNKS]);
    sum.additions = 1;
    return sum;
  }
}
