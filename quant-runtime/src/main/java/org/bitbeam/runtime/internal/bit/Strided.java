package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Floats in any order of axes: element (i, j, ...) lies at {@code at + i strides[0] + j strides[1]
 * + ...}. What transpositions and splits leave behind, so that who reads them need not copy.
 */
record Strided(float[] values, int at, int[] shape, int[] strides) {
  static Strided of(FloatArray x) {
    return new Strided(x.values(), 0, x.shape(), Shapes.strides(x.shape()));
  }

  int rank() {
    return shape.length;
  }

  /** Axes in another order. */
  Strided transposed(int[] order) {
    int[] sizes = new int[order.length];
    int[] steps = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      sizes[i] = shape[order[i]];
      steps[i] = strides[order[i]];
    }
    return new Strided(values, at, sizes, steps);
  }

  /** {@code count} places along an axis. */
  Strided part(int axis, int from, int count) {
    int[] sizes = shape.clone();
    sizes[axis] = count;
    return new Strided(values, at + from * strides[axis], sizes, strides);
  }

  /** Without some axes of size 1. */
  Strided without(boolean[] axes) {
    int[] sizes = new int[shape.length];
    int[] steps = new int[shape.length];
    int rank = 0;
    for (int i = 0; i < shape.length; i++) {
      if (!axes[i]) {
        sizes[rank] = shape[i];
        steps[rank++] = strides[i];
      }
    }
    return new Strided(values, at, Arrays.copyOf(sizes, rank), Arrays.copyOf(steps, rank));
  }

  /** Whether these are all of the values in their order. */
  boolean isWhole() {
    int expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return at == 0 && expected == values.length;
  }

  /** Where the arrays of the last two axes begin, spread over a stack of another shape. */
  int[] starts(int[] stack) {
    int[] steps = new int[stack.length];
    int own = shape.length - 2;
    for (int i = 0; i < own; i++) {
      steps[stack.length - own + i] = shape[i] == 1 ? 0 : strides[i];
    }
    return Shapes.positions(stack, steps, at);
  }

  /** Copies all elements, {@code size} of them, in order. */
  void copy(float[] y, int size) {
    copy(y, size, new int[shape.length]);
  }

  /** The same with working memory for a number an axis. */
  void copy(float[] y, int size, int[] index) {
    Arrays.fill(index, 0);
    int rank = shape.length;
    int inner = rank == 0 ? 1 : shape[rank - 1];
    int step = rank == 0 ? 1 : strides[rank - 1];
    int from = at;
    for (int to = 0; to < size; to += inner) {
      if (step == 1) {
        System.arraycopy(values, from, y, to, inner);
      } else {
        for (int i = 0; i < inner; i++) {
          y[to + i] = values[from + i * step];
        }
      }
      for (int axis = rank - 2; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        from -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  }
}
