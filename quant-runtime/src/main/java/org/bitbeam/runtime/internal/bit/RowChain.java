package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Layers one after the other on a few rows at a time, so that rows in between stay in the cache. If
 * a mask follows (a factor per row), rows whose factor is zero are not computed: their result is
 * zero. Without this shortcut a masked row that overflows would give NaN.
 *
 * @param mask slot of the factors, -1 if there are none
 * @param whole what to run when the shapes are not those of a mask: the layers and the product one
 *     by one
 */
record RowChain(int in, int mask, int out, List<RowLayer> layers, Instruction whole)
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
    int rows = Shapes.size(x.shape(), 0, x.rank() - 1);
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = last.outputs();
    float[] y = frame.allocate(out, shape);
    int width = first.inputs();
    for (RowLayer layer : layers) {
      width = Math.max(width, layer.outputs());
    }
    float[] a = frame.scratch(5, Dense.BLOCK * width);
    float[] b = frame.scratch(6, Dense.BLOCK * width);
    int[] chosen = new int[Dense.BLOCK];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      if (factors != null && factors[row] == 0) {
        Arrays.fill(y, row * last.outputs(), (row + 1) * last.outputs(), 0);
      } else {
        System.arraycopy(
            x.values(), row * first.inputs(), a, count * first.inputs(), first.inputs());
        chosen[count++] = row;
      }
      if (count == Dense.BLOCK || (row == rows - 1 && count > 0)) {
        float[] result = chain(frame, a, b, count);
        for (int i = 0; i < count; i++) {
          int to = chosen[i] * last.outputs();
          System.arraycopy(result, i * last.outputs(), y, to, last.outputs());
          if (factors != null && factors[chosen[i]] != 1) {
            scale(y, to, last.outputs(), factors[chosen[i]]);
          }
        }
        count = 0;
      }
    }
  }

  private float[] chain(Frame frame, float[] a, float[] b, int count) {
    float[] from = a;
    float[] to = b;
    for (RowLayer layer : layers) {
      layer.rows(frame, from, 0, count, to, 0);
      float[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static void scale(float[] y, int at, int count, float factor) {
    for (int i = at; i < at + count; i++) {
      y[i] *= factor;
    }
  }
}
