package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** Softmax along the last axis. */
record Softmax(Kernels kernels, int in, int out, Instruction fallback) implements Instruction {
  @Override
  public void run(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x) || x.rank() == 0) {
      fallback.run(frame);
      return;
    }
    int count = x.shape()[x.rank() - 1];
    float[] y = frame.allocate(out, x.shape());
    System.arraycopy(x.values(), 0, y, 0, y.length);
    for (int at = 0; at < y.length; at += count) {
      kernels.softmax(y, at, count);
    }
  }
}
