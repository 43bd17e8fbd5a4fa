package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Rows put together from rows of several arrays whose other axes are broadcast, one after the
 * other: what {@code Expand} and {@code Concat} along the last axis would store.
 */
final class RowParts {
  private final float[][] values;
  private final int[] widths;
  private final int[] grid;
  private final int[][] steps; // by part and axis
  private final int[] index;
  private final int[] at;
  private final int width;

  private RowParts(float[][] values, int[] widths, int[] grid, int[][] steps) {
    this.values = values;
    this.widths = widths;
    this.grid = grid;
    this.steps = steps;
    this.index = new int[grid.length];
    this.at = new int[values.length];
    this.width = Arrays.stream(widths).sum();
  }

  /** Null if a part is no float array or has another rank. */
  static @Nullable RowParts of(Frame frame, int... slots) {
    float[][] values = new float[slots.length][];
    int[] widths = new int[slots.length];
    int[][] lead = new int[slots.length][];
    int[] grid = new int[0];
    for (int p = 0; p < slots.length; p++) {
      FloatArray part = frame.floats(slots[p]);
      if (part == null || part.rank() == 0 || (p > 0 && part.rank() - 1 != grid.length)) {
        return null;
      }
      values[p] = part.values();
      widths[p] = part.shape()[part.rank() - 1];
      lead[p] = Arrays.copyOf(part.shape(), part.rank() - 1);
      grid = p == 0 ? lead[p] : Shapes.broadcast(grid, lead[p]);
    }
    int[][] steps = new int[slots.length][];
    for (int p = 0; p < slots.length; p++) {
      steps[p] = Broadcast.strides(lead[p], grid);
      for (int i = 0; i < grid.length; i++) {
        steps[p][i] *= widths[p];
      }
    }
    return new RowParts(values, widths, grid, steps);
  }

  /** Shape of the whole. */
  int[] shape() {
    int[] shape = Arrays.copyOf(grid, grid.length + 1);
    shape[grid.length] = width;
    return shape;
  }

  /** The only part's values; null if there are several. */
  float @Nullable [] only() {
    return values.length == 1 ? values[0] : null;
  }

  /** Goes back to the first row. */
  void restart() {
    Arrays.fill(index, 0);
    Arrays.fill(at, 0);
  }

  /** Writes the present row. */
  void copy(float[] to, int start) {
    int next = start;
    for (int p = 0; p < values.length; p++) {
      float[] from = values[p];
      int first = at[p];
      int count = widths[p];
      for (int i = 0; i < count; i++) {
        to[next + i] = from[first + i];
      }
      next += count;
    }
  }

  /** Goes on to the next row. */
  void advance() {
    for (int axis = grid.length - 1; axis >= 0; axis--) {
      boolean more = ++index[axis] < grid[axis];
      for (int p = 0; p < at.length; p++) {
        at[p] += more ? steps[p][axis] : steps[p][axis] * (1 - grid[axis]);
      }
      if (more) {
        return;
      }
      index[axis] = 0;
    }
  }
}
