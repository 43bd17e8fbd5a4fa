package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * A convolution over single places: weights (N, K) times channels (K, places) of each batch entry.
 * The sum starts at the bias.
 */
record PointConvolution(
    Kernels kernels,
    int in,
    int out,
    FloatArray weights,
    FloatArray bias,
    Activation activation,
    float alpha)
    implements Instruction {
  private static final int BLOCK =
      512; // places at a time, so that a block of channels stays in the cache

  @Override
  public void run(Frame frame) {
    NdArray x = frame.get(in);
    int outputs = weights.shape()[0];
    int inputs = weights.shape()[1];
    if (!(x instanceof FloatArray f) || x.rank() < 2 || x.shape()[1] != inputs) {
      throw new IllegalArgumentException(
          "a convolution of " + inputs + " channels got " + x.describe());
    }
    int places = Shapes.size(x.shape(), 2, x.rank());
    int batch = x.shape()[0];
    int[] shape = x.shape().clone();
    shape[1] = outputs;
    float[] y = frame.allocate(out, shape);
    for (int n = 0; n < batch; n++) {
      int from = n * inputs * places;
      int to = n * outputs * places;
      for (int place = 0; place < places; place += BLOCK) {
        int count = Math.min(BLOCK, places - place);
        for (int o = 0; o < outputs; o++) {
          int at = to + o * places + place;
          Arrays.fill(y, at, at + count, bias.values()[o]);
        }
        kernels.multiplyAdd(
            outputs,
            inputs,
            count,
            weights.values(),
            0,
            inputs,
            f.values(),
            from + place,
            places,
            y,
            to + place,
            places);
        for (int o = 0; o < outputs; o++) {
          kernels.apply(activation, alpha, y, to + o * places + place, count);
        }
      }
    }
  }
}
