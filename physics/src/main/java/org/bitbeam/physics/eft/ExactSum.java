package org.bitbeam.physics.eft;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;

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

  /** Most terms that {@link #add(double[], int)} takes. */
  static final int BLOCK = 256;

  private static final int NONE = -1000;
  // A block's terms below 2^reach are cut into multiples of 2^(reach - 44), of 2^(reach - 88), and
  // what is left: sums of 256 such multiples have at most 53 bits, so they are exact.
  private static final int CUT = 44;
  private static final int LOWEST_REACH = -900;
  private static final int HIGHEST_REACH = 900;

  private final long[] chunks = new long[CHUNKS];
  private int additions;
  private double notFinite; // NaN or an infinity once one was added
  private transient int reach; // terms of a block are expected below 2^reach; no part of the sum

  /** Empty sums. */
  static ExactSum[] zeros(int count) {
    ExactSum[] sums = new ExactSum[count];
    Arrays.setAll(sums, i -> new ExactSum());
    return sums;
  }

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

  /**
   * Adds the first terms of a block: the same sum as one by one, at a fraction of the cost.
   *
   * @param count at most {@value #BLOCK}
   */
  void add(double[] values, int count) {
    if (!addCut(values, count)) {
      double largest = 0;
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, Math.abs(values[i])); // NaN if one is
      }
      if (largest == 0) {
        return;
      }
      reach = largest <= Double.MAX_VALUE ? Math.getExponent(largest) + 1 : NONE;
      if (!addCut(values, count)) {
        for (int i = 0; i < count; i++) {
          add(values[i]);
        }
      }
    }
  }

  /** Adds nothing and returns false where a term is not below 2^reach. */
  private boolean addCut(double[] values, int count) {
    if (reach < LOWEST_REACH || reach > HIGHEST_REACH) {
      return false;
    }
    double limit = Math.scalb(1, reach);
    // Adding and subtracting 1.5 * 2^(52 + e) rounds to multiples of 2^e.
    double coarse = Math.scalb(1.5, 52 + reach - CUT);
    double fine = Math.scalb(1.5, 52 + reach - 2 * CUT);
    double high0 = 0;
    double high1 = 0;
    double high2 = 0;
    double high3 = 0;
    double low0 = 0;
    double low1 = 0;
    double low2 = 0;
    double low3 = 0;
    boolean below = true;
    boolean rests = false;
    int i = 0;
    for (; i + 4 <= count; i += 4) { // four sums, so that none waits for the one before
      double a = values[i];
      double b = values[i + 1];
      double c = values[i + 2];
      double d = values[i + 3];
      double highA = a + coarse - coarse;
      double highB = b + coarse - coarse;
      double highC = c + coarse - coarse;
      double highD = d + coarse - coarse;
      double lowA = a - highA + fine - fine;
      double lowB = b - highB + fine - fine;
      double lowC = c - highC + fine - fine;
      double lowD = d - highD + fine - fine;
      high0 += highA;
      high1 += highB;
      high2 += highC;
      high3 += highD;
      low0 += lowA;
      low1 += lowB;
      low2 += lowC;
      low3 += lowD;
      below &=
          Math.abs(a) < limit & Math.abs(b) < limit & Math.abs(c) < limit & Math.abs(d) < limit;
      rests |= a - highA != lowA | b - highB != lowB | c - highC != lowC | d - highD != lowD;
    }
    for (; i < count; i++) {
      double high = values[i] + coarse - coarse;
      double low = values[i] - high + fine - fine;
      high0 += high;
      low0 += low;
      below &= Math.abs(values[i]) < limit;
      rests |= values[i] - high != low;
    }
    if (!below) {
      return false;
    }
    add(high0 + high1 + (high2 + high3));
    add(low0 + low1 + (low2 + low3));
    if (rests) {
      for (i = 0; i < count; i++) {
        double high = values[i] + coarse - coarse;
        double low = values[i] - high + fine - fine;
        add(values[i] - high - low);
      }
      reach = NONE; // perhaps far too high for the next block
    }
    return true;
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
    long[] state = Arrays.copyOf(chunks, CHUNKS + 1);
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
