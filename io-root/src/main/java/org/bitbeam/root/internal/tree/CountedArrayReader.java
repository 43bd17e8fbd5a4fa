package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.internal.bytes.Cursor;

/** Arrays behind a pointer whose length is another member of the same object. */
final class CountedArrayReader implements ValueReader {
  private final ValueReader.NumberReader item;
  private final ValueReader.NumberReader counter;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int arrays;
  private int items;

  CountedArrayReader(ValueReader.NumberReader item, ValueReader.NumberReader counter) {
    this.item = item;
    this.counter = counter;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(item.type());
  }

  @Override
  public void read(Cursor in) {
    long count = counter.integer(arrays++);
    if (count < 0 || count > in.remaining()) {
      throw in.malformed(
          "an array of " + count + " values, but only " + in.remaining() + " bytes are left");
    }
    if (in.u8() != 0) {
      item.read(in, (int) count);
      items = Math.addExact(items, (int) count);
    }
    offsets.add(items);
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), item.column());
  }
}
