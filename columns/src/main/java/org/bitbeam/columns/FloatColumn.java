package org.bitbeam.columns;

import java.util.Arrays;
import java.util.Objects;

/** IEEE single precision numbers. */
public final class FloatColumn implements NumberColumn {
  private final ColumnType.Primitive type;
  private final float[] values;
  private final int start;
  private final int length;

  private FloatColumn(ColumnType.Primitive type, float[] values, int start, int length) {
    this.type = type;
    this.values = values;
    this.start = start;
    this.length = length;
  }

  /** A column over all of {@code values}, which is not copied. */
  public static FloatColumn of(float... values) {
    return new FloatColumn(ColumnType.Primitive.FLOAT32, values, 0, values.length);
  }

  /** Value of entry {@code index}, in the signed type of its width. */
  public float get(int index) {
    return values[start + Objects.checkIndex(index, length)];
  }

  /** The values as a new array. */
  public float[] toArray() {
    return Arrays.copyOfRange(values, start, start + length);
  }

  /** Copies all values to {@code target} from {@code at} on. */
  public void copyTo(float[] target, int at) {
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
    return (long) get(index);
  }

  @Override
  public double getDouble(int index) {
    return get(index);
  }

  @Override
  public FloatColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new FloatColumn(type, values, start + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FloatColumn that
        && type == that.type
        && Arrays.equals(
            values, start, start + length, that.values, that.start, that.start + that.length);
  }

  @Override
  public int hashCode() {
    int hash = type.hashCode();
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + Float.hashCode(values[start + i]);
    }
    return hash;
  }

  @Override
  public String toString() {
    return type.shape() + "[" + length + "]";
  }
}
