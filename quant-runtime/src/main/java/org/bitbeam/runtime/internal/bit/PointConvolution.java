package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions over single places, one after the other: weights (N, K) times channels (K, places)
 * of each batch entry; sums start at the bias. A panel of places goes through all layers in working
 * memory: channels of the whole array are pages apart, and every load would need another page.
 * Places with the same channels are computed once.
 *
 * <p>If a mean over the last axis follows, groups of places along it are what is compared, and only
 * the means are stored.
 *
 * @param mean the reduction that follows; null if there is none
 * @param between slot of the convolutions' result where the mean has to run on its own
 */
record PointConvolution(
    Kernels kernels, int in, int out, List<Layer> layers, @Nullable Reduction mean, int between)
    implements Instruction {
  private static final int PANEL = 32;

  /** With more channels, comparing places costs more than it is likely to save. */
  private static final int MAX_COMPARED = 128;

  /** Places whose results wait for their means. */
  private static final int WAITING = 512;

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
    Strided x = frame.strided(in);
    int inputs = layers.get(0).inputs();
    if (x == null || x.rank() < 2 || x.shape()[1] != inputs) {
      throw new IllegalArgumentException(
          "a convolution of " + inputs + " channels got " + frame.get(in).describe());
    }
    int places = Shapes.size(x.shape(), 2, x.rank());
    boolean grouped = mean != null && mean.isLast(x.rank()) && x.rank() > 2 && places > 0;
    int group = grouped ? x.shape()[x.rank() - 1] : 1;
    int[] shape = x.shape().clone();
    shape[1] = layers.get(layers.size() - 1).outputs();
    if (grouped && mean != null) {
      shape = mean.shape(shape, shape.length - 1);
    }
    float[] y = frame.allocate(grouped || mean == null ? out : between, shape);
    convolve(frame, x, places, group, grouped, y);
    if (mean != null && !grouped) {
      mean.run(frame);
      frame.release(between);
    }
  }

  private void convolve(
      Frame frame, Strided x, int places, int group, boolean grouped, float[] y) {
    int inputs = layers.get(0).inputs();
    int groups = x.shape()[0] * places / group;
    float[] rows = byPlace(frame, x, x.shape()[0] * places * inputs);
    int[] first =
        inputs <= MAX_COMPARED ? EqualRows.find(frame, rows, groups, group * inputs) : null;
    int channels = inputs;
    for (Layer layer : layers) {
      channels = Math.max(channels, layer.outputs());
    }
    int outputs = layers.get(layers.size() - 1).outputs();
    float[] a = frame.scratch(9, channels * PANEL);
    float[] b = frame.scratch(10, channels * PANEL);
    int together = grouped ? Math.max(1, WAITING / group) : PANEL;
    int[] chosen = new int[together];
    int[] starts = new int[together]; // where their results begin
    float[] results = frame.scratch(15, outputs * together * group);
    int step = places / group; // between channels of the result
    int count = 0;
    for (int g = 0; g < groups; g++) {
      if (first == null || first[g] == g) {
        chosen[count++] = g;
      }
      if (count == together || (g == groups - 1 && count > 0)) {
        places(frame, rows, chosen, count, group, a, b, results);
        for (int i = 0; i < count; i++) {
          starts[i] = start(chosen[i], outputs, step);
        }
        for (int c = 0; c < outputs; c++) {
          for (int i = 0; i < count; i++) {
            int at = (c * count + i) * group;
            y[starts[i] + c * step] =
                grouped ? kernels.sum(results, at, group, frame.work()) / group : results[at];
          }
        }
        count = 0;
      }
    }
    for (int g = 0; first != null && g < groups; g++) {
      if (first[g] != g) {
        int from = start(first[g], outputs, step);
        int to = start(g, outputs, step);
        for (int c = 0; c < outputs; c++) {
          y[to + c * step] = y[from + c * step];
        }
      }
    }
  }

  /** Where the first channel of a place of all batch entries lies. */
  private static int start(int place, int channels, int places) {
    int n = place / places;
    return n * channels * places + place - n * places;
  }

  /** Channels of a place one behind the other. */
  private static float[] byPlace(Frame frame, Strided x, int size) {
    int rank = x.rank();
    int[] order = new int[rank];
    for (int i = 1; i < rank; i++) {
      order[i] = i == rank - 1 ? 1 : i + 1;
    }
    Strided rows = x.transposed(order);
    if (rows.isWhole()) {
      return rows.values();
    }
    float[] copy = frame.scratch(14, size);
    rows.copy(copy, size);
    return copy;
  }

  /** All places of some groups: {@code results} are channels of {@code count * group} places. */
  private void places(
      Frame frame,
      float[] rows,
      int[] chosen,
      int count,
      int group,
      float[] a,
      float[] b,
      float[] results) {
    int inputs = layers.get(0).inputs();
    int outputs = layers.get(layers.size() - 1).outputs();
    int all = count * group;
    int wide = 0;
    for (int start = 0; start < all; start += wide) {
      wide = Panels.width(Math.min(PANEL, kernels.panel()), Kernels.padded(all - start));
      int here = Math.min(wide, all - start);
      for (int i = 0; i < here; i++) {
        int at = (chosen[(start + i) / group] * group + (start + i) % group) * inputs;
        for (int c = 0; c < inputs; c++) {
          a[c * wide + i] = rows[at + c];
        }
      }
      for (int c = 0; c < inputs; c++) {
        Arrays.fill(a, c * wide + here, (c + 1) * wide, 0);
      }
      float[] done = panel(a, b, wide, frame.work());
      for (int c = 0; c < outputs; c++) {
        System.arraycopy(done, c * wide, results, c * all + start, here);
      }
    }
  }

  /** All layers on one panel; returns the array that holds the results. */
  private float[] panel(float[] a, float[] b, int wide, float[] work) {
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
      kernels.multiplyAdd(outputs, inputs, wide, w, 0, inputs, from, 0, to, 0, wide);
      kernels.apply(layer.activation(), layer.alpha(), to, 0, outputs * wide, work);
      float[] done = to;
      to = from;
      from = done;
    }
    return from;
  }
}
