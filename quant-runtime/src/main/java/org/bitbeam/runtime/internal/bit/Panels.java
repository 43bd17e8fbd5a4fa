package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;

/**
 * The right side of a product as kernels read it: columns cut into panels whose rows lie one behind
 * the other. Columns are filled up to a multiple of {@link Kernels#LANES}; a panel has {@code
 * widest} of them, or a half, a quarter, ... where fewer are left. The panel that begins at column
 * n begins at element K * n.
 */
final class Panels {
  private Panels() {}

  /** Columns of the panel that begins where {@code left} columns are left, a multiple of 16. */
  static int width(int widest, int left) {
    int width = widest;
    while (width > left) {
      width /= 2;
    }
    return width;
  }

  /**
   * Rearranges K rows of {@code columns} numbers.
   *
   * @param to receives K rows of padded columns; those filled up are zero
   */
  static void pack(
      int widest, int inner, int columns, float[] b, int at, int row, float[] to, int start) {
    int wide = Kernels.padded(columns);
    int next = start;
    for (int n = 0; n < wide; n += width(widest, wide - n)) {
      int width = width(widest, wide - n);
      int count = Math.min(width, columns - n);
      for (int k = 0; k < inner; k++, next += width) {
        int from = at + k * row + n;
        for (int i = 0; i < count; i++) {
          to[next + i] = b[from + i];
        }
        for (int i = count; i < width; i++) {
          to[next + i] = 0;
        }
      }
    }
  }

  /** The same for a matrix whose rows or columns are in one piece. */
  static void pack(int widest, int inner, int columns, Strided b, int at, float[] to) {
    int row = b.strides()[b.rank() - 2];
    int column = b.strides()[b.rank() - 1];
    if (column == 1) {
      pack(widest, inner, columns, b.values(), at, row, to, 0);
      return;
    }
    int wide = Kernels.padded(columns);
    if (wide > columns) {
      Arrays.fill(to, 0, inner * wide, 0);
    }
    int next = 0;
    for (int n = 0, width; n < wide; n += width, next += inner * width) {
      width = width(widest, wide - n);
      int end = Math.min(width, columns - n);
      int i = 0;
      for (; i + 4 <= end; i += 4) {
        four(inner, b.values(), at + (n + i) * column, column, to, next + i, width);
      }
      for (; i < end; i++) {
        int from = at + (n + i) * column;
        for (int k = 0; k < inner; k++) {
          to[next + k * width + i] = b.values()[from + k];
        }
      }
    }
  }

  /** Four columns, each in one piece. */
  private static void four(
      int inner, float[] b, int at, int column, float[] to, int start, int width) {
    int b1 = at + column;
    int b2 = b1 + column;
    int b3 = b2 + column;
    int next = start;
    for (int k = 0; k < inner; k++) {
      to[next] = b[at + k];
      to[next + 1] = b[b1 + k];
      to[next + 2] = b[b2 + k];
      to[next + 3] = b[b3 + k];
      next += width;
    }
  }

  /** The same into an array of its own. */
  static float[] of(Kernels kernels, int inner, int columns, float[] b, int row) {
    float[] packed = new float[Math.multiplyExact(inner, Kernels.padded(columns))];
    pack(kernels.panel(), inner, columns, b, 0, row, packed, 0);
    return packed;
  }
}
