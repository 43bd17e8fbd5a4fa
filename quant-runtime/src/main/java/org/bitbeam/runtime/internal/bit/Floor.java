package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** The next integer below each element. */
record Floor(int in, int out, Instruction fallback) implements Instruction {
  @Override
  public void run(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x)) {
      fallback.run(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    float[] values = x.values();
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) Math.floor(values[i]);
    }
  }
}
