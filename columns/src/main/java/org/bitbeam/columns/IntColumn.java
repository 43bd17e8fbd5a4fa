package org.bitbeam.columns;

import java.util.Arrays;
import java.util.Objects;

/** Integers of 32 bits, signed or unsigned. */
public final class IntColumn implements NumberColumn {
  private final ColumnType.Primitive type;
  private final int[] values;
  private final int start;
  private final int length;

  private IntColumn(ColumnType.Primitive type, int[] values, int start, int length) {
    this.type = type;
    this.values = values;
    this.start = start;
    this.length = length;
  }

  /** A column over all of {@code values}, which is not copied. */
  public static IntColumn of(int... values) {
    return new IntColumn(ColumnType.Primitive.INT32, values, 0, values.length);
  }

  /** A column of unsigned numbers over all of {@code values}, which is not copied. */
  public static IntColumn ofUnsigned(int... values) {
    return new IntColumn(ColumnType.Primitive.UINT32, values, 0, values.length);
  }

  /** Value of entry {@code index}, in the signed type of its width. */
  public int get(int index) {
    return values[start + Objects.checkIndex(index, length)];
  }

  /** The values as a new array. */
  public int[] toArray() {
    return Arrays.copyOfRange(values, start, start + length);
  }

  /** Copies all values to {@code target} from {@code at} on. */
  public void copyTo(int[] target, int at) {
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
    return type == ColumnType.Primitive.UINT32 ? Integer.toUnsignedLong(get(index)) : get(index);
  }

  @Override
  public double getDouble(int index) {
    return getLong(index);
  }

  @Override
  public IntColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new IntColumn(type, values, start + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IntColumn that
        && type == that.type
        && Arrays.equals(
            values, start, start + length, that.values, that.start, that.start + that.length);
  }

  @Override
  public int hashCode() {
    int hash = type.hashCode();
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + values[start + i];
    }
    return hash;
  }

  @Override
  public String toString() {
    return type.shape() + "[" + length + "]";
  }
}
