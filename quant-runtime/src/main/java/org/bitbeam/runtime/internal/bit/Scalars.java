package org.bitbeam.runtime.internal.bit;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Functions of single elements without a kernel: the interpreter's, in double, rounded once. */
final class Scalars {
  private Scalars() {}

  /** A function of each element. */
  record One(DoubleUnaryOperator function, int in, int out, Instruction fallback)
      implements Instruction {
    @Override
    public void bind(Frame frame) {
      FloatArray x = frame.floats(in);
      if (x == null) {
        fallback.bind(frame);
        return;
      }
      float[] y = frame.allocate(out, x.shape());
      frame.perform(
          () -> {
            for (int i = 0; i < y.length; i++) {
              y[i] = (float) function.applyAsDouble(x.values()[i]);
            }
          });
    }
  }

  /** A function of two elements, with broadcasting. */
  record Two(DoubleBinaryOperator function, int left, int right, int out, Instruction fallback)
      implements Instruction {
    @Override
    public void bind(Frame frame) {
      FloatArray a = frame.floats(left);
      FloatArray b = frame.floats(right);
      if (a == null || b == null) {
        fallback.bind(frame);
        return;
      }
      int[] shape = Shapes.broadcast(a.shape(), b.shape());
      float[] y = frame.allocate(out, shape);
      frame.perform(
          Broadcast.over(
              frame,
              shape,
              y,
              (x, at, result, to, count) -> {
                for (int i = 0; i < count; i++) {
                  result[to + i] = (float) function.applyAsDouble(x[0][at[0] + i], x[1][at[1] + i]);
                }
              },
              a,
              b));
    }
  }
}
