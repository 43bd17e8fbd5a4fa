package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.VersionHeader;

/**
 * The arrays of all items of a split collection. Numbers: for each item a byte that says whether
 * they follow, then as many as its counter says. Objects: a header, then those of all items.
 */
final class CountedItemsReader implements ValueReader {
  private final ValueReader value;
  private final ListColumn sizes;
  private final ValueReader.Offsets items = new ValueReader.Offsets();
  private final ValueReader.Offsets entries = new ValueReader.Offsets();
  private int entry;
  private int item;
  private int values;

  /**
   * A reader.
   *
   * @param sizes of the arrays: a list for each entry that will be read
   */
  CountedItemsReader(ValueReader value, ListColumn sizes) {
    this.value = value;
    this.sizes = sizes;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(new ColumnType.ListOf(value.type()));
  }

  @Override
  public void read(Cursor in) {
    if (entry >= sizes.length()) {
      throw in.malformed("no counter says how long its arrays are");
    }
    int end = item + sizes.count(entry++);
    if (value instanceof ValueReader.NumberReader numbers) {
      for (; item < end; item++) {
        readNumbers(in, numbers);
      }
    } else {
      VersionHeader header = VersionHeader.read(in);
      for (; item < end; item++) {
        int size = size(in);
        for (int i = 0; i < size; i++) {
          value.read(in);
        }
        add(size);
      }
      ValueReader.checkEnd(in, header.end());
    }
    entries.add(item);
  }

  private void readNumbers(Cursor in, ValueReader.NumberReader numbers) {
    int size = in.u8() == 0 ? 0 : size(in);
    numbers.read(in, size);
    add(size);
  }

  private int size(Cursor in) {
    long size = sizes.content() instanceof NumberColumn counts ? counts.getLong(item) : -1;
    if (size < 0 || size > in.remaining()) {
      throw in.malformed(
          "an array of " + size + " values, but only " + in.remaining() + " bytes are left");
    }
    return (int) size;
  }

  private void add(int size) {
    values = Math.addExact(values, size);
    items.add(values);
  }

  @Override
  public void addDefault(Cursor in) {
    entry++;
    entries.add(item);
  }

  @Override
  public Column column() {
    return ListColumn.of(entries.toArray(), ListColumn.of(items.toArray(), value.column()));
  }
}
