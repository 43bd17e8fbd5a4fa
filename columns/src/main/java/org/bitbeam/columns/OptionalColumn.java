package org.bitbeam.columns;

import java.util.Objects;

/**
 * A value or none, an entry. The values that are there lie one after the other in {@link
 * #content()}.
 */
public final class OptionalColumn implements Column {
  private final int[] offsets;
  private final int start;
  private final int length;
  private final Column content;

  private OptionalColumn(int[] offsets, int start, int length, Column content) {
    this.offsets = offsets;
    this.start = start;
    this.length = length;
    this.content = content;
  }

  /**
   * Entry {@code i} is {@code content[offsets[i]]} if {@code offsets[i + 1]} is one more, and
   * absent if it is the same; the array is not copied.
   *
   * @throws IllegalArgumentException when the offsets rise by other steps or leave the content
   */
  public static OptionalColumn of(int[] offsets, Column content) {
    ListColumn.checkOffsets(offsets, content.length());
    for (int i = 0; i + 1 < offsets.length; i++) {
      if (offsets[i + 1] - offsets[i] > 1) {
        throw new IllegalArgumentException(
            "entry "
                + i
                + " has "
                + (offsets[i + 1] - offsets[i])
                + " values, at most one is possible");
      }
    }
    return new OptionalColumn(offsets, 0, offsets.length - 1, content);
  }

  /** Whether entry {@code index} has a value. */
  public boolean isPresent(int index) {
    return offsets[start + Objects.checkIndex(index, length) + 1] > offsets[start + index];
  }

  /**
   * Position of the value of entry {@code index} in {@link #content()}; meaningful only when
   * present.
   */
  public int position(int index) {
    return offsets[start + Objects.checkIndex(index, length)];
  }

  /** The values of all entries, and possibly others before and after them. */
  public Column content() {
    return content;
  }

  /** The values of exactly these entries, one after the other. */
  public Column elements() {
    return content.slice(offsets[start], offsets[start + length]);
  }

  /** Offsets of these entries into {@link #elements()}, from 0 on, as a new array. */
  public int[] elementOffsets() {
    return ListColumn.rebased(offsets, start, length);
  }

  @Override
  public ColumnType.OptionalOf type() {
    return new ColumnType.OptionalOf(content.type());
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public OptionalColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new OptionalColumn(offsets, start + from, to - from, content);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OptionalColumn that
        && ListColumn.sameLengths(offsets, start, that.offsets, that.start, length, that.length)
        && elements().equals(that.elements());
  }

  @Override
  public int hashCode() {
    return 37 * length + elements().hashCode();
  }

  @Override
  public String toString() {
    return type().shape() + "[" + length + "]";
  }
}
