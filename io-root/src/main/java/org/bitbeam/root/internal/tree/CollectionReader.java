package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.VersionHeader;
import org.jspecify.annotations.Nullable;

/**
 * Collections with their number of items in front. Those that are no items of other collections
 * have a header, which also says whether the items lie there one after the other, or all first
 * members, then all second members and so on.
 */
final class CollectionReader implements ValueReader {
  /** Bit of the version: stored member by member. */
  private static final int BY_MEMBERS = 0x4000;

  /** Most items of a collection whose items have no members, which the bytes cannot limit. */
  private static final int MAX_WITHOUT_BYTES = 1 << 20;

  private final ValueReader item;
  private final boolean hasHeader;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private boolean byMembers;
  private RecordReader.@Nullable OldVersion old;
  private int items;

  CollectionReader(ValueReader item, boolean hasHeader) {
    this.item = item;
    this.hasHeader = hasHeader;
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(item.type());
  }

  @Override
  public void read(Cursor in) {
    int end = readSharedHeader(in);
    readBody(in);
    ValueReader.checkEnd(in, end);
  }

  @Override
  public int readSharedHeader(Cursor in) {
    if (!hasHeader) {
      return -1;
    }
    VersionHeader header = VersionHeader.read(in);
    byMembers = (header.version() & BY_MEMBERS) != 0 && header.version() > 0;
    if (byMembers) {
      if (!(item instanceof RecordReader record)) {
        throw new UnsupportedRootException(
            in.context() + ": a collection of " + item.type().shape() + " is stored by members");
      }
      old = record.readVersion(in, in.i16());
    }
    return header.end();
  }

  @Override
  public void readBody(Cursor in) {
    boolean isWithoutBytes =
        byMembers && item instanceof RecordReader record && record.hasNoMembers();
    int count = isWithoutBytes ? in.i32() : in.count(1, "a collection");
    if (count < 0 || count > MAX_WITHOUT_BYTES && isWithoutBytes) {
      throw in.malformed("a collection of " + count + " items without members");
    }
    if (byMembers && item instanceof RecordReader record) {
      record.readMembers(in, count, old);
    } else if (item instanceof ValueReader.NumberReader numbers) {
      numbers.read(in, count);
    } else {
      for (int i = 0; i < count; i++) {
        item.read(in);
      }
    }
    if (items > Integer.MAX_VALUE - count) {
      throw new UnsupportedRootException(
          in.context() + ": more than 2^31 - 1 items in a column; read fewer entries at once");
    }
    items += count;
    offsets.add(items);
  }

  @Override
  public void addDefault(Cursor in) {
    offsets.add(items);
  }

  @Override
  public Column column() {
    return ListColumn.of(offsets.toArray(), item.column());
  }
}
