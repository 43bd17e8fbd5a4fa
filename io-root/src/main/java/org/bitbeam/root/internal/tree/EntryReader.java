package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * The values of a branch with pointers in them. Where pointers of a class to itself occur, the
 * objects behind them follow in a list beside the value: as more members when it is a record, else
 * in a record whose first member is the {@code value}.
 */
final class EntryReader implements ValueReader {
  private final ValueReader value;
  private final EntryObjects objects;
  private int entries;

  EntryReader(ValueReader value, EntryObjects objects) {
    this.value = value;
    this.objects = objects;
  }

  @Override
  public ColumnType type() {
    if (objects.tables().isEmpty()) {
      return value.type();
    }
    List<ColumnType.Member> members =
        value.type() instanceof ColumnType.RecordOf record
            ? new ArrayList<>(record.members())
            : new ArrayList<>(List.of(new ColumnType.Member("value", value.type())));
    for (ObjectTable table : objects.tables()) {
      members.add(new ColumnType.Member(table.name(), table.type()));
    }
    return new ColumnType.RecordOf(members);
  }

  @Override
  public void read(Cursor in) {
    objects.startEntry();
    readValue(in);
  }

  /** Reads the object of a key, to which pointers inside of it can refer. */
  void readObject(Cursor in, String className) {
    objects.startEntry();
    objects.setTop(in, className);
    readValue(in);
  }

  private void readValue(Cursor in) {
    value.read(in);
    objects.tables().forEach(ObjectTable::endEntry);
    entries++;
  }

  @Override
  public void addDefault(Cursor in) {
    value.addDefault(in);
    objects.tables().forEach(ObjectTable::endEntry);
    entries++;
  }

  @Override
  public Column column() {
    Column column = value.column();
    if (objects.tables().isEmpty()) {
      return column;
    }
    List<String> names = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    if (column instanceof RecordColumn record) {
      names.addAll(record.names());
      columns.addAll(record.members());
    } else {
      names.add("value");
      columns.add(column);
    }
    for (ObjectTable table : objects.tables()) {
      names.add(table.name());
      columns.add(table.column());
    }
    return RecordColumn.of(names, columns, entries);
  }
}
