package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * softmax(q kT * scale + bias) v for stacks of matrices, some rows of the scores at a time, so that
 * they never leave the cache.
 */
record Attention(Kernels kernels, int[] in, int out, float scale) implements Instruction {
  private static final int BLOCK = 16;

  @Override
  public void run(Frame frame) {
    FloatArray q = floats(frame, in[0], 2);
    FloatArray k = floats(frame, in[1], 2);
    FloatArray v = floats(frame, in[2], 2);
    int depth = q.shape()[q.rank() - 1];
    int rows = q.shape()[q.rank() - 2];
    int columns = k.shape()[k.rank() - 1];
    int width = v.shape()[v.rank() - 1];
    if (k.shape()[k.rank() - 2] != depth || v.shape()[v.rank() - 2] != columns) {
      throw new IllegalArgumentException(
          "attention of " + q.describe() + ", " + k.describe() + " and " + v.describe());
    }
    int[] stackQ = Arrays.copyOf(q.shape(), q.rank() - 2);
    int[] stackK = Arrays.copyOf(k.shape(), k.rank() - 2);
    int[] stackV = Arrays.copyOf(v.shape(), v.rank() - 2);
    int[] stack = Shapes.broadcast(Shapes.broadcast(stackQ, stackK), stackV);
    int[] atQ = Shapes.broadcastPositions(stackQ, stack);
    int[] atK = Shapes.broadcastPositions(stackK, stack);
    int[] atV = Shapes.broadcastPositions(stackV, stack);
    float[] bias = new float[columns];
    int[] atBias = new int[Math.multiplyExact(atQ.length, rows)];
    if (in.length > 3 && in[3] >= 0) {
      FloatArray given = floats(frame, in[3], 2);
      int[] full = Arrays.copyOf(stack, stack.length + 2);
      full[stack.length] = rows;
      full[stack.length + 1] = columns;
      if (given.shape()[given.rank() - 1] != columns
          || !Arrays.equals(Shapes.broadcast(given.shape(), full), full)) {
        throw new IllegalArgumentException(
            "attention of "
                + q.describe()
                + " and "
                + k.describe()
                + " with bias "
                + given.describe());
      }
      bias = given.values();
      int[] lines = Arrays.copyOf(given.shape(), given.rank() - 1);
      atBias = Shapes.broadcastPositions(lines, Arrays.copyOf(full, full.length - 1));
    }
    int[] shape = Arrays.copyOf(stack, stack.length + 2);
    shape[stack.length] = rows;
    shape[stack.length + 1] = width;
    float[] y = frame.allocate(out, shape);
    int wide = Kernels.padded(columns);
    float[] scores = frame.scratch(2, BLOCK * wide);
    float[] keys = frame.scratch(3, depth * wide);
    int across = Kernels.padded(width);
    float[] held = frame.scratch(11, columns * across); // the values, rows filled up
    float[] sums = frame.scratch(12, BLOCK * across);
    boolean biased = in.length > 3 && in[3] >= 0;
    float factor = scale;
    if (in.length > 4) {
      factor *= floats(frame, in[4], 0).values()[0];
    }
    for (int i = 0; i < atQ.length; i++) {
      for (int d = 0; d < depth; d++) {
        System.arraycopy(k.values(), (atK[i] * depth + d) * columns, keys, d * wide, columns);
      }
      for (int c = 0; c < columns; c++) {
        System.arraycopy(v.values(), (atV[i] * columns + c) * width, held, c * across, width);
      }
      for (int row = 0; row < rows; row += BLOCK) {
        int count = Math.min(BLOCK, rows - row);
        Arrays.fill(scores, 0, count * wide, 0);
        kernels.multiplyAdd(
            count,
            depth,
            wide,
            q.values(),
            (atQ[i] * rows + row) * depth,
            depth,
            keys,
            0,
            wide,
            scores,
            0,
            wide);
        for (int r = 0; r < count; r++) {
          int line = biased ? atBias[i * rows + row + r] * columns : 0;
          kernels.scaleShift(scores, r * wide, columns, factor, bias, line);
          kernels.softmax(scores, r * wide, columns);
        }
        Arrays.fill(sums, 0, count * across, 0);
        kernels.multiplyAdd(
            count, columns, across, scores, 0, wide, held, 0, across, sums, 0, across);
        for (int r = 0; r < count; r++) {
          System.arraycopy(sums, r * across, y, (i * rows + row + r) * width, width);
        }
      }
    }
  }

  private static FloatArray floats(Frame frame, int slot, int axes) {
    NdArray x = frame.get(slot);
    if (x instanceof FloatArray f && x.rank() >= axes) {
      return f;
    }
    throw new IllegalArgumentException("attention got " + x.describe());
  }
}
