package org.bitbeam.root.internal.ntuple;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns the bytes of a page into numbers. Elements are little-endian, may be split (all first
 * bytes, then all second bytes ...), zigzag (the sign in the lowest bit) or differences (index
 * columns), or packed into a stream of bits from the lowest on.
 */
final class PageDecoder {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SWITCH_BYTES = 12;

  private PageDecoder() {}

  /**
   * A page in memory.
   *
   * @param data its bytes, decompressed, from {@code at} on
   * @param elements all of the page
   */
  record Page(byte[] data, int at, int elements) {
    private ByteBuffer buffer(int skip, int count, int width) {
      return ByteBuffer.wrap(data, at + skip * width, count * width)
          .slice()
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  static void bits(Page page, int skip, int count, boolean[] out, int to) {
    for (int i = 0; i < count; i++) {
      int bit = skip + i;
      out[to + i] = (page.data[page.at + (bit >> 3)] >> (bit & 7) & 1) != 0;
    }
  }

  static void bytes(Page page, int skip, int count, byte[] out, int to) {
    System.arraycopy(page.data, page.at + skip, out, to, count);
  }

  static void shorts(Encoding encoding, Page page, int skip, int count, short[] out, int to) {
    if (!encoding.isSplit()) {
      page.buffer(skip, count, Short.BYTES).asShortBuffer().get(out, to, count);
      return;
    }
    byte[] in = page.data;
    int a = page.at + skip;
    int b = a + page.elements;
    for (int i = 0; i < count; i++) {
      out[to + i] = (short) (in[a + i] & 0xff | in[b + i] << 8);
    }
    if (encoding.isZigzag()) {
      for (int i = to; i < to + count; i++) {
        int value = out[i] & 0xffff;
        out[i] = (short) (value >>> 1 ^ -(value & 1));
      }
    }
  }

  static void ints(Encoding encoding, Page page, int skip, int count, int[] out, int to) {
    if (!encoding.isSplit()) {
      page.buffer(skip, count, Integer.BYTES).asIntBuffer().get(out, to, count);
      return;
    }
    SplitBytes.ints(page.data, page.at + skip, page.elements, count, out, to);
    if (encoding.isZigzag()) {
      for (int i = to; i < to + count; i++) {
        out[i] = out[i] >>> 1 ^ -(out[i] & 1);
      }
    }
  }

  static void longs(Encoding encoding, Page page, int skip, int count, long[] out, int to) {
    if (!encoding.isSplit()) {
      page.buffer(skip, count, Long.BYTES).asLongBuffer().get(out, to, count);
      return;
    }
    SplitBytes.longs(page.data, page.at + skip, page.elements, count, out, to);
    if (encoding.isZigzag()) {
      for (int i = to; i < to + count; i++) {
        out[i] = out[i] >>> 1 ^ -(out[i] & 1);
      }
    }
  }

  /** Real numbers in single precision. */
  static void floats(
      Description.PhysicalColumn column, Page page, int skip, int count, float[] out, int to) {
    Encoding encoding = encoding(column);
    switch (encoding) {
      case REAL32 -> page.buffer(skip, count, Float.BYTES).asFloatBuffer().get(out, to, count);
      case SPLIT_REAL32 ->
          SplitBytes.floats(page.data, page.at + skip, page.elements, count, out, to);
      case REAL16, SPLIT_REAL16 -> {
        short[] halves = new short[count];
        shorts(encoding, page, skip, count, halves, 0);
        for (int i = 0; i < count; i++) {
          out[to + i] = half(halves[i]);
        }
      }
      case REAL32_TRUNCATED -> {
        int bits = column.bits();
        for (int i = 0; i < count; i++) {
          out[to + i] =
              Float.intBitsToFloat((int) packed(page, (long) (skip + i) * bits, bits) << 32 - bits);
        }
      }
      case REAL32_QUANTISED -> {
        double scale = scale(column);
        for (int i = 0; i < count; i++) {
          out[to + i] = (float) quantised(column, page, skip + i, scale);
        }
      }
      default -> throw new IllegalArgumentException(encoding + " in a column of floats");
    }
  }

  /** Real numbers in double precision. */
  static void doubles(
      Description.PhysicalColumn column, Page page, int skip, int count, double[] out, int to) {
    Encoding encoding = encoding(column);
    switch (encoding) {
      case REAL64 -> page.buffer(skip, count, Double.BYTES).asDoubleBuffer().get(out, to, count);
      case SPLIT_REAL64 ->
          SplitBytes.doubles(page.data, page.at + skip, page.elements, count, out, to);
      case REAL32_QUANTISED -> {
        double scale = scale(column);
        for (int i = 0; i < count; i++) {
          out[to + i] = quantised(column, page, skip + i, scale);
        }
      }
      default -> {
        float[] floats = new float[count];
        floats(column, page, skip, count, floats, 0);
        for (int i = 0; i < count; i++) {
          out[to + i] = floats[i];
        }
      }
    }
  }

  private static Encoding encoding(Description.PhysicalColumn column) {
    Encoding encoding = column.encoding();
    if (encoding == null) {
      throw new IllegalArgumentException("column " + column.id() + " of unknown encoding");
    }
    return encoding;
  }

  private static double scale(Description.PhysicalColumn column) {
    return (column.max() - column.min()) / ((1L << column.bits()) - 1);
  }

  private static double quantised(
      Description.PhysicalColumn column, Page page, int element, double scale) {
    long value = packed(page, (long) element * column.bits(), column.bits());
    return column.min() + value * scale;
  }

  /** Up to 32 bits from a stream of bits. */
  private static long packed(Page page, long bit, int bits) {
    int at = page.at + (int) (bit >> 3);
    int shift = (int) (bit & 7);
    long word = 0;
    int bytes = (shift + bits + 7) >> 3;
    for (int i = 0; i < bytes; i++) {
      word |= (page.data[at + i] & 0xffL) << 8 * i;
    }
    return word >>> shift & (1L << bits) - 1;
  }

  /** IEEE half precision, widened. */
  static float half(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
    }
    if (exponent == 0) {
      // Zero or subnormal: a multiple of 2^-24.
      float value = mantissa * 0x1p-24f;
      return sign != 0 ? -value : value;
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
  }

  /** Index values, with their differences summed up. */
  static void indices(Encoding encoding, Page page, int skip, int count, long[] out, int to) {
    byte[] in = page.data;
    switch (encoding) {
      case INDEX32 -> {
        for (int i = 0; i < count; i++) {
          out[to + i] = (int) INT.get(in, page.at + Integer.BYTES * (skip + i)) & 0xffffffffL;
        }
      }
      case INDEX64 -> {
        for (int i = 0; i < count; i++) {
          out[to + i] = (long) LONG.get(in, page.at + Long.BYTES * (skip + i));
        }
      }
      case SPLIT_INDEX32 -> {
        int[] differences = new int[skip + count];
        SplitBytes.ints(in, page.at, page.elements, skip + count, differences, 0);
        int sum = 0;
        for (int i = 0; i < skip; i++) {
          sum += differences[i];
        }
        for (int i = 0; i < count; i++) {
          sum += differences[skip + i];
          out[to + i] = sum & 0xffffffffL;
        }
      }
      case SPLIT_INDEX64 -> {
        long sum = 0;
        if (skip > 0) {
          long[] before = new long[skip];
          SplitBytes.longs(in, page.at, page.elements, skip, before, 0);
          for (long difference : before) {
            sum += difference;
          }
        }
        SplitBytes.longs(in, page.at + skip, page.elements, count, out, to);
        for (int i = to; i < to + count; i++) {
          sum += out[i];
          out[i] = sum;
        }
      }
      default -> throw new IllegalArgumentException(encoding + " in an index column");
    }
  }

  /** Elements of a variant: number of the value among those of its alternative, and which it is. */
  static void switches(Page page, int skip, int count, long[] indices, int[] tags, int to) {
    for (int i = 0; i < count; i++) {
      int at = page.at + SWITCH_BYTES * (skip + i);
      indices[to + i] = (long) LONG.get(page.data, at);
      tags[to + i] = (int) INT.get(page.data, at + Long.BYTES);
    }
  }
}
