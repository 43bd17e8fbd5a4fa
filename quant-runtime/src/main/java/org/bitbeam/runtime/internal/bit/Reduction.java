package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Sum, mean or maximum along one axis: the last by {@link Kernels#sum}, others row after row in
 * order.
 */
record Reduction(
    Kernels kernels, Kind kind, int in, int out, int axis, boolean keep, Instruction fallback)
    implements Instruction {
  enum Kind {
    SUM,
    MEAN,
    MAX
  }

  @Override
  public void bind(Frame frame) {
    if (!(frame.get(in) instanceof FloatArray x) || x.rank() == 0) {
      fallback.bind(frame);
      return;
    }
    int at = Shapes.axis(axis, x.rank());
    int length = x.shape()[at];
    int inner = Shapes.size(x.shape(), at + 1, x.rank());
    int outer = Shapes.size(x.shape(), 0, at);
    if (length == 0) {
      fallback.bind(frame);
      return;
    }
    int[] shape = shape(x.shape(), at);
    float[] y = frame.allocate(out, shape);
    frame.perform(() -> reduce(frame, x.values(), outer, length, inner, y));
  }

  private void reduce(Frame frame, float[] values, int outer, int length, int inner, float[] y) {
    if (inner == 1 && length <= 4 && kind != Kind.MAX) {
      for (int o = 0; o < outer; o++) {
        y[o] = few(values, o * length, length);
      }
    } else if (inner == 1) {
      for (int o = 0; o < outer; o++) {
        y[o] =
            kind == Kind.MAX
                ? max(values, o * length, length)
                : kernels.sum(values, o * length, length, frame.work());
      }
    } else {
      for (int o = 0; o < outer; o++) {
        System.arraycopy(values, o * length * inner, y, o * inner, inner);
        for (int k = 1; k < length; k++) {
          join(values, (o * length + k) * inner, y, o * inner, inner);
        }
      }
    }
    if (kind == Kind.MEAN) {
      for (int i = 0; i < y.length; i++) {
        y[i] /= length;
      }
    }
  }

  /** Whether this runs along the last of so many axes. */
  boolean isLast(int rank) {
    return Shapes.axis(axis, rank) == rank - 1;
  }

  /** Shape of the result. */
  int[] shape(int[] given, int at) {
    int[] shape = new int[keep ? given.length : given.length - 1];
    for (int i = 0, k = 0; i < given.length; i++) {
      if (i != at) {
        shape[k++] = given[i];
      } else if (keep) {
        shape[k++] = 1;
      }
    }
    return shape;
  }

  /** {@link Kernels#sum} of up to four elements: the tree's other leaves are zero. */
  private static float few(float[] x, int at, int count) {
    float even = x[at] + (count > 2 ? x[at + 2] : 0f);
    float odd = (count > 1 ? x[at + 1] : 0f) + (count > 3 ? x[at + 3] : 0f);
    return even + odd + 0f;
  }

  private static float max(float[] x, int at, int count) {
    float max = x[at];
    for (int i = at + 1; i < at + count; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  private void join(float[] x, int at, float[] y, int to, int count) {
    if (kind == Kind.MAX) {
      for (int i = 0; i < count; i++) {
        y[to + i] = Math.max(y[to + i], x[at + i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[to + i] += x[at + i];
      }
    }
  }

  @Override
  public String toString() {
    return kind + " along " + Arrays.toString(new int[] {axis});
  }
}
