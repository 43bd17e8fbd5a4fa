package org.bitbeam.columns;

import java.util.Objects;

/**
 * Arrays of one fixed size. Elements of entry {@code i} are {@code content()[i * size .. (i + 1) *
 * size)}.
 */
public final class ArrayColumn implements Column {
  private final int size;
  private final int length;
  private final Column content;

  private ArrayColumn(int size, int length, Column content) {
    this.size = size;
    this.length = length;
    this.content = content;
  }

  /**
   * {@code length} arrays of {@code size} elements each.
   *
   * @throws IllegalArgumentException when the content does not have {@code size * length} elements
   */
  public static ArrayColumn of(int size, int length, Column content) {
    if (size < 0 || length < 0 || (long) size * length != content.length()) {
      throw new IllegalArgumentException(
          length + " arrays of " + size + " cannot be made of " + content.length() + " elements");
    }
    return new ArrayColumn(size, length, content);
  }

  /** Elements an entry. */
  public int size() {
    return size;
  }

  /** The elements of all entries. */
  public Column content() {
    return content;
  }

  /** Elements of entry {@code index}. */
  public Column get(int index) {
    Objects.checkIndex(index, length);
    return content.slice(index * size, (index + 1) * size);
  }

  @Override
  public ColumnType.ArrayOf type() {
    return new ColumnType.ArrayOf(content.type(), size);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public ArrayColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new ArrayColumn(size, to - from, content.slice(from * size, to * size));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ArrayColumn that
        && size == that.size
        && length == that.length
        && content.equals(that.content);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * size + length) + content.hashCode();
  }

  @Override
  public String toString() {
    return type().shape() + "[" + length + "]";
  }
}
