package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.jspecify.annotations.Nullable;

/** A function of each element; other element types are left to the interpreter. */
record Unary(
    Kernels kernels,
    int in,
    int out,
    Activation activation,
    float alpha,
    @Nullable Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    NdArray x = frame.get(in);
    if (!(x instanceof FloatArray f)) {
      if (fallback == null) {
        throw new IllegalArgumentException(activation + " got " + x.describe());
      }
      fallback.bind(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    frame.perform(
        () -> {
          System.arraycopy(f.values(), 0, y, 0, y.length);
          kernels.apply(activation, alpha, y, 0, y.length, frame.work());
        });
  }
}
