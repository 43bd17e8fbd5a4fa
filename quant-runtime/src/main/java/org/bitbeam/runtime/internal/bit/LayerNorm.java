package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** Normalisation of the last axis. */
record LayerNorm(
    Kernels kernels,
    int in,
    int out,
    float[] scale,
    float[] shift,
    float epsilon,
    Instruction fallback)
    implements Instruction, RowLayer {
  @Override
  public void run(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x)
        || x.rank() == 0
        || x.shape()[x.rank() - 1] != scale.length) {
      fallback.run(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    for (int at = 0; at < y.length; at += scale.length) {
      kernels.layerNorm(x.values(), at, scale.length, scale, shift, epsilon, y, at, frame.work());
    }
  }

  @Override
  public int inputs() {
    return scale.length;
  }

  @Override
  public int outputs() {
    return scale.length;
  }

  @Override
  public void rows(Frame frame, float[] x, int at, int count, float[] y, int to) {
    for (int i = 0; i < count * scale.length; i += scale.length) {
      kernels.layerNorm(x, at + i, scale.length, scale, shift, epsilon, y, to + i, frame.work());
    }
  }
}
