package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.Shapes;

/** Drops axes of size 1; those of floats that lie in another order stay where they are. */
record Squeeze(int in, int out, int[] axes, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    Strided x = frame.strided(in);
    if (x == null || x.isWhole()) {
      fallback.bind(frame);
      return;
    }
    boolean[] dropped = new boolean[x.rank()];
    for (int axis : axes) {
      int at = Shapes.axis(axis, x.rank());
      if (x.shape()[at] != 1) {
        fallback.bind(frame);
        return;
      }
      dropped[at] = true;
    }
    frame.strided(out, in, x.without(dropped));
  }
}
