package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Elements of one float array where a mask holds, of another one elsewhere, with broadcasting. */
record Select(Kernels kernels, int condition, int left, int right, int out, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray a = frame.floats(left);
    FloatArray b = frame.floats(right);
    FloatArray c = a == null || b == null ? null : frame.mask(condition);
    if (a == null || b == null || c == null) {
      fallback.bind(frame);
      return;
    }
    int[] shape = Shapes.broadcast(c.shape(), Shapes.broadcast(a.shape(), b.shape()));
    frame.perform(
        Broadcast.over(
            frame,
            shape,
            frame.allocate(out, shape),
            (x, at, y, to, count) ->
                kernels.select(x[0], at[0], x[1], at[1], x[2], at[2], y, to, count),
            c,
            a,
            b));
  }
}
