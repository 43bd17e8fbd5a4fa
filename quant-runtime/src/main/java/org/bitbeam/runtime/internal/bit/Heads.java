package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * softmax(q kT * factor + bias) v for one matrix after the other, some rows of the scores at a
 * time, so that they never leave the cache. Two kinds of work are left out, both found by looking
 * at the numbers, so any padded network gains: a row that repeats the one before it, bias included,
 * and the keys at the end whose bias is so low that their weights are certainly zero.
 */
final class Heads {
  private static final int BLOCK = 16;

  /** A bias below this may come from a mask. */
  private static final float MASKED = -1e4f;

  private final Kernels kernels;
  private final int rows;
  private final int columns;
  private final int depth;
  private final int width;
  private float factor; // of the matrix at hand
  private final float @Nullable [] bias;
  private final int across;
  private final float[] noBias;
  private final float[] keys;
  private final float[] held; // the values, rows filled up
  private final float[] queries;
  private final float[] scores;
  private final float[] sums;
  private final int[] chosen = new int[BLOCK];
  private final boolean[] repeats;
  private final float[] work;

  Heads(
      Kernels kernels,
      Frame frame,
      int rows,
      int columns,
      int depth,
      int width,
      float @Nullable [] bias) {
    this.kernels = kernels;
    this.rows = rows;
    this.columns = columns;
    this.depth = depth;
    this.width = width;
    this.bias = bias;
    this.across = Kernels.padded(width);
    int wide = Kernels.padded(columns);
    this.noBias = bias == null ? new float[columns] : bias;
    this.scores = frame.scratch(2, BLOCK * wide);
    this.keys = frame.scratch(3, depth * wide);
    this.held = frame.scratch(11, columns * across);
    this.sums = frame.scratch(12, BLOCK * across);
    this.queries = frame.scratch(13, BLOCK * depth);
    this.repeats = new boolean[rows];
    this.work = frame.work();
  }

  /**
   * One matrix. Elements of a row of q and v are neighbours.
   *
   * @param factor of the products
   * @param atQ where the matrix begins; so for k and v
   * @param lines numbers of the bias's lines, one per row, from {@code line} on
   */
  void run(
      float factor,
      Strided q,
      int atQ,
      Strided k,
      int atK,
      Strided v,
      int atV,
      int[] lines,
      int line,
      float[] y,
      int to) {
    this.factor = factor;
    int used = used(q, atQ, k, atK, v, atV, lines, line);
    Panels.pack(kernels.panel(), depth, used, k, atK, keys);
    Panels.pack(kernels.panel(), used, width, v, atV, held);
    int rowQ = q.strides()[q.rank() - 2];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      repeats[row] = row > 0 && repeats(q.values(), atQ + row * rowQ, rowQ, lines, line + row);
      if (!repeats[row]) {
        System.arraycopy(q.values(), atQ + row * rowQ, queries, count * depth, depth);
        chosen[count++] = row;
      }
      if (count == BLOCK || (row == rows - 1 && count > 0)) {
        block(count, used, lines, line, y, to);
        count = 0;
      }
    }
    for (int row = 1; row < rows; row++) {
      if (repeats[row]) {
        System.arraycopy(y, to + (row - 1) * width, y, to + row * width, width);
      }
    }
  }

  /** Whether a row and its bias are those of the row before. */
  private boolean repeats(float[] q, int at, int rowQ, int[] lines, int line) {
    if (!Arrays.equals(q, at, at + depth, q, at - rowQ, at - rowQ + depth)) {
      return false;
    }
    int here = lines[line] * columns;
    int before = lines[line - 1] * columns;
    return bias == null
        || here == before
        || Arrays.equals(bias, here, here + columns, bias, before, before + columns);
  }

  /**
   * How many keys can have a weight. Those behind have a masking bias in every row; each of their
   * scores is at most depth * max|q| * max|k| * factor + bias, which must lie far below the least
   * that the first key can have.
   */
  private int used(
      Strided q, int atQ, Strided k, int atK, Strided v, int atV, int[] lines, int line) {
    if (bias == null) {
      return columns;
    }
    int used = 1;
    float least = Float.POSITIVE_INFINITY; // bias of the first key
    float most = Float.NEGATIVE_INFINITY; // bias of keys left out
    for (int row = 0; row < rows && used < columns; row++) {
      int at = lines[line + row] * columns;
      least = Math.min(least, bias[at]);
      int last = columns;
      while (last > used && bias[at + last - 1] < MASKED) {
        most = Math.max(most, bias[at + last - 1]);
        last--;
      }
      used = last;
    }
    if (used == columns) {
      return columns;
    }
    double score =
        (double) depth
            * largest(q, atQ, rows, depth)
            * largest(k, atK, depth, columns)
            * Math.abs(factor);
    int rowV = v.strides()[v.rank() - 2];
    boolean finite = largest(v, atV + used * rowV, columns - used, width) <= Float.MAX_VALUE;
    // Twice the bound, for rounding; a comparison with NaN fails.
    return finite && most + 2 * score < least - 2 * score + 2 * FloatMath.NEGLIGIBLE
        ? used
        : columns;
  }

  /**
   * Largest magnitude of a matrix whose rows or columns are in one piece; infinity or NaN if there
   * is one in it.
   */
  private float largest(Strided x, int at, int rows, int columns) {
    int row = x.strides()[x.rank() - 2];
    int column = x.strides()[x.rank() - 1];
    boolean across = column == 1;
    int lines = across ? rows : columns;
    int step = across ? row : column;
    int count = across ? columns : rows;
    float largest = 0;
    for (int i = 0; i < lines; i++) {
      largest = Math.max(largest, kernels.largest(x.values(), at + i * step, count));
    }
    return largest;
  }

  private void block(int count, int used, int[] lines, int line, float[] y, int to) {
    int wide = Kernels.padded(used);
    Arrays.fill(scores, 0, count * wide, 0);
    kernels.multiplyAdd(count, depth, wide, queries, 0, depth, keys, 0, scores, 0, wide);
    for (int r = 0; r < count; r++) {
      int from = bias == null ? 0 : lines[line + chosen[r]] * columns;
      kernels.scaleShift(scores, r * wide, used, factor, noBias, from);
      kernels.softmax(scores, r * wide, used, work);
    }
    Arrays.fill(sums, 0, count * across, 0);
    kernels.multiplyAdd(count, used, across, scores, 0, wide, held, 0, sums, 0, across);
    for (int r = 0; r < count; r++) {
      System.arraycopy(sums, r * across, y, to + chosen[r] * width, width);
    }
  }
}
