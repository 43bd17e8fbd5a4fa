package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Elements of one float array where a mask holds, of another one elsewhere, with broadcasting. */
record Select(int condition, int left, int right, int out, Instruction fallback)
    implements Instruction {
  @Override
  public void run(Frame frame) {
    FloatArray a = frame.floats(left);
    FloatArray b = frame.floats(right);
    FloatArray c = a == null || b == null ? null : frame.mask(condition);
    if (a == null || b == null || c == null) {
      fallback.run(frame);
      return;
    }
    int[] shape = Shapes.broadcast(c.shape(), Shapes.broadcast(a.shape(), b.shape()));
    float[] y = frame.allocate(out, shape);
    float[] mask = c.values();
    float[] x = a.values();
    float[] z = b.values();
    Broadcast.lines(
        shape,
        (at, steps, to, step, count) -> {
          for (int i = 0; i < count; i++) {
            y[to + i * step] =
                mask[at[0] + i * steps[0]] != 0 ? x[at[1] + i * steps[1]] : z[at[2] + i * steps[2]];
          }
        },
        c.shape(),
        a.shape(),
        b.shape());
  }
}
