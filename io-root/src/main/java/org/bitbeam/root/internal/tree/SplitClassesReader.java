package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.VersionHeader;

/**
 * Which class each item of a split collection of pointers is of (TBranchSTL): 1 for that of the
 * first branch inside, 2 for the second and so on, 0 for a null pointer. The items of a class lie
 * in its branch one after the other.
 */
final class SplitClassesReader implements ValueReader {
  private final ValueReader.NumberReader classes =
      new ValueReader.NumberReader(NumberFormat.plain(Primitive.UINT8));
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(classes.type());
  }

  @Override
  public void read(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() <= 0) {
      in.skip(Integer.BYTES); // checksum of TIndArray
    }
    int count = in.count(1, "a collection");
    if (in.u8() != 0) {
      classes.read(in, count);
      items = Math.addExact(items, count);
    }
    offsets.add(items);
    ValueReader.checkEnd(in, header.end());
  }

  @Override
  public void addDefault(Cursor in) {
    offsets.add(items);
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), classes.column());
  }
}
