package org.bitbeam.root.internal.tree;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Pointers to objects, as the values of these. An object that several pointers share is there for
 * each of them.
 */
final class ObjectPointerReader implements ValueReader {
  private final EntryObjects objects;
  private final List<ValueReader> readers;
  private final PointedClasses classes;

  /**
   * A reader of pointers.
   *
   * @param objects of the branch
   * @param readers for the possible classes
   */
  ObjectPointerReader(EntryObjects objects, Map<String, ValueReader> readers) {
    this.objects = objects;
    this.readers = List.copyOf(readers.values());
    Map<String, ColumnType> types = new LinkedHashMap<>();
    readers.forEach((name, reader) -> types.put(name, reader.type()));
    this.classes = new PointedClasses(types);
  }

  @Override
  public ColumnType type() {
    return classes.type();
  }

  @Override
  public void read(Cursor in) {
    EntryObjects.@Nullable Target target = objects.read(in);
    if (target == null) {
      classes.addNull();
    } else {
      objects.readObject(in, target, readers.get(classes.add(in, target.className())));
    }
  }

  @Override
  public void addDefault(Cursor in) {
    classes.addNull();
  }

  @Override
  public Column column() {
    return classes.column(readers.stream().map(ValueReader::column).toList());
  }
}
