package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** Holds each element between constant bounds. */
record Clip(int in, int out, float low, float high, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x)) {
      fallback.bind(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    float[] values = x.values();
    frame.perform(
        () -> {
          for (int i = 0; i < y.length; i++) {
            y[i] = Math.min(Math.max(values[i], low), high);
          }
        });
  }
}
