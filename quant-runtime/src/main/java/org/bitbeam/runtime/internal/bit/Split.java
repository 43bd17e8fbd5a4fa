package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Stretches of one axis. Floats are copied when they are read.
 *
 * @param parts constant sizes; none if all are equal, but for a smaller last one; null if they are
 *     not constant
 */
record Split(int in, int[] out, int axis, int @Nullable [] parts, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    Strided x = frame.strided(in);
    if (x == null
        || x.rank() == 0
        || parts == null
        || !(parts.length == 0 || parts.length == out.length)) {
      fallback.bind(frame);
      return;
    }
    int at = Shapes.axis(axis, x.rank());
    int length = x.shape()[at];
    int[] sizes = parts.length == 0 ? equal(length, out.length) : parts;
    if (Arrays.stream(sizes).sum() != length || Arrays.stream(sizes).anyMatch(part -> part < 0)) {
      fallback.bind(frame);
      return;
    }
    int from = 0;
    for (int i = 0; i < out.length; i++) {
      frame.strided(out[i], in, x.part(at, from, sizes[i]));
      from += sizes[i];
    }
  }

  private static int[] equal(int length, int count) {
    int size = (length + count - 1) / count;
    int[] sizes = new int[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = Math.max(0, Math.min(size, length - i * size));
    }
    return sizes;
  }
}
