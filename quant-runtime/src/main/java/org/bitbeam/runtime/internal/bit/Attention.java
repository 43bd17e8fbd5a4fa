package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** softmax(q kT * scale + bias) v for stacks of matrices: the shapes; {@link Heads} computes. */
record Attention(Kernels kernels, int[] in, int out, float scale) implements Instruction {
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
    boolean biased = in.length > 3 && in[3] >= 0;
    float factor = scale;
    if (in.length > 4) {
      factor *= floats(frame, in[4], 0).values()[0];
    }
    Heads heads =
        new Heads(kernels, frame, rows, columns, depth, width, factor, biased ? bias : null);
    for (int i = 0; i < atQ.length; i++) {
      heads.run(
          q.values(),
          atQ[i] * rows * depth,
          k.values(),
          atK[i] * depth * columns,
          v.values(),
          atV[i] * columns * width,
          atBias,
          i * rows,
          y,
          i * rows * width);
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
