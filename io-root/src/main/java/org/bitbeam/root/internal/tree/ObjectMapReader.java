package org.bitbeam.root.internal.tree;

import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/**
 * ROOT's own maps, as lists of records {@code _0} (key) and {@code _1} (value) in the order of the
 * file: of objects to objects (TMap), of numbers to numbers (TExMap).
 */
final class ObjectMapReader implements ValueReader {
  private static final int OLDEST = 3;
  private static final List<String> NAMES = List.of("_0", "_1");

  private final boolean ofNumbers;
  private final ValueReader key;
  private final ValueReader value;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  private ObjectMapReader(boolean ofNumbers, ValueReader key, ValueReader value) {
    this.ofNumbers = ofNumbers;
    this.key = key;
    this.value = value;
  }

  /** A reader for {@code TMap}, from readers of its pointers. */
  static ObjectMapReader ofObjects(ValueReader key, ValueReader value) {
    return new ObjectMapReader(false, key, value);
  }

  /** A reader for {@code TExMap}. */
  static ObjectMapReader ofNumbers() {
    NumberFormat number = NumberFormat.plain(Primitive.INT64);
    return new ObjectMapReader(
        true, new ValueReader.NumberReader(number), new ValueReader.NumberReader(number));
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(
        new ColumnType.RecordOf(
            List.of(
                new ColumnType.Member("_0", key.type()),
                new ColumnType.Member("_1", value.type()))));
  }

  @Override
  public void read(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() < OLDEST) {
      throw new UnsupportedRootException(
          in.context() + ": a map of version " + header.version() + " cannot be read");
    }
    ObjectParts.read(in);
    if (ofNumbers) {
      in.skip(4); // slots of its table
    } else {
      in.string();
    }
    int count = in.count(8, "a map");
    for (int i = 0; i < count; i++) {
      if (ofNumbers) {
        in.skip(12); // number of the slot, hash of the key
      }
      key.read(in);
      value.read(in);
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
    return ListColumn.of(
        offsets.toArray(), RecordColumn.of(NAMES, List.of(key.column(), value.column()), items));
  }
}
