package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** A product of two computed matrices, or of stacks of them. */
record Product(Kernels kernels, int left, int right, int out, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    if (!(frame.get(left) instanceof FloatArray a)
        || !(frame.get(right) instanceof FloatArray b)
        || a.rank() < 2
        || b.rank() < 2
        || a.shape()[a.rank() - 1] != b.shape()[b.rank() - 2]) {
      fallback.bind(frame);
      return;
    }
    int rows = a.shape()[a.rank() - 2];
    int columns = b.shape()[b.rank() - 1];
    int[] stackA = Arrays.copyOf(a.shape(), a.rank() - 2);
    int[] stackB = Arrays.copyOf(b.shape(), b.rank() - 2);
    int[] stack = Shapes.broadcast(stackA, stackB);
    int[] atA = Shapes.broadcastPositions(stackA, stack);
    int[] atB = Shapes.broadcastPositions(stackB, stack);
    int[] shape = Arrays.copyOf(stack, stack.length + 2);
    shape[stack.length] = rows;
    shape[stack.length + 1] = columns;
    float[] y = frame.allocate(out, shape);
    frame.perform(() -> multiply(frame, a, atA, b, atB, y));
  }

  private void multiply(Frame frame, FloatArray a, int[] atA, FloatArray b, int[] atB, float[] y) {
    int rows = a.shape()[a.rank() - 2];
    int inner = a.shape()[a.rank() - 1];
    int columns = b.shape()[b.rank() - 1];
    int wide = Kernels.padded(columns);
    float[] panels = frame.scratch(2, inner * wide);
    float[] sums = wide == columns ? y : frame.scratch(3, rows * wide);
    for (int i = 0; i < atA.length; i++) {
      Panels.pack(
          kernels.panel(),
          inner,
          columns,
          b.values(),
          atB[i] * inner * columns,
          columns,
          panels,
          0);
      int to = wide == columns ? i * rows * columns : 0;
      Arrays.fill(sums, to, to + rows * wide, 0);
      int from = atA[i] * rows * inner;
      kernels.multiplyAdd(rows, inner, wide, a.values(), from, inner, panels, 0, sums, to, wide);
      if (wide != columns) {
        Dense.narrow(sums, rows, wide, y, i * rows * columns, columns);
      }
    }
  }
}
