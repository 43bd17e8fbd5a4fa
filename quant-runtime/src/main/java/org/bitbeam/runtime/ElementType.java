package org.bitbeam.runtime;

/** Type of the values of a {@link Tensor}. */
public enum ElementType {
  /** IEEE single precision; stored in a {@code float[]}. */
  FLOAT32(4),
  /** IEEE double precision; stored in a {@code double[]}. */
  FLOAT64(8),
  /** Stored in a {@code long[]}. */
  INT64(8),
  /** Stored in an {@code int[]}. */
  INT32(4),
  /** Stored in a {@code byte[]}. */
  INT8(1),
  /** 0 to 255; stored in the {@code byte} of the same bits. */
  UINT8(1),
  /** Stored in a {@code boolean[]}. */
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one value, as in files. */
  public int bytes() {
    return bytes;
  }
}
