package org.bitbeam.root.internal.tree;

import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;

/** The part that ROOT's own objects begin with (TObject), which has no values for users. */
final class ObjectPartReader implements ValueReader {
  private int count;

  @Override
  public ColumnType type() {
    return new ColumnType.RecordOf(List.of());
  }

  @Override
  public void read(Cursor in) {
    ObjectParts.read(in);
    count++;
  }

  @Override
  public void addDefault(Cursor in) {
    count++;
  }

  @Override
  public Column column() {
    return RecordColumn.of(List.of(), List.of(), count);
  }
}
