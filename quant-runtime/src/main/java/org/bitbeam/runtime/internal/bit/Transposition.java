package org.bitbeam.runtime.internal.bit;

import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/** Axes in another order; reversed if none is given. Floats are copied when they are read. */
record Transposition(int in, int out, int @Nullable [] given) implements Instruction {
  @Override
  public void bind(Frame frame) {
    Strided floats = frame.strided(in);
    if (floats != null) {
      frame.strided(out, in, floats.transposed(order(floats.rank())));
      return;
    }
    NdArray x = frame.get(in);
    int[] order = order(x.rank());
    int[] strides = Shapes.strides(x.shape());
    int[] shape = new int[order.length];
    int[] steps = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      shape[i] = x.shape()[order[i]];
      steps[i] = strides[order[i]];
    }
    int[] positions = Shapes.positions(shape, steps, 0);
    frame.compute(
        new int[] {out}, new int[] {in}, List.of(x), () -> List.of(x.take(positions, shape)));
  }

  private int[] order(int rank) {
    if (given != null && given.length != rank) {
      throw new IllegalArgumentException(
          "an order of " + given.length + " axes for an array with " + rank);
    }
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = given == null ? rank - 1 - i : given[i];
    }
    return order;
  }
}
