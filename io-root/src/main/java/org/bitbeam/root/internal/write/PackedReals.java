package org.bitbeam.root.internal.write;

import org.bitbeam.root.RealStorage;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Output;

/**
 * Floats in fewer bits as a TTree stores them ({@code Float16_t}, {@code Double32_t}): whole
 * numbers over a range, or a byte of exponent and two bytes with sign and mantissa.
 */
final class PackedReals {
  private static final int EXPONENT_AND_SIGN = 9;
  private static final int MOST_MANTISSA = 14;
  private static final int FEWEST = 2;

  private final String range;
  private final boolean isRange;
  private final int mantissa;
  private final double min;
  private final double max;
  private final double factor;

  private PackedReals(
      String range, boolean isRange, int mantissa, double min, double max, double factor) {
    this.range = range;
    this.isRange = isRange;
    this.mantissa = mantissa;
    this.min = min;
    this.max = max;
    this.factor = factor;
  }

  /**
   * The packing that a storage asks for.
   *
   * @throws UnsupportedRootException when a TTree has none of so many bits
   */
  static PackedReals of(String context, RealStorage storage) {
    if (storage instanceof RealStorage.Quantised q) {
      if (q.bits() < FEWEST) {
        throw new UnsupportedRootException(
            context + ": a TTree does not quantise floats to fewer than " + FEWEST + " bits");
      }
      double steps = q.bits() == 32 ? 0xffffffffL : 1L << q.bits();
      return new PackedReals(
          "[" + q.min() + "," + q.max() + "," + q.bits() + "]",
          true,
          0,
          q.min(),
          q.max(),
          steps / (q.max() - q.min()));
    }
    if (!(storage instanceof RealStorage.Truncated truncated)) {
      throw new UnsupportedRootException(
          context + ": a TTree has no floats of half precision; use Truncated");
    }
    int mantissa = truncated.bits() - EXPONENT_AND_SIGN;
    if (mantissa < FEWEST || mantissa > MOST_MANTISSA) {
      throw new UnsupportedRootException(
          context
              + ": a TTree stores floats in "
              + (FEWEST + EXPONENT_AND_SIGN)
              + " to "
              + (MOST_MANTISSA + EXPONENT_AND_SIGN)
              + " bits, not in "
              + (mantissa + EXPONENT_AND_SIGN));
    }
    return new PackedReals("[0,0," + mantissa + "]", false, mantissa, 0, 0, 0);
  }

  /** Range and bits, as they stand behind the type of a leaf. */
  String range() {
    return range;
  }

  /** Bytes of a number. */
  int bytes() {
    return isRange ? 4 : 3;
  }

  /** Writes a number, rounded. */
  void write(Output out, String column, double value) {
    if (isRange) {
      if (!(value >= min && value <= max)) {
        throw new IllegalArgumentException(
            "column "
                + column
                + ": "
                + value
                + " is outside of "
                + min
                + " to "
                + max
                + ", the range that it is to be stored in");
      }
      out.i32((int) (long) (0.5 + factor * (value - min)));
      return;
    }
    int bits = Float.floatToRawIntBits((float) value);
    int most = (1 << mantissa) - 1;
    int rounded = ((bits >> (22 - mantissa)) & ((1 << (mantissa + 1)) - 1)) + 1 >> 1;
    int exponent = bits >>> 23 & 0xff;
    boolean isNaN = Double.isNaN(value);
    int stored = exponent == 0xff ? (isNaN ? most : 0) : Math.min(rounded, most);
    out.u8(exponent).i16(stored | (bits < 0 ? 1 << (mantissa + 1) : 0));
  }
}
