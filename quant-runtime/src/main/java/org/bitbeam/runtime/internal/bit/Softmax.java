package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** Softmax along the last axis. */
record Softmax(Kernels kernels, int in, int out, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x) || x.rank() == 0) {
      fallback.bind(frame);
      return;
    }
    int count = x.shape()[x.rank() - 1];
    float[] y = frame.allocate(out, x.shape());
    frame.perform(
        () -> {
          float[] row = frame.scratch(2, Kernels.padded(count));
          for (int at = 0; at < y.length; at += count) {
            System.arraycopy(x.values(), at, row, 0, count);
            kernels.softmax(row, 0, count, frame.work());
            System.arraycopy(row, 0, y, at, count);
          }
        });
  }
}
