package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.BitLayer;
import org.bitbeam.runtime.internal.lowering.BitLayer.RowQuantiser;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;

/**
 * BitLinear layers on the same rows: each row is quantised once. Codes and signs are small
 * integers, and sums of their products stay below 2^24, so float arithmetic returns the exact int32
 * sums whatever the order. Rows that are not finite give NaN (specs/models.md, conventions 3).
 */
record BitLinear(Kernels kernels, int in, RowQuantiser quantiser, int inputs, List<Layer> layers)
    implements Instruction, RowLayer {

  /**
   * One layer.
   *
   * @param betas one scale, or as many as outputs
   * @param bias one number per output, filled up to {@link CodeProduct#wide} outputs
   */
  record Layer(
      int out,
      int outputs,
      CodeProduct product,
      float[] betas,
      float[] bias,
      Activation activation,
      float alpha) {
    static Layer of(
        Kernels kernels,
        BitLayer layer,
        int out,
        Activation activation,
        float alpha,
        CodeProduct.Trials trials) {
      TernaryWeights weights = layer.weights();
      int outputs = weights.outputs();
      CodeProduct product = new CodeProduct(kernels, weights, trials);
      float[] betas = weights.isUniform() ? new float[] {weights.beta()} : weights.betas();
      return new Layer(
          out,
          outputs,
          product,
          betas,
          Arrays.copyOf(layer.bias(), product.wide()),
          activation,
          alpha);
    }
  }

  @Override
  public void bind(Frame frame) {
    NdArray x = frame.get(in);
    float[] values = Dense.rows(x, inputs);
    int rows = values.length / inputs;
    float[][] results = new float[layers.size()][];
    int[] widths = new int[results.length];
    for (int i = 0; i < results.length; i++) {
      int[] shape = x.shape().clone();
      widths[i] = layers.get(i).outputs();
      shape[shape.length - 1] = widths[i];
      results[i] = frame.allocate(layers.get(i).out(), shape);
    }
    EqualRows blocks =
        new EqualRows(
            frame,
            inputs,
            results,
            widths,
            (from, at, count, to, starts) -> block(frame, from, at, count, to, starts));
    frame.perform(() -> blocks.run(values, rows));
  }

  /** Length of a row of the only layer. */
  @Override
  public int outputs() {
    return layers.get(0).outputs();
  }

  @Override
  public void rows(Frame frame, float[] x, int at, int count, float[] y, int to) {
    block(frame, layers.get(0), codes(frame, x, at, count), y, to);
  }

  private void block(Frame frame, float[] x, int at, int count, float[][] results, int[] starts) {
    RowCodes codes = codes(frame, x, at, count);
    for (int i = 0; i < results.length; i++) {
      block(frame, layers.get(i), codes, results[i], starts[i]);
    }
  }

  private RowCodes codes(Frame frame, float[] x, int at, int count) {
    float[] factors = frame.scratch(1, Dense.BLOCK);
    for (int i = 0; i < count; i++) {
      float max = kernels.largest(x, at + i * inputs, inputs);
      factors[i] = max <= Float.MAX_VALUE ? quantiser.factor(max) : Float.NaN;
    }
    RowCodes codes = frame.codes();
    codes.start(x, at, count, inputs, factors);
    return codes;
  }

  private void block(Frame frame, Layer layer, RowCodes codes, float[] y, int to) {
    int count = codes.rows();
    float[] factors = codes.factors();
    int columns = layer.outputs();
    if (layer.betas().length == 1) {
      float[] scales = frame.scratch(16, Dense.BLOCK);
      for (int i = 0; i < count; i++) {
        scales[i] = layer.betas()[0] / factors[i];
      }
      layer.product().multiply(frame, codes, scales, layer.bias(), y, to);
    } else {
      layer.product().multiply(frame, codes, y, to);
      for (int i = 0; i < count; i++) {
        scaleEach(y, to + i * columns, factors[i], layer);
      }
    }
    kernels.apply(layer.activation(), layer.alpha(), y, to, count * columns, frame.work());
  }

  private static void scaleEach(float[] y, int at, float factor, Layer layer) {
    float[] betas = layer.betas();
    float[] bias = layer.bias();
    for (int n = 0; n < layer.outputs(); n++) {
      y[at + n] = Math.fma(y[at + n], betas[n] / factor, bias[n]);
    }
  }
}
