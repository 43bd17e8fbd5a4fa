package org.bitbeam.runtime.internal.graph;

import java.util.Arrays;

/** Arithmetic of shapes and row-major positions. */
public final class Shapes {
  /** Largest number of elements of one array: a wrong shape must not exhaust the memory. */
  public static final int MAX_ELEMENTS = 1 << 26;

  private Shapes() {}

  /**
   * Number of elements of the shape.
   *
   * @throws IllegalArgumentException if a size is negative or there are too many elements
   */
  public static int size(int... shape) {
    long size = 1;
    for (int dim : shape) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(shape));
      }
      size *= dim;
      if (size > MAX_ELEMENTS) {
        throw new IllegalArgumentException(
            "shape "
                + Arrays.toString(shape)
                + " has more than "
                + MAX_ELEMENTS
                + " elements; use smaller batches");
      }
    }
    return (int) size;
  }

  /** Product of {@code shape[from..to)}. */
  public static int size(int[] shape, int from, int to) {
    int size = 1;
    for (int i = from; i < to; i++) {
      size *= shape[i];
    }
    return size;
  }

  /** Distance in elements between neighbours along each axis. */
  public static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  /**
   * Common shape under the broadcasting rule of NumPy.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static int[] broadcast(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      int x = i < rank - a.length ? 1 : a[i - rank + a.length];
      int y = i < rank - b.length ? 1 : b[i - rank + b.length];
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            "shapes " + Arrays.toString(a) + " and " + Arrays.toString(b) + " do not fit together");
      }
      shape[i] = x == 1 ? y : x;
    }
    return shape;
  }

  /** For each element of {@code to}, the position of the element of {@code from} spread over it. */
  public static int[] broadcastPositions(int[] from, int[] to) {
    int[] strides = new int[to.length];
    int[] own = strides(from);
    int lead = to.length - from.length;
    for (int i = 0; i < from.length; i++) {
      strides[lead + i] = from[i] == 1 ? 0 : own[i];
    }
    return positions(to, strides, 0);
  }

  /**
   * Positions {@code offset + sum(index[i] * strides[i])} of all indices of the shape, in order.
   */
  public static int[] positions(int[] shape, int[] strides, int offset) {
    int[] positions = new int[size(shape)];
    int[] index = new int[shape.length];
    int position = offset;
    for (int i = 0; i < positions.length; i++) {
      positions[i] = position;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        position += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        position -= index[axis] * strides[axis];
        index[axis] = 0;
      }
    }
    return positions;
  }

  /**
   * The axis counted from the front.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public static int axis(long axis, int rank) {
    long from = axis < 0 ? axis + rank : axis;
    if (from < 0 || from >= rank) {
      throw new IllegalArgumentException("axis " + axis + " of an array with " + rank + " axes");
    }
    return (int) from;
  }
}
