package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.VersionHeader;
import org.jspecify.annotations.Nullable;

/**
 * Arrays behind a pointer whose length is another member of the same object: numbers with a byte in
 * front that says whether they are there, or objects with a header for all of them.
 */
final class CountedArrayReader implements ValueReader {
  private final ValueReader item;
  private final ValueReader.@Nullable NumberReader counter;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int arrays;
  private int items;

  /**
   * A reader of arrays.
   *
   * @param counter the member that counts them; null for objects that fill a branch of their own
   */
  CountedArrayReader(ValueReader item, ValueReader.@Nullable NumberReader counter) {
    this.item = item;
    this.counter = counter;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(item.type());
  }

  @Override
  public void read(Cursor in) {
    if (counter == null) {
      VersionHeader header = VersionHeader.read(in);
      while (in.position() < Math.max(header.end(), 0)) {
        item.read(in);
        items++;
      }
      ValueReader.checkEnd(in, header.end());
      offsets.add(items);
      return;
    }
    long count = counter.integer(arrays++);
    if (count < 0 || count > in.remaining()) {
      throw in.malformed(
          "an array of " + count + " values, but only " + in.remaining() + " bytes are left");
    }
    if (!(item instanceof ValueReader.NumberReader numbers)) {
      VersionHeader header = VersionHeader.read(in);
      for (int i = 0; i < count; i++) {
        item.read(in);
      }
      items = Math.addExact(items, (int) count);
      ValueReader.checkEnd(in, header.end());
    } else if (in.u8() != 0) {
      numbers.read(in, (int) count);
      items = Math.addExact(items, (int) count);
    }
    offsets.add(items);
  }

  @Override
  public void addDefault(Cursor in) {
    arrays++;
    offsets.add(items);
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), item.column());
  }
}
