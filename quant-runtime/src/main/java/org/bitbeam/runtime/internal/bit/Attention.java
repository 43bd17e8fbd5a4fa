package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** softmax(q kT * scale + bias) v for stacks of matrices: the shapes; {@link Heads} computes. */
record Attention(Kernels kernels, int[] in, int out, float scale) implements Instruction {
  @Override
  public void bind(Frame frame) {
    Strided q = strided(frame, in[0], false);
    Strided k = strided(frame, in[1], true);
    Strided v = strided(frame, in[2], false);
    int depth = q.shape()[q.rank() - 1];
    int rows = q.shape()[q.rank() - 2];
    int columns = k.shape()[k.rank() - 1];
    int width = v.shape()[v.rank() - 1];
    if (k.shape()[k.rank() - 2] != depth || v.shape()[v.rank() - 2] != columns) {
      throw new IllegalArgumentException(
          "attention of " + describe(q) + ", " + describe(k) + " and " + describe(v));
    }
    int[] stackQ = Arrays.copyOf(q.shape(), q.rank() - 2);
    int[] stackK = Arrays.copyOf(k.shape(), k.rank() - 2);
    int[] stackV = Arrays.copyOf(v.shape(), v.rank() - 2);
    int[] stack = Shapes.broadcast(Shapes.broadcast(stackQ, stackK), stackV);
    int[] atQ = q.starts(stack);
    int[] atK = k.starts(stack);
    int[] atV = v.starts(stack);
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
                + describe(q)
                + " and "
                + describe(k)
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
    float[] factor = in.length > 4 ? floats(frame, in[4], 0).values() : new float[] {1};
    Heads heads = new Heads(kernels, frame, rows, columns, depth, width, biased ? bias : null);
    int[] lines = atBias;
    frame.perform(
        () -> {
          for (int i = 0; i < atQ.length; i++) {
            heads.run(
                scale * factor[0],
                q,
                atQ[i],
                k,
                atK[i],
                v,
                atV[i],
                lines,
                i * rows,
                y,
                i * rows * width);
          }
        });
  }

  /** A stack of matrices whose rows, or whose rows or columns, are in one piece. */
  private static Strided strided(Frame frame, int slot, boolean columns) {
    Strided x = frame.strided(slot);
    if (x == null || x.rank() < 2) {
      throw new IllegalArgumentException("attention got " + frame.get(slot).describe());
    }
    boolean whole = x.strides()[x.rank() - 1] == 1 || (columns && x.strides()[x.rank() - 2] == 1);
    return whole ? x : Strided.of(floats(frame, slot, 2));
  }

  private static String describe(Strided x) {
    return Arrays.toString(x.shape());
  }

  private static FloatArray floats(Frame frame, int slot, int axes) {
    NdArray x = frame.get(slot);
    if (x instanceof FloatArray f && x.rank() >= axes) {
      return f;
    }
    throw new IllegalArgumentException("attention got " + x.describe());
  }
}
