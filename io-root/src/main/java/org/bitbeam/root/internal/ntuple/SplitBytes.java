package org.bitbeam.root.internal.ntuple;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Puts split numbers together again: in a page all lowest bytes come first, then all second bytes
 * and so on (RNTuple specification, split encodings).
 *
 * <p>Eight numbers at a time: a {@code long} holds the same byte of eight of them, and two masks
 * and a shift bring neighbouring bytes beside each other, once for the even and once for the odd
 * ones. Byte by byte takes three times as long.
 */
final class SplitBytes {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Every second byte, every second pair of bytes, the lower half. */
  private static final long BYTES = 0x00ff00ff00ff00ffL;

  private static final long SHORTS = 0x0000ffff0000ffffL;
  private static final long LOWER = 0xffffffffL;

  /** 64-bit numbers are made of the two halves of this many at a time. */
  private static final int BLOCK = 1024;

  private SplitBytes() {}

  /**
   * 32-bit numbers.
   *
   * @param in all bytes of the page
   * @param at where the lowest byte of the first wanted one is
   * @param stride distance between the bytes of a number, the elements of the page
   */
  static void ints(byte[] in, int at, int stride, int count, int[] out, int to) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      long a = (long) EIGHT.get(in, at + i);
      long b = (long) EIGHT.get(in, at + i + stride);
      long c = (long) EIGHT.get(in, at + i + 2 * stride);
      long d = (long) EIGHT.get(in, at + i + 3 * stride);
      long lowEven = a & BYTES | (b & BYTES) << 8;
      long lowOdd = a >>> 8 & BYTES | b & ~BYTES;
      long highEven = c & BYTES | (d & BYTES) << 8;
      long highOdd = c >>> 8 & BYTES | d & ~BYTES;
      long of04 = lowEven & SHORTS | (highEven & SHORTS) << 16;
      long of26 = lowEven >>> 16 & SHORTS | highEven & ~SHORTS;
      long of15 = lowOdd & SHORTS | (highOdd & SHORTS) << 16;
      long of37 = lowOdd >>> 16 & SHORTS | highOdd & ~SHORTS;
      int o = to + i;
      out[o] = (int) of04;
      out[o + 1] = (int) of15;
      out[o + 2] = (int) of26;
      out[o + 3] = (int) of37;
      out[o + 4] = (int) (of04 >>> 32);
      out[o + 5] = (int) (of15 >>> 32);
      out[o + 6] = (int) (of26 >>> 32);
      out[o + 7] = (int) (of37 >>> 32);
    }
    for (; i < count; i++) {
      int first = at + i;
      out[to + i] =
          in[first] & 0xff
              | (in[first + stride] & 0xff) << 8
              | (in[first + 2 * stride] & 0xff) << 16
              | in[first + 3 * stride] << 24;
    }
  }

  /** Single precision; parameters as for {@link #ints}. */
  static void floats(byte[] in, int at, int stride, int count, float[] out, int to) {
    int[] bits = new int[Math.min(count, BLOCK)];
    for (int done = 0; done < count; done += BLOCK) {
      int n = Math.min(BLOCK, count - done);
      ints(in, at + done, stride, n, bits, 0);
      for (int i = 0; i < n; i++) {
        out[to + done + i] = Float.intBitsToFloat(bits[i]);
      }
    }
  }

  /** 64-bit numbers; parameters as for {@link #ints}. */
  static void longs(byte[] in, int at, int stride, int count, long[] out, int to) {
    int[] low = new int[Math.min(count, BLOCK)];
    int[] high = new int[low.length];
    for (int done = 0; done < count; done += BLOCK) {
      int n = Math.min(BLOCK, count - done);
      ints(in, at + done, stride, n, low, 0);
      ints(in, at + done + 4 * stride, stride, n, high, 0);
      for (int i = 0; i < n; i++) {
        out[to + done + i] = low[i] & LOWER | (long) high[i] << 32;
      }
    }
  }

  /** Double precision; parameters as for {@link #ints}. */
  static void doubles(byte[] in, int at, int stride, int count, double[] out, int to) {
    long[] bits = new long[Math.min(count, BLOCK)];
    for (int done = 0; done < count; done += BLOCK) {
      int n = Math.min(BLOCK, count - done);
      longs(in, at + done, stride, n, bits, 0);
      for (int i = 0; i < n; i++) {
        out[to + done + i] = Double.longBitsToDouble(bits[i]);
      }
    }
  }
}
