package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One of several alternatives, an entry. {@code tag(i)} says which (-1: none); its values lie in
 * entry order in {@code alternatives().get(tag)}.
 */
public final class VariantColumn implements Column {
  private final byte[] tags;
  private final List<Column> alternatives;

  private VariantColumn(byte[] tags, List<Column> alternatives) {
    this.tags = tags;
    this.alternatives = alternatives;
  }

  /**
   * Variants with the given tags; {@code alternatives.get(t)} holds a value for every entry with
   * tag {@code t}. The array is not copied.
   *
   * @throws IllegalArgumentException when a tag names no alternative or an alternative has another
   *     number of values
   */
  public static VariantColumn of(byte[] tags, List<? extends Column> alternatives) {
    int[] counts = new int[alternatives.size()];
    for (int i = 0; i < tags.length; i++) {
      if (tags[i] < -1 || tags[i] >= counts.length) {
        throw new IllegalArgumentException(
            "entry "
                + i
                + " has tag "
                + tags[i]
                + ", there are "
                + counts.length
                + " alternatives");
      }
      if (tags[i] >= 0) {
        counts[tags[i]]++;
      }
    }
    for (int t = 0; t < counts.length; t++) {
      if (alternatives.get(t).length() != counts[t]) {
        throw new IllegalArgumentException(
            "alternative "
                + t
                + " has "
                + alternatives.get(t).length()
                + " values for "
                + counts[t]
                + " entries");
      }
    }
    return new VariantColumn(tags, List.copyOf(alternatives));
  }

  /** Alternative of entry {@code index}, -1 for none. */
  public byte tag(int index) {
    return tags[index];
  }

  /** The values of each alternative, in entry order. */
  public List<Column> alternatives() {
    return alternatives;
  }

  @Override
  public ColumnType.VariantOf type() {
    return new ColumnType.VariantOf(alternatives.stream().map(Column::type).toList());
  }

  @Override
  public int length() {
    return tags.length;
  }

  @Override
  public VariantColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, tags.length);
    int[] before = new int[alternatives.size()];
    int[] inside = new int[alternatives.size()];
    for (int i = 0; i < to; i++) {
      if (tags[i] >= 0) {
        (i < from ? before : inside)[tags[i]]++;
      }
    }
    List<Column> parts = new ArrayList<>();
    for (int t = 0; t < before.length; t++) {
      parts.add(alternatives.get(t).slice(before[t], before[t] + inside[t]));
    }
    return new VariantColumn(Arrays.copyOfRange(tags, from, to), List.copyOf(parts));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VariantColumn that
        && Arrays.equals(tags, that.tags)
        && alternatives.equals(that.alternatives);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tags) + alternatives.hashCode();
  }

  @Override
  public String toString() {
    return type().shape() + "[" + tags.length + "]";
  }
}
