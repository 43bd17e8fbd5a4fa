package org.bitbeam.columns;

import java.util.Arrays;
import java.util.Objects;

/** IEEE double precision numbers. */
public final class DoubleColumn implements NumberColumn {
  private final ColumnType.Primitive type;
  private final double[] values;
  private final int start;
  private final int length;

  private DoubleColumn(ColumnType.Primitive type, double[] values, int start, int length) {
    this.type = type;
    this.values = values;
    this.start = start;
    this.length = length;
  }

  /** A column over all of {@code values}, which is not copied. */
  public static DoubleColumn of(double... values) {
    return new DoubleColumn(ColumnType.Primitive.FLOAT64, values, 0, values.length);
  }

  /** Value of entry {@code index}, in the signed type of its width. */
  public double get(int index) {
    return values[start + Objects.checkIndex(index, length)];
  }

  /** The values as a new array. */
  public double[] toArray() {
    return Arrays.copyOfRange(values, start, start + length);
  }

  /** Copies all values to {@code target} from {@code at} on. */
  public void copyTo(double[] target, int at) {
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
  public DoubleColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new DoubleColumn(type, values, start + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DoubleColumn that
        && type == that.type
        && Arrays.equals(
            values, start, start + length, that.values, that.start, that.start + that.length);
  }

  @Override
  public int hashCode() {
    int hash = type.hashCode();
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + Double.hashCode(values[start + i]);
    }
    return hash;
  }

  @Override
  public String toString() {
    return type.shape() + "[" + length + "]";
  }
}
