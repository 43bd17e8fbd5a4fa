package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Comparison of two float arrays, or logic of two masks, with broadcasting: the result is a mask
 * (see {@link Frame#mask}). Other element types are left to the interpreter.
 */
record Comparison(Operation operation, int left, int right, int out, Instruction fallback)
    implements Instruction {
  enum Operation {
    EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    AND,
    OR,
    XOR
  }

  private boolean isLogic() {
    return operation.compareTo(Operation.AND) >= 0;
  }

  @Override
  public void run(Frame frame) {
    FloatArray a = isLogic() ? frame.mask(left) : frame.floats(left);
    FloatArray b = isLogic() ? frame.mask(right) : frame.floats(right);
    if (a == null || b == null) {
      fallback.run(frame);
      return;
    }
    int[] shape = Shapes.broadcast(a.shape(), b.shape());
    float[] y = frame.allocateMask(out, shape);
    float[] x = a.values();
    float[] z = b.values();
    Broadcast.lines(
        shape,
        (at, steps, to, step, count) ->
            line(x, at[0], steps[0], z, at[1], steps[1], y, to, step, count),
        a.shape(),
        b.shape());
  }

  private void line(
      float[] a,
      int atA,
      int stepA,
      float[] b,
      int atB,
      int stepB,
      float[] y,
      int to,
      int step,
      int count) {
    switch (operation) {
      case GREATER -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] > b[atB + i * stepB] ? 1 : 0;
        }
      }
      case GREATER_OR_EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] >= b[atB + i * stepB] ? 1 : 0;
        }
      }
      case LESS -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] < b[atB + i * stepB] ? 1 : 0;
        }
      }
      case LESS_OR_EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] <= b[atB + i * stepB] ? 1 : 0;
        }
      }
      case AND -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] * b[atB + i * stepB];
        }
      }
      case EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] == b[atB + i * stepB] ? 1 : 0;
        }
      }
      case XOR -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] != b[atB + i * stepB] ? 1 : 0;
        }
      }
      case OR -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = Math.max(a[atA + i * stepA], b[atB + i * stepB]);
        }
      }
    }
  }
}
