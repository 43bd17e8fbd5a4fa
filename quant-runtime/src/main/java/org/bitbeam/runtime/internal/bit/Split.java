package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/** Stretches of one axis, of constant sizes. */
record Split(int in, int[] out, int axis, int @Nullable [] parts, Instruction fallback)
    implements Instruction {
  @Override
  public void run(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x)
        || x.rank() == 0
        || parts == null
        || parts.length != out.length) {
      fallback.run(frame);
      return;
    }
    int at = Shapes.axis(axis, x.rank());
    int length = x.shape()[at];
    if (Arrays.stream(parts).sum() != length || Arrays.stream(parts).anyMatch(part -> part < 0)) {
      fallback.run(frame);
      return;
    }
    int inner = Shapes.size(x.shape(), at + 1, x.rank());
    int outer = Shapes.size(x.shape(), 0, at);
    int from = 0;
    for (int i = 0; i < out.length; i++) {
      int[] shape = x.shape().clone();
      shape[at] = parts[i];
      float[] y = frame.allocate(out[i], shape);
      int chunk = parts[i] * inner;
      for (int o = 0; o < outer; o++) {
        System.arraycopy(x.values(), (o * length + from) * inner, y, o * chunk, chunk);
      }
      from += parts[i];
    }
  }
}
