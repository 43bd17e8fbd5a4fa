package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** A function of each element that IEEE arithmetic or Java define to the last bit. */
record Exact(Function function, int in, int out, Instruction fallback) implements Instruction {
  enum Function {
    FLOOR,
    SQRT,
    ABS,
    NEGATE,
    RECIPROCAL,
    ROUND,
    NOT
  }

  @Override
  public void bind(Frame frame) {
    FloatArray x = function == Function.NOT ? frame.mask(in) : frame.floats(in);
    if (x == null) {
      fallback.bind(frame);
      return;
    }
    float[] y =
        function == Function.NOT
            ? frame.allocateMask(out, x.shape())
            : frame.allocate(out, x.shape());
    frame.perform(() -> compute(x.values(), y));
  }

  private void compute(float[] values, float[] y) {
    switch (function) {
      case FLOOR -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = (float) Math.floor(values[i]);
        }
      }
      case SQRT -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = (float) Math.sqrt(values[i]);
        }
      }
      case ABS -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = Math.abs(values[i]);
        }
      }
      case NEGATE -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = -values[i];
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = 1f / values[i];
        }
      }
      case ROUND -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = (float) Math.rint(values[i]);
        }
      }
      case NOT -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = 1f - values[i];
        }
      }
    }
  }
}
