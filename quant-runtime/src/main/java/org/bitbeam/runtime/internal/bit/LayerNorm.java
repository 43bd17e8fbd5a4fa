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
  public void bind(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x)
        || x.rank() == 0
        || x.shape()[x.rank() - 1] != scale.length) {
      fallback.bind(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    frame.perform(() -> rows(frame, x.values(), 0, y.length / scale.length, y, 0));
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
