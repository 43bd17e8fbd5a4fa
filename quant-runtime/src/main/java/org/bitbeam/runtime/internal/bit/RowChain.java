package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import java.util.List;
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
 * @param in slots of the parts of each row; several only if some rows may be left out
 * @param condition slot of a mask: rows where it does not hold are zero; -1 if there is none
 * @param mask slot of the factors, -1 if there are none
 * @param sum the reduction over the last axis but one that follows a mask; null if there is none
 * @param whole what to run when the shapes are not those of a mask: the layers and the product one
 *     by one
 */
record RowChain(
    int[] in,
    int condition,
    int mask,
    @Nullable Reduction sum,
    int out,
    List<RowLayer> layers,
    Instruction whole)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    RowLayer first = layers.get(0);
    RowLayer last = layers.get(layers.size() - 1);
    RowParts x = RowParts.of(frame, in);
    int[] shape = x == null ? new int[0] : x.shape();
    if (x == null || shape[shape.length - 1] != first.inputs()) {
      whole.bind(frame);
      return;
    }
    float[] factors = {};
    float[] holds = {};
    int[] expected = shape.clone();
    expected[expected.length - 1] = 1;
    if (mask >= 0) {
      if (!(frame.get(mask) instanceof FloatArray given)
          || !Arrays.equals(given.shape(), expected)) {
        whole.bind(frame);
        return;
      }
      factors = given.values();
    }
    if (condition >= 0) {
      FloatArray given = frame.mask(condition);
      if (given == null || !Arrays.equals(given.shape(), expected)) {
        whole.bind(frame);
        return;
      }
      holds = given.values();
    }
    int rank = shape.length;
    if (sum != null && (rank < 2 || Shapes.axis(sum.axis(), rank) != rank - 2)) {
      whole.bind(frame);
      return;
    }
    int rows = Shapes.size(shape, 0, rank - 1);
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
    float[] values = x.only();
    if (mask < 0 && condition < 0 && values != null) {
      EqualRows blocks =
          new EqualRows(
              frame,
              first.inputs(),
              new float[][] {y},
              new int[] {last.outputs()},
              (from, at, count, to, starts) ->
                  chain(frame, from, at, count, a, b, to[0], starts[0]));
      frame.perform(() -> blocks.run(values, rows));
    } else {
      float[] given = factors;
      float[] kept = holds;
      int together = group;
      int[] chosen = new int[Dense.BLOCK];
      frame.perform(() -> masked(frame, x, rows, kept, given, a, b, y, together, chosen));
    }
  }

  /** Rows that hold and whose factor is not zero, gathered to blocks; no numbers: all do. */
  private void masked(
      Frame frame,
      RowParts x,
      int rows,
      float[] holds,
      float[] factors,
      float[] a,
      float[] b,
      float[] y,
      int group,
      int[] chosen) {
    int inputs = layers.get(0).inputs();
    int outputs = layers.get(layers.size() - 1).outputs();
    float[] gathered = frame.scratch(7, Dense.BLOCK * inputs);
    float[] results = frame.scratch(8, Dense.BLOCK * outputs);
    int count = 0;
    Arrays.fill(y, 0);
    x.restart();
    for (int row = 0; row < rows; row++) {
      float factor = factors.length == 0 ? 1 : factors[row];
      boolean zero = factor == 0 || (holds.length > 0 && holds[row] == 0);
      // Zeros times a factor that is not finite are NaN: such rows are rare, so they are computed.
      if (!zero || !(Math.abs(factor) <= Float.MAX_VALUE)) {
        x.copy(gathered, count * inputs);
        chosen[count++] = row;
      }
      x.advance();
      if (count == Dense.BLOCK || (row == rows - 1 && count > 0)) {
        chain(frame, gathered, 0, count, a, b, results, 0);
        for (int i = 0; i < count; i++) {
          int at = chosen[i];
          if (holds.length > 0 && holds[at] == 0) {
            Arrays.fill(results, i * outputs, (i + 1) * outputs, 0);
          }
          add(
              results,
              i * outputs,
              outputs,
              factors.length == 0 ? 1 : factors[at],
              y,
              at / group * outputs);
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
