package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/** Stretches of one axis, of constant sizes. Floats are copied when they are read. */
record Split(int in, int[] out, int axis, int @Nullable [] parts, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    Strided x = frame.strided(in);
    if (x == null || x.rank() == 0 || parts == null || parts.length != out.length) {
      fallback.bind(frame);
      return;
    }
    int at = Shapes.axis(axis, x.rank());
    int length = x.shape()[at];
    if (Arrays.stream(parts).sum() != length || Arrays.stream(parts).anyMatch(part -> part < 0)) {
      fallback.bind(frame);
      return;
    }
    int from = 0;
    for (int i = 0; i < out.length; i++) {
      frame.strided(out[i], in, x.part(at, from, parts[i]));
      from += parts[i];
    }
  }
}
