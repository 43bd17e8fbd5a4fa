package org.bitbeam.columns;

/** Joins CRC-32 checksums of parts to that of the whole. */
final class Crc32 {
  private static final int POLYNOMIAL = 0xedb88320;

  private Crc32() {}

  /** Checksum of a followed by b, from those of a and b and the length of b. */
  static long combine(long a, long b, long lengthOfB) {
    // Appending a zero byte multiplies by x^8 modulo the polynomial; bits are reflected, so x^0 is
    // the top bit.
    int shift = power(lengthOfB);
    return (multiply((int) a, shift) ^ (int) b) & 0xffffffffL;
  }

  private static int power(long bytes) {
    int result = 0x80000000;
    int square = 0x00800000; // x^8
    for (long n = bytes; n > 0; n >>= 1) {
      if ((n & 1) != 0) {
        result = multiply(result, square);
      }
      square = multiply(square, square);
    }
    return result;
  }

  private static int multiply(int a, int b) {
    int product = 0;
    int factor = b;
    for (int bit = 0; bit < 32; bit++) {
      if ((a & (0x80000000 >>> bit)) != 0) {
        product ^= factor;
      }
      factor = (factor & 1) != 0 ? factor >>> 1 ^ POLYNOMIAL : factor >>> 1;
    }
    return product;
  }
}
