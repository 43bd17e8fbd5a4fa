package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Layers one after the other on a few rows at a time, so that rows in between stay in the cache. If
 * a mask follows (a factor per row), rows whose factor is zero are not computed: their result is
 * zero. Without this shortcut a masked row that overflows would give NaN.
 *
 * <p>If a sum over the rows of each batch entry follows the mask, results are added up row after
 * row and never stored.
 *
 * @param mask slot of the factors, -1 if there are none
 * @param sum the reduction over the last axis but one that follows a mask; null if there is none
 * @param whole what to run when the shapes are not those of a mask: the layers and the product one
 *     by one
 */
record RowChain(
    int in, int mask, @Nullable Reduction sum, int out, List<RowLayer> layers, Instruction whole)
    implements Instruction {
  @Override
  public void run(Frame frame) {
    RowLayer first = layers.get(0);
    RowLayer last = layers.get(layers.size() - 1);
    NdArray input = frame.get(in);
    if (!(input instanceof FloatArray x)
        || x.rank() == 0
        || x.shape()[x.rank() - 1] != first.inputs()) {
      whole.run(frame);
      return;
    }
    float[] factors = null;
    if (mask >= 0) {
      int[] expected = x.shape().clone();
      expected[expected.length - 1] = 1;
      if (!(frame.get(mask) instanceof FloatArray given)
          || !Arrays.equals(given.shape(), expected)) {
        whole.run(frame);
        return;
      }
      factors = given.values();
    }
    if (sum != null && (x.rank() < 2 || Shapes.axis(sum.axis(), x.rank()) != x.rank() - 2)) {
      whole.run(frame);
      return;
    }
    int rows = Shapes.size(x.shape(), 0, x.rank() - 1);
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = last.outputs();
    int group = 1; // rows that are added up
    if (sum != null) {
      group = shape[shape.length - 2];
      int[] summed = Arrays.copyOf(shape, sum.keep() ? shape.length : shape.length - 1);
      summed[shape.length - 2] = sum.keep() ? 1 : last.outputs();
      summed[summed.length - 1] = last.outputs();
      shape = summed;
    }
    float[] y = frame.allocate(out, shape);
    int width = first.inputs();
    for (RowLayer layer : layers) {
      width = Math.max(width, layer.outputs());
    }
    float[] a = frame.scratch(5, Dense.BLOCK * width);
    float[] b = frame.scratch(6, Dense.BLOCK * width);
    if (factors == null) {
      for (int row = 0; row < rows; row += Dense.BLOCK) {
        int count = Math.min(Dense.BLOCK, rows - row);
        chain(frame, x.values(), row * first.inputs(), count, a, b, y, row * last.outputs());
      }
    } else {
      masked(frame, x.values(), factors, a, b, y, group);
    }
  }

  /** Rows whose factor is not zero, gathered to blocks. */
  private void masked(
      Frame frame, float[] x, float[] factors, float[] a, float[] b, float[] y, int group) {
    int inputs = layers.get(0).inputs();
    int outputs = layers.get(layers.size() - 1).outputs();
    float[] gathered = frame.scratch(7, Dense.BLOCK * inputs);
    float[] results = frame.scratch(8, Dense.BLOCK * outputs);
    int[] chosen = new int[Dense.BLOCK];
    int count = 0;
    Arrays.fill(y, 0);
    for (int row = 0; row < factors.length; row++) {
      if (factors[row] != 0) {
        System.arraycopy(x, row * inputs, gathered, count * inputs, inputs);
        chosen[count++] = row;
      }
      if (count == Dense.BLOCK || (row == factors.length - 1 && count > 0)) {
        chain(frame, gathered, 0, count, a, b, results, 0);
        for (int i = 0; i < count; i++) {
          add(results, i * outputs, outputs, factors[chosen[i]], y, chosen[i] / group * outputs);
        }
        count = 0;
      }
    }
  }

  /** One block through all layers; {@code a} and {@code b} hold what is in between. */
  private void chain(
      Frame frame, float[] x, int at, int count, float[] a, float[] b, float[] y, int to) {
    float[] from = x;
    int start = at;
    for (int i = 0; i < layers.size() - 1; i++) {
      float[] next = from == a ? b : a;
      layers.get(i).rows(frame, from, start, count, next, 0);
      from = next;
      start = 0;
    }
    layers.get(layers.size() - 1).rows(frame, from, start, count, y, to);
  }

  private static void add(float[] x, int at, int count, float factor, float[] y, int to) {
    if (factor == 1) {
      for (int i = 0; i < count; i++) {
        y[to + i] += x[at + i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[to + i] += x[at + i] * factor;
      }
    }
  }
}
