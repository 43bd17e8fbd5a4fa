package org.bitbeam.runtime.onnx;

/**
 * Element types of ONNX tensors ({@code TensorProto.DataType}) that have a fixed number of whole
 * bytes.
 */
public enum OnnxType {
  FLOAT(1, 4),
  UINT8(2, 1),
  INT8(3, 1),
  UINT16(4, 2),
  INT16(5, 2),
  INT32(6, 4),
  INT64(7, 8),
  BOOL(9, 1),
  FLOAT16(10, 2),
  DOUBLE(11, 8),
  UINT32(12, 4),
  UINT64(13, 8),
  BFLOAT16(16, 2);

  private final int code;
  private final int bytes;

  OnnxType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** Number of this type in {@code TensorProto.DataType}. */
  public int code() {
    return code;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /**
   * The type of that number.
   *
   * @throws UnsupportedOnnxException for strings, complex numbers and types below 8 bits
   */
  public static OnnxType of(long code) {
    for (OnnxType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new UnsupportedOnnxException(
        "tensor element type "
            + code
            + " is not supported (strings, complex numbers, fewer than 8 bits)");
  }
}
