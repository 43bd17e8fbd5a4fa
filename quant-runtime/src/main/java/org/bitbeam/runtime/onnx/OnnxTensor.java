package org.bitbeam.runtime.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A constant tensor of a model: name, element type, dimensions, elements in row-major order.
 * Immutable; arrays handed out are copies.
 */
public final class OnnxTensor {
  private final String name;
  private final OnnxType type;
  private final List<Long> dims;
  private final byte[] data;

  private OnnxTensor(String name, OnnxType type, List<Long> dims, byte[] data) {
    this.name = name;
    this.type = type;
    this.dims = List.copyOf(dims);
    this.data = data;
    long expected = elements(dims, "tensor \"" + name + "\"") * type.bytes();
    if (expected != data.length) {
      throw new OnnxFormatException(
          "tensor \""
              + name
              + "\" of type "
              + type
              + " and shape "
              + dims
              + " needs "
              + expected
              + " bytes of data, but has "
              + data.length);
    }
  }

  /**
   * A tensor from little-endian bytes (one byte per BOOL).
   *
   * @throws OnnxFormatException if the number of bytes does not fit type and shape
   */
  public static OnnxTensor ofBytes(String name, OnnxType type, List<Long> dims, byte[] data) {
    return new OnnxTensor(name, type, dims, data.clone());
  }

  /** As {@link #ofBytes}, without the copy: the array must not be used afterwards. */
  static OnnxTensor wrap(String name, OnnxType type, List<Long> dims, byte[] data) {
    return new OnnxTensor(name, type, dims, data);
  }

  /** A FLOAT tensor. */
  public static OnnxTensor ofFloats(String name, List<Long> dims, float... values) {
    ByteBuffer buffer = little(new byte[values.length * Float.BYTES]);
    buffer.asFloatBuffer().put(values);
    return new OnnxTensor(name, OnnxType.FLOAT, dims, buffer.array());
  }

  /** An INT64 tensor. */
  public static OnnxTensor ofLongs(String name, List<Long> dims, long... values) {
    return ofIntegers(name, OnnxType.INT64, dims, values);
  }

  /** A DOUBLE tensor. */
  public static OnnxTensor ofDoubles(String name, List<Long> dims, double... values) {
    ByteBuffer buffer = little(new byte[values.length * Double.BYTES]);
    buffer.asDoubleBuffer().put(values);
    return new OnnxTensor(name, OnnxType.DOUBLE, dims, buffer.array());
  }

  /**
   * A tensor of any integer type or BOOL; the low bytes of the values are kept.
   *
   * @throws IllegalArgumentException if the type holds no integers
   */
  public static OnnxTensor ofIntegers(String name, OnnxType type, List<Long> dims, long... values) {
    ByteBuffer buffer = little(new byte[values.length * type.bytes()]);
    for (long value : values) {
      switch (type) {
        case INT8, UINT8, BOOL -> buffer.put((byte) value);
        case INT16, UINT16 -> buffer.putShort((short) value);
        case INT32, UINT32 -> buffer.putInt((int) value);
        case INT64, UINT64 -> buffer.putLong(value);
        case FLOAT, DOUBLE, FLOAT16, BFLOAT16 ->
            throw new IllegalArgumentException(type + " holds no integers");
      }
    }
    return new OnnxTensor(name, type, dims, buffer.array());
  }

  /**
   * Product of the dimensions.
   *
   * @throws OnnxFormatException if one is negative or the product exceeds what an array can hold
   */
  static long elements(List<Long> dims, String where) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        throw new OnnxFormatException(
            where + " has a dimension of " + dim + " in its shape " + dims);
      }
      product *= dim; // both factors are below 2^31
      if (product > Integer.MAX_VALUE) {
        throw new OnnxFormatException(where + " has more than 2^31 elements: shape " + dims);
      }
    }
    return product;
  }

  public String name() {
    return name;
  }

  public OnnxType type() {
    return type;
  }

  /** Dimensions; empty for a scalar. */
  public List<Long> dims() {
    return dims;
  }

  /** Number of elements. */
  public int size() {
    return data.length / type.bytes();
  }

  /** The elements as little-endian bytes. */
  public byte[] bytes() {
    return data.clone();
  }

  /** This tensor under another name. */
  public OnnxTensor named(String other) {
    return new OnnxTensor(other, type, dims, data);
  }

  /**
   * Elements of a FLOAT, FLOAT16 or BFLOAT16 tensor, exactly.
   *
   * @throws IllegalStateException for other types
   */
  public float[] floats() {
    ByteBuffer buffer = little(data);
    float[] values = new float[size()];
    switch (type) {
      case FLOAT -> buffer.asFloatBuffer().get(values);
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = halfToFloat(buffer.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(buffer.getShort(2 * i) << 16);
        }
      }
      default ->
          throw new IllegalStateException("tensor \"" + name + "\" holds " + type + ", not floats");
    }
    return values;
  }

  /**
   * Elements of a DOUBLE tensor.
   *
   * @throws IllegalStateException for other types
   */
  public double[] doubles() {
    if (type != OnnxType.DOUBLE) {
      throw new IllegalStateException("tensor \"" + name + "\" holds " + type + ", not doubles");
    }
    double[] values = new double[size()];
    little(data).asDoubleBuffer().get(values);
    return values;
  }

  /**
   * Elements of an integer or BOOL tensor; UINT64 wraps around.
   *
   * @throws IllegalStateException for floating-point types
   */
  public long[] longs() {
    ByteBuffer buffer = little(data);
    long[] values = new long[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case UINT8 -> buffer.get(i) & 0xFF;
            case INT8 -> buffer.get(i);
            case BOOL -> buffer.get(i) == 0 ? 0 : 1;
            case UINT16 -> buffer.getShort(2 * i) & 0xFFFF;
            case INT16 -> buffer.getShort(2 * i);
            case INT32 -> buffer.getInt(4 * i);
            case UINT32 -> buffer.getInt(4 * i) & 0xFFFF_FFFFL;
            case INT64, UINT64 -> buffer.getLong(8 * i);
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 ->
                throw new IllegalStateException(
                    "tensor \"" + name + "\" holds " + type + ", not integers");
          };
    }
    return values;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) { // zero and subnormal numbers: fraction * 2^-24, exact in float
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int bits =
        exponent == 31 ? 0x7F80_0000 | fraction << 13 : exponent + 112 << 23 | fraction << 13;
    return Float.intBitsToFloat(sign | bits);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OnnxTensor that
        && name.equals(that.name)
        && type == that.type
        && dims.equals(that.dims)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "OnnxTensor[" + name + ", " + type + ", " + dims + "]";
  }
}
