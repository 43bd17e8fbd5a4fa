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
  private static final int PANEL = Dense.BLOCK;

  /** Places whose results wait for their means. */
  private static final int WAITING = 512;

  /** With more channels, comparing places costs more than it is likely to save. */
  private static final int MAX_COMPARED = 128;

  /**
   * One layer.
   *
   * @param weights (N, K)
   * @param bias N numbers
   * @param byRow the same for places one behind the other
   */
  record Layer(
      FloatArray weights, FloatArray bias, Activation activation, float alpha, Dense byRow) {
    static Layer of(
        Kernels kernels, FloatArray weights, FloatArray bias, Activation activation, float alpha) {
      Strided turned = Strided.of(weights).transposed(new int[] {1, 0});
      float[] copy = new float[weights.size()];
      turned.copy(copy, copy.length);
      FloatArray columns = new FloatArray(turned.shape(), copy);
      Dense byRow = Dense.of(kernels, -1, -1, columns, bias, activation, alpha);
      return new Layer(weights, bias, activation, alpha, byRow);
    }

    int outputs() {
      return weights.shape()[0];
    }

    int inputs() {
      return weights.shape()[1];
    }
  }

  @Override
  public void bind(Frame frame) {
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
    Strided rows = byPlace(x);
    int[] index = new int[x.rank()];
    int[] chosen = new int[together(grouped, group)];
    int entries = x.shape()[0];
    frame.perform(
        () -> {
          float[] values = rows(frame, rows, entries * places * inputs, index);
          convolve(frame, values, entries, places, group, grouped, chosen, y);
        });
    if (mean != null && !grouped) {
      mean.bind(frame);
      frame.release(between);
    }
  }

  /** Groups of places that are computed at once. */
  private int together(boolean grouped, int group) {
    return grouped ? Math.max(1, WAITING / group) : Math.min(PANEL, kernels.panel());
  }

  private void convolve(
      Frame frame,
      float[] rows,
      int entries,
      int places,
      int group,
      boolean grouped,
      int[] chosen,
      float[] y) {
    int inputs = layers.get(0).inputs();
    int groups = entries * places / group;
    int[] first =
        inputs <= MAX_COMPARED ? EqualRows.find(frame, rows, groups, group * inputs) : null;
    int channels = inputs;
    for (int i = 0; i < layers.size(); i++) {
      channels = Math.max(channels, layers.get(i).outputs());
    }
    int outputs = layers.get(layers.size() - 1).outputs();
    float[] a = frame.scratch(9, channels * PANEL);
    float[] b = frame.scratch(10, channels * PANEL);
    int together = chosen.length;
    float[] results = frame.scratch(15, grouped ? outputs * together * group : 0);
    int step = places / group; // between channels of the result
    int count = 0;
    for (int g = 0; g < groups; g++) {
      if (first == null || first[g] == g) {
        chosen[count++] = g;
      }
      boolean gap = count > 0 && chosen[count - 1] != g;
      if (grouped && (gap || count == together || (g == groups - 1 && count > 0))) {
        rows(frame, rows, chosen[0] * group, count * group, a, b, results);
        for (int i = 0; i < count; i++) {
          int to = start(chosen[i], outputs, step);
          means(frame, results, i * group, group, outputs, y, to, step);
        }
        count = 0;
      } else if (!grouped && (count == together || (g == groups - 1 && count > 0))) {
        float[] done = places(rows, chosen, count, a, b, frame.work());
        int wide = wide(count);
        for (int c = 0; c < outputs; c++) {
          for (int i = 0; i < count; i++) {
            y[start(chosen[i], outputs, step) + c * step] = done[c * wide + i];
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
  private static Strided byPlace(Strided x) {
    int rank = x.rank();
    int[] order = new int[rank];
    for (int i = 1; i < rank; i++) {
      order[i] = i == rank - 1 ? 1 : i + 1;
    }
    return x.transposed(order);
  }

  private static float[] rows(Frame frame, Strided rows, int size, int[] index) {
    if (rows.isWhole()) {
      return rows.values();
    }
    float[] copy = frame.scratch(14, size);
    rows.copy(copy, size, index);
    return copy;
  }

  /** All layers on places that follow each other; results lie one place behind the other. */
  private void rows(
      Frame frame, float[] x, int first, int count, float[] a, float[] b, float[] results) {
    int last = layers.size() - 1;
    for (int start = 0; start < count; start += Dense.BLOCK) {
      int here = Math.min(Dense.BLOCK, count - start);
      float[] from = x;
      int at = (first + start) * layers.get(0).inputs();
      for (int i = 0; i <= last; i++) {
        float[] to = i == last ? results : from == a ? b : a;
        int next = i == last ? start * layers.get(last).outputs() : 0;
        layers.get(i).byRow().rows(frame, from, at, here, to, next);
        from = to;
        at = next;
      }
    }
  }

  /** Mean of each channel over the places: {@link Kernels#sum} for many channels at once. */
  private static void means(
      Frame frame, float[] x, int first, int places, int channels, float[] y, int to, int step) {
    float[] lanes = frame.scratch(16, Kernels.LANES * channels);
    Arrays.fill(lanes, 0, Kernels.LANES * channels, 0);
    for (int p = 0; p < places; p++) {
      add(x, (first + p) * channels, lanes, p % Kernels.LANES * channels, channels);
    }
    for (int half = Kernels.LANES / 2; half > 0; half /= 2) {
      add(lanes, half * channels, lanes, 0, half * channels);
    }
    for (int c = 0; c < channels; c++) {
      y[to + c * step] = lanes[c] / places;
    }
  }

  private static void add(float[] x, int from, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] += x[from + i];
    }
  }

  private int wide(int places) {
    return Panels.width(Math.min(PANEL, kernels.panel()), Kernels.padded(places));
  }

  /** Some places anywhere, side by side; returns the array of the results. */
  private float[] places(
      float[] rows, int[] chosen, int count, float[] a, float[] b, float[] work) {
    int inputs = layers.get(0).inputs();
    int wide = wide(count);
    for (int i = 0; i < count; i++) {
      int at = chosen[i] * inputs;
      for (int c = 0; c < inputs; c++) {
        a[c * wide + i] = rows[at + c];
      }
    }
    for (int c = 0; c < inputs; c++) {
      Arrays.fill(a, c * wide + count, (c + 1) * wide, 0);
    }
    return panel(a, b, wide, work);
  }

  /** All layers on one panel; returns the array that holds the results. */
  private float[] panel(float[] a, float[] b, int wide, float[] work) {
    float[] from = a;
    float[] to = b;
    for (int l = 0; l < layers.size(); l++) { // an iterator would be an object
      Layer layer = layers.get(l);
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
