package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * The objects of an entry that pointers of a class to itself lead to, such as the nodes of a linked
 * list: a list in the order in which they were found. Pointers are their numbers in that list.
 */
final class ObjectTable {
  private final String declaredClass;
  private final EntryObjects objects;
  private final List<Supplier<ValueReader>> readers = new ArrayList<>();
  private final List<List<Column>> values = new ArrayList<>();
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private @Nullable PointedClasses classes;
  private int entryStart;
  private int rows;

  /** A table for pointers to that class, to be completed by {@link #complete}. */
  ObjectTable(String declaredClass, EntryObjects objects) {
    this.declaredClass = declaredClass;
    this.objects = objects;
  }

  /** Says what the possible classes are; their readers use this table themselves. */
  void complete(Map<String, Supplier<ValueReader>> possible) {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    possible.forEach(
        (name, reader) -> {
          ValueReader none = reader.get();
          types.put(name, none.type());
          readers.add(reader);
          values.add(new ArrayList<>(List.of(none.column())));
        });
    classes = new PointedClasses(types);
  }

  private PointedClasses classes() {
    if (classes == null) {
      throw new IllegalStateException("pointers to " + declaredClass + " are read too early");
    }
    return classes;
  }

  /** Name of the column, which no member can have. */
  String name() {
    return declaredClass + "*";
  }

  ColumnType type() {
    ColumnType type = classes().type();
    return new ColumnType.ListOf(
        type instanceof ColumnType.OptionalOf optional ? optional.element() : type);
  }

  /** Ends the list of an entry. */
  void endEntry() {
    entryStart = rows;
    offsets.add(rows);
    numbers.clear();
  }

  private int read(Cursor in) {
    EntryObjects.Target target = objects.read(in);
    if (target == null) {
      return -1;
    }
    Integer known = numbers.get(target.position());
    if (known != null) {
      return known;
    }
    int number = rows++ - entryStart;
    numbers.put(target.position(), number);
    int choice = classes().add(in, target.className());
    // A reader for each object: others of this class may lie inside of it.
    ValueReader reader = readers.get(choice).get();
    int at = values.get(choice).size();
    values.get(choice).add(reader.column());
    objects.readObject(in, target, reader);
    values.get(choice).set(at, reader.column());
    return number;
  }

  Column column() {
    Column all = classes().column(values.stream().map(Columns::concatenate).toList());
    return ListColumn.of(
        offsets.toArray(), all instanceof OptionalColumn optional ? optional.content() : all);
  }

  /** Pointers into this table. */
  static final class LinkReader implements ValueReader {
    private final ObjectTable table;
    private final ValueReader.Ints numbers = new ValueReader.Ints();

    LinkReader(ObjectTable table) {
      this.table = table;
    }

    @Override
    public ColumnType type() {
      return ColumnType.Primitive.INT32;
    }

    @Override
    public void read(Cursor in) {
      numbers.add(table.read(in));
    }

    @Override
    public void addDefault(Cursor in) {
      numbers.add(-1);
    }

    @Override
    public Column column() {
      return IntColumn.of(numbers.toArray());
    }
  }
}
