package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Arrays one after the other along an axis. */
record Concatenation(int[] in, int out, int axis, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray[] parts = new FloatArray[in.length];
    for (int i = 0; i < in.length; i++) {
      if (!(frame.get(in[i]) instanceof FloatArray part) || part.rank() == 0) {
        fallback.bind(frame);
        return;
      }
      parts[i] = part;
    }
    int[] shape = parts[0].shape().clone();
    int at = Shapes.axis(axis, shape.length);
    shape[at] = 0;
    for (FloatArray part : parts) {
      if (part.rank() != shape.length) {
        fallback.bind(frame);
        return;
      }
      for (int i = 0; i < shape.length; i++) {
        if (i != at && part.shape()[i] != shape[i]) {
          fallback.bind(frame);
          return;
        }
      }
      shape[at] = Math.addExact(shape[at], part.shape()[at]);
    }
    float[] y = frame.allocate(out, shape);
    int outer = Shapes.size(shape, 0, at);
    frame.perform(() -> copy(parts, outer, y));
  }

  private static void copy(FloatArray[] parts, int outer, float[] y) {
    int row = outer == 0 ? 0 : y.length / outer;
    int to = 0;
    for (FloatArray part : parts) {
      int chunk = outer == 0 ? 0 : part.size() / outer;
      if (chunk == 1) {
        for (int o = 0; o < outer; o++) {
          y[o * row + to] = part.values()[o];
        }
      } else {
        for (int o = 0; o < outer; o++) {
          System.arraycopy(part.values(), o * chunk, y, o * row + to, chunk);
        }
      }
      to += chunk;
    }
  }
}
