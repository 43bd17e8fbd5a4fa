package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Lists of objects of any class (TObjArray, TList), which hold pointers to them. */
final class ObjectListReader implements ValueReader {
  private static final int OLDEST_ARRAY = 3;
  private static final int OLDEST_LIST = 4;

  private final ValueReader pointer;
  private final boolean hasOptions;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  /**
   * A reader of lists.
   *
   * @param pointer reads the pointers in them
   * @param hasOptions whether a string follows each of them (TList), else a lower bound stands in
   *     front (TObjArray)
   */
  ObjectListReader(ValueReader pointer, boolean hasOptions) {
    this.pointer = pointer;
    this.hasOptions = hasOptions;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(pointer.type());
  }

  @Override
  public void read(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() < (hasOptions ? OLDEST_LIST : OLDEST_ARRAY)) {
      throw new UnsupportedRootException(
          in.context() + ": a list of version " + header.version() + " cannot be read");
    }
    ObjectParts.read(in);
    in.string();
    int count = in.count(4, "a list of objects");
    if (!hasOptions) {
      in.skip(4); // lower bound
    }
    for (int i = 0; i < count; i++) {
      pointer.read(in);
      if (hasOptions) {
        in.string();
      }
    }
    items = Math.addExact(items, count);
    offsets.add(items);
    ValueReader.checkEnd(in, header.end());
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), pointer.column());
  }
}
