package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * (x - mean) / root * scale + shift of each channel, the second axis, in double as the interpreter
 * has it: where nothing is there to fold it into.
 *
 * @param root square root of variance + epsilon
 */
record BatchNorm(
    int in,
    int out,
    float[] scale,
    float[] shift,
    float[] mean,
    double[] root,
    Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray x = frame.floats(in);
    if (x == null || x.rank() < 2 || x.shape()[1] != scale.length) {
      fallback.bind(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape());
    int inner = Shapes.size(x.shape(), 2, x.rank());
    frame.perform(() -> normalise(x.values(), inner, y));
  }

  private void normalise(float[] x, int inner, float[] y) {
    int channels = scale.length;
    for (int i = 0, c = 0; i < y.length; i += inner, c = c + 1 == channels ? 0 : c + 1) {
      for (int k = i; k < i + inner; k++) {
        y[k] = (float) ((x[k] - mean[c]) / root[c] * scale[c] + shift[c]);
      }
    }
  }
}
