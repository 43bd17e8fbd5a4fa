package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Rows times constant float weights (K, N), plus bias, activation: the sum starts at the bias.
 *
 * @param weights shape (K, N)
 * @param bias N numbers
 */
record Dense(
    Kernels kernels,
    int in,
    int out,
    FloatArray weights,
    FloatArray bias,
    Activation activation,
    float alpha)
    implements Instruction {
  // Rows that stay in the first cache while product and activation pass over them.
  static final int BLOCK = 32;

  @Override
  public void run(Frame frame) {
    NdArray x = frame.get(in);
    int inner = weights.shape()[0];
    int columns = weights.shape()[1];
    float[] values = rows(x, inner);
    int rows = values.length / Math.max(1, inner);
    if (inner == 0) {
      rows = Shapes.size(x.shape(), 0, x.rank() - 1);
    }
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = columns;
    float[] y = frame.allocate(out, shape);
    for (int row = 0; row < rows; row += BLOCK) {
      int count = Math.min(BLOCK, rows - row);
      for (int i = 0; i < count; i++) {
        System.arraycopy(bias.values(), 0, y, (row + i) * columns, columns);
      }
      kernels.multiplyAdd(
          count,
          inner,
          columns,
          values,
          row * inner,
          inner,
          weights.values(),
          0,
          columns,
          y,
          row * columns,
          columns);
      kernels.apply(activation, alpha, y, row * columns, count * columns);
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
