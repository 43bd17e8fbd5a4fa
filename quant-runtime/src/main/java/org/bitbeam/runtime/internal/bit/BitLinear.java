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
   * @param product sums of codes times signs, filled up to {@link CodeProduct#wide} outputs
   * @param betas one scale, or as many as outputs, filled up
   * @param bias one number per output, filled up
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
      int wide = product.wide();
      float[] betas =
          weights.isUniform() ? new float[] {weights.beta()} : Arrays.copyOf(weights.betas(), wide);
      return new Layer(
          out, outputs, product, betas, Arrays.copyOf(layer.bias(), wide), activation, alpha);
    }
  }

  @Override
  public void run(Frame frame) {
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
    EqualRows.run(
        frame,
        values,
        rows,
        inputs,
        results,
        widths,
        (from, at, count, to, starts) -> block(frame, from, at, count, to, starts));
  }

  /** Length of a row of the only layer. */
  @Override
  public int outputs() {
    return layers.get(0).outputs();
  }

  @Override
  public void rows(Frame frame, float[] x, int at, int count, float[] y, int to) {
    block(frame, x, at, count, new float[][] {y}, new int[] {to});
  }

  private void block(Frame frame, float[] x, int at, int count, float[][] results, int[] starts) {
    float[] codes = frame.scratch(0, Dense.BLOCK * inputs);
    float[] factors = frame.scratch(1, Dense.BLOCK);
    for (int i = 0; i < count; i++) {
      factors[i] = quantise(x, at + i * inputs, codes, i * inputs);
    }
    for (int i = 0; i < results.length; i++) {
      Layer layer = layers.get(i);
      int wide = layer.product().wide();
      if (wide == layer.outputs()) {
        block(frame, layer, count, codes, factors, results[i], starts[i]);
      } else {
        float[] block = frame.scratch(4, Dense.BLOCK * wide);
        block(frame, layer, count, codes, factors, block, 0);
        Dense.narrow(block, count, wide, results[i], starts[i], layer.outputs());
      }
    }
  }

  /** Writes a row's codes and returns its factor g, or NaN for a row that is not finite. */
  private float quantise(float[] x, int at, float[] codes, int to) {
    float max = kernels.largest(x, at, inputs);
    if (!(max <= Float.MAX_VALUE)) {
      Arrays.fill(codes, to, to + inputs, 0);
      return Float.NaN;
    }
    float factor = quantiser.factor(max);
    kernels.quantise(x, at, inputs, factor, codes, to);
    return factor;
  }

  private void block(
      Frame frame, Layer layer, int count, float[] codes, float[] factors, float[] y, int to) {
    int columns = layer.product().wide();
    if (layer.betas().length == 1) {
      float[] scales = frame.scratch(16, Dense.BLOCK);
      for (int i = 0; i < count; i++) {
        scales[i] = layer.betas()[0] / factors[i];
      }
      layer.product().multiply(frame, count, codes, scales, layer.bias(), y, to);
    } else {
      layer.product().multiply(frame, count, codes, y, to);
      for (int i = 0; i < count; i++) {
        scaleEach(y, to + i * columns, factors[i], layer);
      }
    }
    kernels.apply(layer.activation(), layer.alpha(), y, to, count * columns);
  }

  private static void scaleEach(float[] y, int at, float factor, Layer layer) {
    float[] betas = layer.betas();
    float[] bias = layer.bias();
    for (int n = 0; n < betas.length; n++) {
      y[at + n] = Math.fma(y[at + n], betas[n] / factor, bias[n]);
    }
  }
}
