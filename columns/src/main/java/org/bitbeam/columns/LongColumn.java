package org.bitbeam.columns;

import java.util.Arrays;
import java.util.Objects;

/** Integers of 64 bits, signed or unsigned. */
public final class LongColumn implements NumberColumn {
  private final ColumnType.Primitive type;
  private final long[] values;
  private final int start;
  private final int length;

  private LongColumn(ColumnType.Primitive type, long[] values, int start, int length) {
    this.type = type;
    this.values = values;
    this.start = start;
    this.length = length;
  }

  /** A column over all of {@code values}, which is not copied. */
  public static LongColumn of(long... values) {
    return new LongColumn(ColumnType.Primitive.INT64, values, 0, values.length);
  }

  /** A column of unsigned numbers over all of {@code values}, which is not copied. */
  public static LongColumn ofUnsigned(long... values) {
    return new LongColumn(ColumnType.Primitive.UINT64, values, 0, values.length);
  }

  /** Value of entry {@code index}, in the signed type of its width. */
  public long get(int index) {
    return values[start + Objects.checkIndex(index, length)];
  }

  /** The values as a new array. */
  public long[] toArray() {
    return Arrays.copyOfRange(values, start, start + length);
  }

  /** Copies all values to {@code target} from {@code at} on. */
  public void copyTo(long[] target, int at) {
    System.arraycopy(values, start, target, at, length);
  }

  @Override
  public ColumnType.Primitive type() {
    return type;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public long getLong(int index) {
    return get(index);
  }

  @Override
  public double getDouble(int index) {
    long value = get(index);
    if (type == ColumnType.Primitive.UINT64 && value < 0) {
      // Halve with the lost bit kept sticky, so that the conversion rounds once.
      return (double) ((value >>> 1) | (value & 1)) * 2.0;
    }
    return value;
  }

  @Override
  public LongColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new LongColumn(type, values, start + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongColumn that
        && type == that.type
        && Arrays.equals(
            values, start, start + length, that.values, that.start, that.start + that.length);
  }

  @Override
  public int hashCode() {
    int hash = type.hashCode();
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + Long.hashCode(values[start + i]);
    }
    return hash;
  }

  @Override
  public String toString() {
    return type.shape() + "[" + length + "]";
  }
}
