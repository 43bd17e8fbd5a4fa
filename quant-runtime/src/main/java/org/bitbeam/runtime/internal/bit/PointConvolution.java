package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Convolutions over single places, one after the other: weights (N, K) times channels (K, places)
 * of each batch entry; sums start at the bias. A panel of places goes through all layers in working
 * memory: channels of the whole array are pages apart, and every load would need another page.
 */
record PointConvolution(Kernels kernels, int in, int out, List<Layer> layers)
    implements Instruction {
  private static final int PANEL = 64;

  /** One layer: weights (N, K), N numbers. */
  record Layer(FloatArray weights, FloatArray bias, Activation activation, float alpha) {
    int outputs() {
      return weights.shape()[0];
    }

    int inputs() {
      return weights.shape()[1];
    }
  }

  @Override
  public void run(Frame frame) {
    NdArray x = frame.get(in);
    int inputs = layers.get(0).inputs();
    int outputs = layers.get(layers.size() - 1).outputs();
    if (!(x instanceof FloatArray f) || x.rank() < 2 || x.shape()[1] != inputs) {
      throw new IllegalArgumentException(
          "a convolution of " + inputs + " channels got " + x.describe());
    }
    int places = Shapes.size(x.shape(), 2, x.rank());
    int batch = x.shape()[0];
    int[] shape = x.shape().clone();
    shape[1] = outputs;
    float[] y = frame.allocate(out, shape);
    int channels = inputs;
    for (Layer layer : layers) {
      channels = Math.max(channels, layer.outputs());
    }
    float[] a = frame.scratch(9, channels * PANEL);
    float[] b = frame.scratch(10, channels * PANEL);
    for (int n = 0; n < batch; n++) {
      for (int place = 0; place < places; place += PANEL) {
        int count = Math.min(PANEL, places - place);
        int wide = Kernels.padded(count);
        for (int c = 0; c < inputs; c++) {
          System.arraycopy(f.values(), (n * inputs + c) * places + place, a, c * wide, count);
          Arrays.fill(a, c * wide + count, (c + 1) * wide, 0);
        }
        float[] results = panel(a, b, wide);
        for (int c = 0; c < outputs; c++) {
          System.arraycopy(results, c * wide, y, (n * outputs + c) * places + place, count);
        }
      }
    }
  }

  /** All layers on one panel; returns the array that holds the results. */
  private float[] panel(float[] a, float[] b, int wide) {
    float[] from = a;
    float[] to = b;
    for (Layer layer : layers) {
      int outputs = layer.outputs();
      int inputs = layer.inputs();
      float[] bias = layer.bias().values();
      for (int c = 0; c < outputs; c++) {
        Arrays.fill(to, c * wide, (c + 1) * wide, bias[c]);
      }
      float[] w = layer.weights().values();
      kernels.multiplyAdd(outputs, inputs, wide, w, 0, inputs, from, 0, wide, to, 0, wide);
      kernels.apply(layer.activation(), layer.alpha(), to, 0, outputs * wide);
      float[] done = to;
      to = from;
      from = done;
    }
    return from;
  }
}
