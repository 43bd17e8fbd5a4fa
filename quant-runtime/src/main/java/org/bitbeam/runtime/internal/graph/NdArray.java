package org.bitbeam.runtime.internal.graph;

import java.util.Arrays;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;

/**
 * A dense array in row-major order. The arrays inside are shared, not copied: whoever holds an
 * {@code NdArray} leaves its shape and values alone.
 */
public sealed interface NdArray {
  /** Sizes of the axes; empty for a scalar. */
  int[] shape();

  /** Number of elements. */
  int size();

  /** Element type. */
  OnnxType type();

  /** The array inside: float[], double[] or long[]. */
  Object elements();

  /** The same values under another shape of the same size. */
  NdArray reshaped(int[] shape);

  /** The same values in an array of their own. */
  NdArray copied();

  /** The elements at these flat positions, in this order; position -1 gives zero. */
  NdArray take(int[] positions, int[] shape);

  /** Whether another array has the same type and shape. */
  default boolean isLike(NdArray other) {
    return type() == other.type() && Arrays.equals(shape(), other.shape());
  }

  /** Number of axes. */
  default int rank() {
    return shape().length;
  }

  /** For messages: type and shape. */
  default String describe() {
    return type() + Arrays.toString(shape());
  }

  /** FLOAT. */
  record FloatArray(int[] shape, float[] values) implements NdArray {
    public FloatArray {
      check(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public OnnxType type() {
      return OnnxType.FLOAT;
    }

    @Override
    public float[] elements() {
      return values;
    }

    @Override
    public FloatArray reshaped(int[] other) {
      return new FloatArray(other, values);
    }

    @Override
    public FloatArray copied() {
      return new FloatArray(shape, values.clone());
    }

    @Override
    public FloatArray take(int[] positions, int[] other) {
      float[] taken = new float[positions.length];
      for (int i = 0; i < taken.length; i++) {
        taken[i] = positions[i] < 0 ? 0 : values[positions[i]];
      }
      return new FloatArray(other, taken);
    }
  }

  /** DOUBLE. */
  record DoubleArray(int[] shape, double[] values) implements NdArray {
    public DoubleArray {
      check(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public OnnxType type() {
      return OnnxType.DOUBLE;
    }

    @Override
    public double[] elements() {
      return values;
    }

    @Override
    public DoubleArray reshaped(int[] other) {
      return new DoubleArray(other, values);
    }

    @Override
    public DoubleArray copied() {
      return new DoubleArray(shape, values.clone());
    }

    @Override
    public DoubleArray take(int[] positions, int[] other) {
      double[] taken = new double[positions.length];
      for (int i = 0; i < taken.length; i++) {
        taken[i] = positions[i] < 0 ? 0 : values[positions[i]];
      }
      return new DoubleArray(other, taken);
    }
  }

  /** Any integer type, or BOOL as 0 and 1. */
  record IntegerArray(OnnxType type, int[] shape, long[] values) implements NdArray {
    public IntegerArray {
      check(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public long[] elements() {
      return values;
    }

    @Override
    public IntegerArray reshaped(int[] other) {
      return new IntegerArray(type, other, values);
    }

    @Override
    public IntegerArray copied() {
      return new IntegerArray(type, shape, values.clone());
    }

    @Override
    public IntegerArray take(int[] positions, int[] other) {
      long[] taken = new long[positions.length];
      for (int i = 0; i < taken.length; i++) {
        taken[i] = positions[i] < 0 ? 0 : values[positions[i]];
      }
      return new IntegerArray(type, other, taken);
    }
  }

  /** A float scalar. */
  static FloatArray scalar(float value) {
    return new FloatArray(new int[0], new float[] {value});
  }

  /** An INT64 vector. */
  static IntegerArray longs(long... values) {
    return new IntegerArray(OnnxType.INT64, new int[] {values.length}, values);
  }

  /**
   * The tensor's values.
   *
   * @throws UnsupportedOnnxException for half-precision tensors
   */
  static NdArray of(OnnxTensor tensor) {
    int[] shape = tensor.dims().stream().mapToInt(Math::toIntExact).toArray();
    return switch (tensor.type()) {
      case FLOAT -> new FloatArray(shape, tensor.floats());
      case DOUBLE -> new DoubleArray(shape, tensor.doubles());
      case FLOAT16, BFLOAT16 ->
          throw new UnsupportedOnnxException(
              "tensor \""
                  + tensor.name()
                  + "\" is in "
                  + tensor.type()
                  + "; export the model in float32");
      default -> new IntegerArray(tensor.type(), shape, tensor.longs());
    };
  }

  private static void check(int[] shape, int length) {
    if (Shapes.size(shape) != length) {
      throw new IllegalArgumentException(
          length + " values do not fill the shape " + Arrays.toString(shape));
    }
  }
}
