package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Whole arrays of objects of one class (TClonesArray), as lists of records. */
final class ClonesReader implements ValueReader {
  /** Bit of TObject: the objects are stored member by member. */
  private static final int BY_MEMBERS = 1 << 12;

  private final RecordReader item;
  private final String itemClass;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  ClonesReader(String itemClass, RecordReader item) {
    this.itemClass = itemClass;
    this.item = item;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(item.type());
  }

  /** The class of the items that the array at the cursor names. */
  static String itemClass(Cursor in) {
    String name = in.string(); // such as TLorentzVector;4
    int semicolon = name.indexOf(';');
    return semicolon < 0 ? name : name.substring(0, semicolon);
  }

  /** Reads what stands in front of the class of the items; returns the bits of the array. */
  static long readStart(Cursor in, VersionHeader header) {
    long bits = header.version() > 2 ? ObjectParts.read(in) : 0;
    if (header.version() > 1) {
      in.string();
    }
    return bits;
  }

  @Override
  public void read(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    long bits = readStart(in, header);
    String className = itemClass(in);
    if (!className.equals(itemClass)) {
      throw new UnsupportedRootException(
          in.context()
              + ": an array of "
              + className
              + " among arrays of "
              + itemClass
              + "; columns of several classes cannot be read");
    }
    int count = in.count(1, "an array of " + itemClass);
    in.skip(4); // lower bound
    if ((bits & BY_MEMBERS) != 0) {
      item.readMembers(in, count);
      items = Math.addExact(items, count);
    } else {
      for (int i = 0; i < count; i++) {
        if (in.u8() == 0) {
          throw new UnsupportedRootException(
              in.context() + ": an array of " + itemClass + " with holes cannot be read");
        }
        item.read(in);
        items++;
      }
    }
    offsets.add(items);
    ValueReader.checkEnd(in, header.end());
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), item.column());
  }
}
