package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/** Axes in another order; reversed if none is given. */
record Transposition(int in, int out, int @Nullable [] given) implements Instruction {
  @Override
  public void run(Frame frame) {
    NdArray x = frame.get(in);
    int rank = x.rank();
    int[] order = new int[rank];
    int[] strides = Shapes.strides(x.shape());
    int[] shape = new int[rank];
    int[] steps = new int[rank];
    if (given != null && given.length != rank) {
      throw new IllegalArgumentException(
          "an order of " + given.length + " axes for " + x.describe());
    }
    for (int i = 0; i < rank; i++) {
      order[i] = given == null ? rank - 1 - i : given[i];
      shape[i] = x.shape()[order[i]];
      steps[i] = strides[order[i]];
    }
    if (!(x instanceof FloatArray f)) {
      frame.put(out, x.take(Shapes.positions(shape, steps, 0), shape));
      return;
    }
    boolean moved = false;
    int before = -1;
    for (int axis : order) {
      if (x.shape()[axis] != 1) {
        moved |= axis < before;
        before = axis;
      }
    }
    if (!moved) {
      frame.alias(out, in, x.reshaped(shape)); // only axes of size 1 changed places
      return;
    }
    copy(f.values(), shape, steps, frame.allocate(out, shape));
  }

  private static void copy(float[] x, int[] shape, int[] steps, float[] y) {
    int rank = shape.length;
    int inner = shape[rank - 1];
    int step = steps[rank - 1];
    int[] index = new int[rank];
    int from = 0;
    for (int to = 0; to < y.length; to += inner) {
      if (step == 1) {
        System.arraycopy(x, from, y, to, inner);
      } else {
        for (int i = 0; i < inner; i++) {
          y[to + i] = x[from + i * step];
        }
      }
      for (int axis = rank - 2; axis >= 0; axis--) {
        from += steps[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        from -= steps[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  }
}
