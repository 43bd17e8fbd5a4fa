package org.bitbeam.root;

/** How floating-point numbers of a column are stored in fewer bits; values are rounded for good. */
public sealed interface RealStorage {

  /**
   * The sign, the exponent and the upper bits of the mantissa; the rest is cut off.
   *
   * @param bits 10 to 31
   */
  record Truncated(int bits) implements RealStorage {
    public Truncated {
      if (bits < 10 || bits > 31) {
        throw new IllegalArgumentException("floats truncated to " + bits + " bits, of 10 to 31");
      }
    }
  }

  /** Numbers of 16 bits (IEEE 754 binary16), rounded to even; in ntuples only. */
  record Half() implements RealStorage {}

  /**
   * Whole numbers that spread evenly over a range. Values outside of it, and NaN, are refused.
   *
   * @param bits 1 to 32
   * @param min smallest value
   * @param max largest value
   */
  record Quantised(int bits, double min, double max) implements RealStorage {
    public Quantised {
      if (bits < 1 || bits > 32) {
        throw new IllegalArgumentException("floats quantised to " + bits + " bits, of 1 to 32");
      }
      if (!(min < max) || Double.isInfinite(max - min)) {
        throw new IllegalArgumentException("floats quantised from " + min + " to " + max);
      }
    }
  }
}
