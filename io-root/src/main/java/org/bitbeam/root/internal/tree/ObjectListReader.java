package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Lists of objects of any class, which hold pointers to them. */
final class ObjectListReader implements ValueReader {
  private final ValueReader pointer;
  private final Kind kind;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  /** How ROOT stores a kind of list. */
  enum Kind {
    /** A lower bound stands in front (TObjArray). */
    ARRAY(3),
    /** A string follows each pointer (TList and its derived classes). */
    LIST(4),
    /** Nothing but pointers (TOrdCollection). */
    COLLECTION(3),
    /** The same behind a header and six numbers about the shape of the tree (TBtree). */
    TREE(3);

    private final int oldest;

    Kind(int oldest) {
      this.oldest = oldest;
    }
  }

  /**
   * A reader of lists.
   *
   * @param pointer reads the pointers in them
   */
  ObjectListReader(ValueReader pointer, Kind kind) {
    this.pointer = pointer;
    this.kind = kind;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(pointer.type());
  }

  @Override
  public void read(Cursor in) {
    if (kind == Kind.TREE) {
      VersionHeader tree = VersionHeader.read(in);
      in.skip(6 * Integer.BYTES);
      readList(in);
      ValueReader.checkEnd(in, tree.end());
    } else {
      readList(in);
    }
  }

  private void readList(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() < kind.oldest) {
      throw new UnsupportedRootException(
          in.context() + ": a list of version " + header.version() + " cannot be read");
    }
    ObjectParts.read(in);
    in.string();
    int count = in.count(4, "a list of objects");
    if (kind == Kind.ARRAY) {
      in.skip(4); // lower bound
    }
    for (int i = 0; i < count; i++) {
      pointer.read(in);
      if (kind == Kind.LIST) {
        in.string();
      }
    }
    items = Math.addExact(items, count);
    offsets.add(items);
    ValueReader.checkEnd(in, header.end());
  }

  @Override
  public void addDefault(Cursor in) {
    offsets.add(items);
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), pointer.column());
  }
}
