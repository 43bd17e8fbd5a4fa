package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** A product of two computed matrices, or of stacks of them. */
record Product(Kernels kernels, int left, int right, int out, Instruction fallback)
    implements Instruction {
  @Override
  public void run(Frame frame) {
    if (!(frame.get(left) instanceof FloatArray a)
        || !(frame.get(right) instanceof FloatArray b)
        || a.rank() < 2
        || b.rank() < 2
        || a.shape()[a.rank() - 1] != b.shape()[b.rank() - 2]) {
      fallback.run(frame);
      return;
    }
    int rows = a.shape()[a.rank() - 2];
    int inner = a.shape()[a.rank() - 1];
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
    Arrays.fill(y, 0);
    for (int i = 0; i < atA.length; i++) {
      kernels.multiplyAdd(
          rows,
          inner,
          columns,
          a.values(),
          atA[i] * rows * inner,
          inner,
          b.values(),
          atB[i] * inner * columns,
          columns,
          y,
          i * rows * columns,
          columns);
    }
  }
}
