package org.bitbeam.columns;

import java.util.Objects;

/**
 * Lists of any length. Elements of entry {@code i} are {@code content()[start(i) .. end(i))}. After
 * a slice the first entry need not start at 0.
 */
public final class ListColumn implements Column {
  private final int[] offsets;
  private final int start;
  private final int length;
  private final Column content;

  private ListColumn(int[] offsets, int start, int length, Column content) {
    this.offsets = offsets;
    this.start = start;
    this.length = length;
    this.content = content;
  }

  /**
   * Elements of list {@code i} are {@code content[offsets[i] .. offsets[i + 1])}; the array is not
   * copied.
   *
   * @throws IllegalArgumentException when the offsets do not ascend inside of the content
   */
  public static ListColumn of(int[] offsets, Column content) {
    checkOffsets(offsets, content.length());
    return new ListColumn(offsets, 0, offsets.length - 1, content);
  }

  /** Position of the first element of entry {@code index} in {@link #content()}. */
  public int start(int index) {
    return offsets[start + Objects.checkIndex(index, length)];
  }

  /** Position after the last element of entry {@code index} in {@link #content()}. */
  public int end(int index) {
    return offsets[start + Objects.checkIndex(index, length) + 1];
  }

  /** Number of elements of entry {@code index}. */
  public int count(int index) {
    return end(index) - start(index);
  }

  /** The elements of all entries, and possibly others before and after them. */
  public Column content() {
    return content;
  }

  /** The elements of exactly these entries, one after the other. */
  public Column elements() {
    return content.slice(offsets[start], offsets[start + length]);
  }

  /** Elements of entry {@code index}. */
  public Column get(int index) {
    return content.slice(start(index), end(index));
  }

  /**
   * Offsets of these entries into {@link #elements()}: one more than entries, from 0 on, as a new
   * array.
   */
  public int[] elementOffsets() {
    return rebased(offsets, start, length);
  }

  @Override
  public ColumnType.ListOf type() {
    return new ColumnType.ListOf(content.type());
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public ListColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new ListColumn(offsets, start + from, to - from, content);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ListColumn that
        && sameLengths(offsets, start, that.offsets, that.start, length, that.length)
        && elements().equals(that.elements());
  }

  @Override
  public int hashCode() {
    return 31 * length + elements().hashCode();
  }

  @Override
  public String toString() {
    return type().shape() + "[" + length + "]";
  }

  static void checkOffsets(int[] offsets, int available) {
    if (offsets.length == 0) {
      throw new IllegalArgumentException(
          "offsets must have one number more than there are entries, but are empty");
    }
    int previous = 0;
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] < previous || offsets[i] > available) {
        throw new IllegalArgumentException(
            "offset " + i + " is " + offsets[i] + ", expected " + previous + " to " + available);
      }
      previous = offsets[i];
    }
  }

  static boolean sameLengths(int[] a, int startA, int[] b, int startB, int lengthA, int lengthB) {
    if (lengthA != lengthB) {
      return false;
    }
    for (int i = 0; i <= lengthA; i++) {
      if (a[startA + i] - a[startA] != b[startB + i] - b[startB]) {
        return false;
      }
    }
    return true;
  }

  static int[] rebased(int[] offsets, int start, int length) {
    int[] result = new int[length + 1];
    for (int i = 0; i <= length; i++) {
      result[i] = offsets[start + i] - offsets[start];
    }
    return result;
  }
}
