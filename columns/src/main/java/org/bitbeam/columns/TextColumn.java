package org.bitbeam.columns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Strings, kept as the bytes of the file; {@link #get} decodes them as UTF-8. */
public final class TextColumn implements Column {
  private final int[] offsets;
  private final byte[] bytes;
  private final int start;
  private final int length;

  private TextColumn(int[] offsets, byte[] bytes, int start, int length) {
    this.offsets = offsets;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
  }

  /**
   * String {@code i} is {@code bytes[offsets[i] .. offsets[i + 1])}; the arrays are not copied.
   *
   * @throws IllegalArgumentException when the offsets do not ascend inside of {@code bytes}
   */
  public static TextColumn of(int[] offsets, byte[] bytes) {
    ListColumn.checkOffsets(offsets, bytes.length);
    return new TextColumn(offsets, bytes, 0, offsets.length - 1);
  }

  /** A column of the given strings in UTF-8. */
  public static TextColumn of(List<String> strings) {
    int[] offsets = new int[strings.size() + 1];
    byte[][] encoded = new byte[strings.size()][];
    for (int i = 0; i < encoded.length; i++) {
      encoded[i] = strings.get(i).getBytes(StandardCharsets.UTF_8);
      offsets[i + 1] = Math.addExact(offsets[i], encoded[i].length);
    }
    byte[] bytes = new byte[offsets[encoded.length]];
    for (int i = 0; i < encoded.length; i++) {
      System.arraycopy(encoded[i], 0, bytes, offsets[i], encoded[i].length);
    }
    return of(offsets, bytes);
  }

  /** String of entry {@code index}, decoded as UTF-8. */
  public String get(int index) {
    int from = start(index);
    return new String(bytes, from, end(index) - from, StandardCharsets.UTF_8);
  }

  /** The bytes of entry {@code index} as a new array. */
  public byte[] getBytes(int index) {
    return Arrays.copyOfRange(bytes, start(index), end(index));
  }

  /** Number of bytes of entry {@code index}. */
  public int byteLength(int index) {
    return end(index) - start(index);
  }

  /** Copies the bytes of all entries, one after the other, to {@code target} from {@code at} on. */
  public void copyBytesTo(byte[] target, int at) {
    System.arraycopy(bytes, offsets[start], target, at, totalBytes());
  }

  /** Number of bytes of all entries together. */
  public int totalBytes() {
    return offsets[start + length] - offsets[start];
  }

  private int start(int index) {
    return offsets[start + Objects.checkIndex(index, length)];
  }

  private int end(int index) {
    return offsets[start + index + 1];
  }

  @Override
  public ColumnType type() {
    return new ColumnType.Text();
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public TextColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new TextColumn(offsets, bytes, start + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextColumn that
        && ListColumn.sameLengths(offsets, start, that.offsets, that.start, length, that.length)
        && Arrays.equals(
            bytes,
            offsets[start],
            offsets[start + length],
            that.bytes,
            that.offsets[that.start],
            that.offsets[that.start + that.length]);
  }

  @Override
  public int hashCode() {
    int hash = length;
    for (int i = offsets[start]; i < offsets[start + length]; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  @Override
  public String toString() {
    return "string[" + length + "]";
  }
}
