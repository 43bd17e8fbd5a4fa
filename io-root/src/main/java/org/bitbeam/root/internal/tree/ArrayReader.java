package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.internal.bytes.Cursor;

/** Fixed arrays of values; collections in them share one header. */
final class ArrayReader implements ValueReader {
  private final ValueReader item;
  private final int size;
  private final ValuesWithoutBytes withoutBytes;
  private int count;

  ArrayReader(ValueReader item, int size, ValuesWithoutBytes withoutBytes) {
    this.item = item;
    this.size = size;
    this.withoutBytes = withoutBytes;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ArrayOf(item.type(), size);
  }

  @Override
  public void read(Cursor in) {
    if (item instanceof ValueReader.NumberReader numbers) {
      numbers.read(in, size);
    } else {
      int end = item.readSharedHeader(in);
      for (int i = 0; i < size; i++) {
        int start = in.position();
        item.readBody(in);
        if (in.position() == start) {
          withoutBytes.add(in, 1);
        }
      }
      ValueReader.checkEnd(in, end);
    }
    count++;
  }

  @Override
  public void addDefault(Cursor in) {
    withoutBytes.add(in, size);
    for (int i = 0; i < size; i++) {
      item.addDefault(in);
    }
    count++;
  }

  @Override
  public Column column() {
    return ArrayColumn.of(size, count, item.column());
  }
}
