package org.bitbeam.runtime;

import java.util.Arrays;

/**
 * An array of numbers or booleans with a shape, in row-major order (the last axis runs fastest). A
 * shape without axes is a single value; an axis of size 0 makes an empty tensor.
 *
 * <p>Immutable by convention: arrays are neither copied on the way in nor on the way out, so nobody
 * may change an array that lies in a tensor. Under that rule tensors are safe to share between
 * threads. Equal by type, shape and values (floats by their bits).
 */
public final class Tensor {
  private final ElementType elementType;
  private final int[] shape;
  private final Object values;
  private final int size;

  private Tensor(ElementType elementType, Object values, int length, int[] shape) {
    this.elementType = elementType;
    this.shape = shape.clone();
    this.values = values;
    this.size = length;
    if (sizeOf(this.shape) != length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + length + " values");
    }
  }

  /** Single precision values. */
  public static Tensor of(float[] values, int... shape) {
    return new Tensor(ElementType.FLOAT32, values, values.length, shape);
  }

  /** Double precision values. */
  public static Tensor of(double[] values, int... shape) {
    return new Tensor(ElementType.FLOAT64, values, values.length, shape);
  }

  /** 64-bit integers. */
  public static Tensor of(long[] values, int... shape) {
    return new Tensor(ElementType.INT64, values, values.length, shape);
  }

  /** 32-bit integers. */
  public static Tensor of(int[] values, int... shape) {
    return new Tensor(ElementType.INT32, values, values.length, shape);
  }

  /** 8-bit integers with a sign. */
  public static Tensor of(byte[] values, int... shape) {
    return new Tensor(ElementType.INT8, values, values.length, shape);
  }

  /** 8-bit integers without a sign, 0 to 255, in the bytes of the same bits. */
  public static Tensor ofUnsigned(byte[] values, int... shape) {
    return new Tensor(ElementType.UINT8, values, values.length, shape);
  }

  /** Booleans. */
  public static Tensor of(boolean[] values, int... shape) {
    return new Tensor(ElementType.BOOL, values, values.length, shape);
  }

  /**
   * Number of values of a shape.
   *
   * @throws IllegalArgumentException when a size is negative or the product exceeds 2^31 - 1
   */
  public static int sizeOf(int... shape) {
    long product = 1;
    boolean empty = false;
    for (int axis : shape) {
      if (axis < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has a negative size");
      }
      empty |= axis == 0;
    }
    if (empty) {
      return 0;
    }
    for (int axis : shape) {
      product *= axis;
      if (product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " holds more than 2^31 - 1 values");
      }
    }
    return (int) product;
  }

  /** Type of the values. */
  public ElementType elementType() {
    return elementType;
  }

  /** Sizes of the axes, as a new array. */
  public int[] shape() {
    return shape.clone();
  }

  /** Number of axes. */
  public int rank() {
    return shape.length;
  }

  /** Size of axis {@code index}; negative indices count from the last axis. */
  public int axis(int index) {
    return shape[index < 0 ? shape.length + index : index];
  }

  /** Number of values. */
  public int size() {
    return size;
  }

  /** The same values under another shape. */
  public Tensor reshape(int... newShape) {
    return new Tensor(elementType, values, size, newShape);
  }

  /**
   * A copy of some rows: elements along the first axis.
   *
   * @throws IndexOutOfBoundsException when they are not all there
   */
  public Tensor rows(int from, int count) {
    java.util.Objects.checkFromIndexSize(from, count, shape[0]);
    int row = shape[0] == 0 ? 0 : size / shape[0];
    int start = from * row;
    int end = start + count * row;
    int[] some = shape.clone();
    some[0] = count;
    return switch (elementType) {
      case FLOAT32 -> of(Arrays.copyOfRange(floats(), start, end), some);
      case FLOAT64 -> of(Arrays.copyOfRange(doubles(), start, end), some);
      case INT64 -> of(Arrays.copyOfRange(longs(), start, end), some);
      case INT32 -> of(Arrays.copyOfRange(ints(), start, end), some);
      case INT8 -> of(Arrays.copyOfRange(bytes(), start, end), some);
      case UINT8 -> ofUnsigned(Arrays.copyOfRange(bytes(), start, end), some);
      case BOOL -> of(Arrays.copyOfRange(booleans(), start, end), some);
    };
  }

  /**
   * The values of a {@link ElementType#FLOAT32} tensor, not copied.
   *
   * @throws IllegalStateException when the element type is another; so do the methods below
   */
  public float[] floats() {
    require(ElementType.FLOAT32, ElementType.FLOAT32);
    return (float[]) values;
  }

  /** The values of a {@link ElementType#FLOAT64} tensor, not copied. */
  public double[] doubles() {
    require(ElementType.FLOAT64, ElementType.FLOAT64);
    return (double[]) values;
  }

  /** The values of an {@link ElementType#INT64} tensor, not copied. */
  public long[] longs() {
    require(ElementType.INT64, ElementType.INT64);
    return (long[]) values;
  }

  /** The values of an {@link ElementType#INT32} tensor, not copied. */
  public int[] ints() {
    require(ElementType.INT32, ElementType.INT32);
    return (int[]) values;
  }

  /** The values of an {@link ElementType#INT8} or {@link ElementType#UINT8} tensor, not copied. */
  public byte[] bytes() {
    require(ElementType.INT8, ElementType.UINT8);
    return (byte[]) values;
  }

  /** The values of a {@link ElementType#BOOL} tensor, not copied. */
  public boolean[] booleans() {
    require(ElementType.BOOL, ElementType.BOOL);
    return (boolean[]) values;
  }

  /**
   * The value at a position of the flat array, as a double; {@code true} is 1. Integers beyond 2^53
   * are rounded.
   */
  public double getDouble(int index) {
    return switch (elementType) {
      case FLOAT32 -> ((float[]) values)[index];
      case FLOAT64 -> ((double[]) values)[index];
      case INT64 -> (double) ((long[]) values)[index];
      case INT32 -> ((int[]) values)[index];
      case INT8 -> ((byte[]) values)[index];
      case UINT8 -> ((byte[]) values)[index] & 0xff;
      case BOOL -> ((boolean[]) values)[index] ? 1 : 0;
    };
  }

  private void require(ElementType type, ElementType orType) {
    if (elementType != type && elementType != orType) {
      throw new IllegalStateException("the tensor holds " + elementType + ", not " + type);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && elementType == that.elementType
        && Arrays.equals(shape, that.shape)
        && switch (elementType) {
          case FLOAT32 -> Arrays.equals((float[]) values, (float[]) that.values);
          case FLOAT64 -> Arrays.equals((double[]) values, (double[]) that.values);
          case INT64 -> Arrays.equals((long[]) values, (long[]) that.values);
          case INT32 -> Arrays.equals((int[]) values, (int[]) that.values);
          case INT8, UINT8 -> Arrays.equals((byte[]) values, (byte[]) that.values);
          case BOOL -> Arrays.equals((boolean[]) values, (boolean[]) that.values);
        };
  }

  @Override
  public int hashCode() {
    int hash =
        switch (elementType) {
          case FLOAT32 -> Arrays.hashCode((float[]) values);
          case FLOAT64 -> Arrays.hashCode((double[]) values);
          case INT64 -> Arrays.hashCode((long[]) values);
          case INT32 -> Arrays.hashCode((int[]) values);
          case INT8, UINT8 -> Arrays.hashCode((byte[]) values);
          case BOOL -> Arrays.hashCode((boolean[]) values);
        };
    return 31 * (31 * elementType.hashCode() + Arrays.hashCode(shape)) + hash;
  }

  @Override
  public String toString() {
    return elementType + Arrays.toString(shape);
  }
}
