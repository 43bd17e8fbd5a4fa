package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows with the same numbers as an earlier row: padding, and pairs that are symmetric. What is
 * computed row by row is computed once for them, which changes no bit. Rows that differ in the sign
 * of a zero are different.
 */
final class EqualRows {
  private static final int SAMPLES = 8; // elements of a row that are hashed

  /** Odd numbers picked at random, one a sample. */
  private static final long[] FACTORS = {
    0xF2A74DE452E6B439L, 0x6513270E269E0D37L, 0xC5C7FD0A6A3A451L, 0xD23F0824128B2F33L,
    0x1818E811892F902BL, 0x9531985D5D9DC9F9L, 0xE8E25D940ED90475L, 0x36F675CC81E74EF5L
  };

  private static final int MAX_PROBES = 8;
  private static final int MIN_ROWS = 8;

  private final Frame frame;
  private final int width;
  private final float[][] results;
  private final int[] widths;
  private final Blocks blocks;
  private final int[] starts;
  private final int[] zeros;
  private final float[][] parts;
  private final int[] chosen = new int[Dense.BLOCK];

  /** What maps a block of rows to one row of each result. */
  @FunctionalInterface
  interface Blocks {
    /** At most {@link Dense#BLOCK} rows. */
    void rows(float[] x, int at, int count, float[][] results, int[] starts);
  }

  /**
   * Prepares to apply {@code blocks} to rows of {@code width} elements.
   *
   * @param results what each block fills; rows of {@code widths[i]} elements
   */
  EqualRows(Frame frame, int width, float[][] results, int[] widths, Blocks blocks) {
    this.frame = frame;
    this.width = width;
    this.results = results;
    this.widths = widths;
    this.blocks = blocks;
    this.starts = new int[results.length];
    this.zeros = new int[results.length];
    this.parts = new float[results.length][];
  }

  /** Applies the blocks to all rows, to equal ones once. */
  void run(float[] x, int rows) {
    int[] first = find(frame, x, rows, width);
    if (first == null) {
      int block = even(rows);
      for (int row = 0; row < rows; row += block) {
        startAt(row);
        blocks.rows(x, row * width, Math.min(block, rows - row), results, starts);
      }
      return;
    }
    int count = 0;
    for (int row = 0; row < rows; row++) {
      if (first[row] == row) {
        chosen[count++] = row;
      }
      if (count == Dense.BLOCK || (row == rows - 1 && count > 0)) {
        if (chosen[count - 1] - chosen[0] == count - 1) {
          startAt(chosen[0]);
          blocks.rows(x, chosen[0] * width, count, results, starts);
        } else {
          gathered(x, count);
        }
        count = 0;
      }
    }
    for (int i = 0; i < results.length; i++) {
      for (int row = 0; row < rows; row++) {
        if (first[row] != row) {
          copy(results[i], first[row] * widths[i], results[i], row * widths[i], widths[i]);
        }
      }
    }
  }

  /** Rows of a block so that no block is much smaller than the others; a multiple of four. */
  private static int even(int rows) {
    int blocks = (rows + Dense.BLOCK - 1) / Dense.BLOCK;
    return blocks <= 1 ? Dense.BLOCK : ((rows + blocks - 1) / blocks + 3) / 4 * 4;
  }

  private void startAt(int row) {
    for (int i = 0; i < starts.length; i++) {
      starts[i] = row * widths[i];
    }
  }

  private void gathered(float[] x, int count) {
    float[] rows = frame.scratch(7, Dense.BLOCK * width);
    for (int i = 0, run; i < count; i += run) {
      run = run(chosen, i, count);
      System.arraycopy(x, chosen[i] * width, rows, i * width, run * width);
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i] = frame.scratch(20 + i, Dense.BLOCK * widths[i]);
    }
    blocks.rows(rows, 0, count, parts, zeros);
    for (int i = 0; i < parts.length; i++) {
      int w = widths[i];
      for (int k = 0, run; k < count; k += run) {
        run = run(chosen, k, count);
        System.arraycopy(parts[i], k * w, results[i], chosen[k] * w, run * w);
      }
    }
  }

  /** How many of the chosen rows follow each other. */
  private static int run(int[] chosen, int from, int count) {
    int end = from + 1;
    while (end < count && chosen[end] == chosen[end - 1] + 1) {
      end++;
    }
    return end - from;
  }

  /** Rows are short, the compiler's loop beats a call. */
  private static void copy(float[] from, int at, float[] to, int start, int count) {
    for (int i = 0; i < count; i++) {
      to[start + i] = from[at + i];
    }
  }

  /**
   * For each row the first one that equals it; null where an eighth of them or fewer repeat. Valid
   * until the next call with this frame.
   */
  static int @Nullable [] find(Frame frame, float[] x, int rows, int width) {
    if (rows < MIN_ROWS || width == 0) {
      return null;
    }
    int size = Integer.highestOneBit(rows) * 4;
    int[] table = frame.ints(0, size); // row + 1
    Arrays.fill(table, 0, size, 0);
    int[] first = frame.ints(1, rows);
    int repeats = 0;
    for (int row = 0; row < rows; row++) {
      first[row] =
          row > 0 && equal(x, row, row - 1, width)
              ? first[row - 1]
              : enter(table, size, x, row, width);
      repeats += first[row] == row ? 0 : 1;
    }
    return repeats * 8 > rows ? first : null;
  }

  private static int enter(int[] table, int size, float[] x, int row, int width) {
    int slot = hash(x, row * width, width) & (size - 1);
    for (int probe = 0; probe < MAX_PROBES; probe++) {
      int other = table[slot] - 1;
      if (other < 0) {
        table[slot] = row + 1;
        return row;
      }
      if (equal(x, row, other, width)) {
        return other;
      }
      slot = (slot + 1) & (size - 1);
    }
    return row;
  }

  private static int hash(float[] x, int at, int width) {
    int samples = Math.min(width, SAMPLES);
    long hash = 0;
    for (int i = 0; i < samples; i++) {
      hash += Float.floatToRawIntBits(x[at + i * width / samples]) * FACTORS[i];
    }
    return (int) (hash >>> 32);
  }

  private static boolean equal(float[] x, int row, int other, int width) {
    int a = row * width;
    int b = other * width;
    int first = Math.min(width, SAMPLES);
    for (int i = 0; i < first; i++) {
      if (Float.floatToRawIntBits(x[a + i]) != Float.floatToRawIntBits(x[b + i])) {
        return false;
      }
    }
    return width == first || Arrays.equals(x, a, a + width, x, b, b + width);
  }
}
