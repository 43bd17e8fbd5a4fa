package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Rows times constant float weights, plus bias, activation: the sum starts at the bias. Columns are
 * filled up to whole vectors; those that are too many are not copied to the result.
 *
 * @param weights K x N in {@link Panels}
 * @param bias padded(N) numbers, over and over for a block of rows
 */
record Dense(
    Kernels kernels,
    int in,
    int out,
    int inputs,
    int outputs,
    float[] weights,
    float[] bias,
    Activation activation,
    float alpha)
    implements Instruction, RowLayer {
  // Rows that stay in the first cache while product and activation pass over them.
  static final int BLOCK = 32;

  static Dense of(
      Kernels kernels,
      int in,
      int out,
      FloatArray weights,
      FloatArray bias,
      Activation activation,
      float alpha) {
    int inputs = weights.shape()[0];
    int outputs = weights.shape()[1];
    return new Dense(
        kernels,
        in,
        out,
        inputs,
        outputs,
        Panels.of(kernels, inputs, outputs, weights.values(), outputs),
        repeated(Arrays.copyOf(bias.values(), Kernels.padded(outputs))),
        activation,
        alpha);
  }

  /** One row as often as a block has rows. */
  private static float[] repeated(float[] row) {
    float[] rows = new float[Math.multiplyExact(BLOCK, row.length)];
    for (int i = 0; i < BLOCK; i++) {
      System.arraycopy(row, 0, rows, i * row.length, row.length);
    }
    return rows;
  }

  @Override
  public void bind(Frame frame) {
    NdArray x = frame.get(in);
    float[] values = rows(x, inputs);
    int rows = Shapes.size(x.shape(), 0, x.rank() - 1);
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = outputs;
    float[] y = frame.allocate(out, shape);
    EqualRows blocks =
        new EqualRows(
            frame,
            inputs,
            new float[][] {y},
            new int[] {outputs},
            (from, at, count, to, starts) -> rows(frame, from, at, count, to[0], starts[0]));
    frame.perform(() -> blocks.run(values, rows));
  }

  @Override
  public void rows(Frame frame, float[] x, int at, int count, float[] y, int to) {
    int wide = Kernels.padded(outputs);
    float[] block = wide == outputs ? y : frame.scratch(4, BLOCK * wide);
    int start = wide == outputs ? to : 0;
    System.arraycopy(bias, 0, block, start, count * wide);
    kernels.multiplyAdd(count, inputs, wide, x, at, inputs, weights, 0, block, start, wide);
    kernels.apply(activation, alpha, block, start, count * wide, frame.work());
    if (wide != outputs) {
      narrow(block, count, wide, y, to, outputs);
    }
  }

  /** Copies the first columns of a block of rows. */
  static void narrow(float[] block, int count, int wide, float[] y, int to, int outputs) {
    for (int i = 0; i < count; i++) {
      for (int n = 0; n < outputs; n++) {
        y[to + i * outputs + n] = block[i * wide + n];
      }
    }
  }

  /** The values of an array of floats whose last axis has that size. */
  static float[] rows(NdArray x, int inner) {
    if (!(x instanceof FloatArray f) || x.rank() == 0 || x.shape()[x.rank() - 1] != inner) {
      throw new IllegalArgumentException("a layer with " + inner + " inputs got " + x.describe());
    }
    return f.values();
  }
}
