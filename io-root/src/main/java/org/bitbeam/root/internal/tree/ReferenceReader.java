package org.bitbeam.root.internal.tree;

import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/**
 * References to objects by their unique numbers: one (TRef) as a record with the member {@code
 * ref}, or a list of them (TRefArray). The numbers are those of {@code fUniqueID} of the objects
 * meant; 0 refers to nothing.
 */
final class ReferenceReader implements ValueReader {
  private final boolean isArray;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private final ValueReader.Ints ids = new ValueReader.Ints();

  private ReferenceReader(boolean isArray) {
    this.isArray = isArray;
  }

  /** A reader for {@code TRef}. */
  static ReferenceReader one() {
    return new ReferenceReader(false);
  }

  /** A reader for {@code TRefArray}. */
  static ReferenceReader array() {
    return new ReferenceReader(true);
  }

  @Override
  public ColumnType type() {
    return isArray
        ? new ColumnType.ListOf(ColumnType.Primitive.UINT32)
        : new ColumnType.RecordOf(
            List.of(new ColumnType.Member("ref", ColumnType.Primitive.UINT32)));
  }

  @Override
  public void read(Cursor in) {
    if (isArray) {
      VersionHeader header = VersionHeader.read(in);
      ObjectParts.read(in);
      in.string();
      int size = in.count(4, "a TRefArray");
      in.skip(4); // lower bound
      in.skip(2); // number of the process
      for (int i = 0; i < size; i++) {
        ids.add(in.i32());
      }
      ValueReader.checkEnd(in, header.end());
    } else {
      ids.add((int) (ObjectParts.read(in) >>> 32));
      in.skip(2); // number of the process
    }
    offsets.add(ids.size());
  }

  @Override
  public void addDefault(Cursor in) {
    if (!isArray) {
      ids.add(0);
    }
    offsets.add(ids.size());
  }

  @Override
  public Column column() {
    IntColumn values = IntColumn.ofUnsigned(ids.toArray());
    return isArray
        ? ListColumn.of(offsets.toArray(), values)
        : RecordColumn.of(List.of("ref"), List.of(values), ids.size());
  }
}
