package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Which of several classes objects are of: the class that a pointer is declared with, or one of
 * those in the file that derive from it. Where only one class is possible, objects are optional
 * values; of several classes they are a record with an optional value for each class, at most one
 * of which is there.
 */
final class PointedClasses {
  private final List<String> names;
  private final List<ColumnType> types;
  private final ValueReader.Ints choices = new ValueReader.Ints();

  /** Objects of the classes of these names, which become values of these types. */
  PointedClasses(Map<String, ColumnType> types) {
    this.names = List.copyOf(types.keySet());
    this.types = List.copyOf(types.values());
  }

  ColumnType type() {
    if (names.size() == 1) {
      return new ColumnType.OptionalOf(types.get(0));
    }
    List<ColumnType.Member> members = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      members.add(new ColumnType.Member(names.get(i), new ColumnType.OptionalOf(types.get(i))));
    }
    return new ColumnType.RecordOf(members);
  }

  /** Adds a null pointer. */
  void addNull() {
    choices.add(-1);
  }

  /** Adds an object of that class; returns the number of the class. */
  int add(Cursor in, String className) {
    int choice = names.indexOf(className);
    if (choice < 0) {
      throw new UnsupportedRootException(
          in.context()
              + ": an object of class "
              + className
              + ", which is none of those that can be read here: "
              + String.join(", ", names));
    }
    choices.add(choice);
    return choice;
  }

  /** The column, from the values of each class. */
  Column column(List<? extends Column> values) {
    int[] all = choices.toArray();
    List<Column> members = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      int[] offsets = new int[all.length + 1];
      for (int k = 0; k < all.length; k++) {
        offsets[k + 1] = offsets[k] + (all[k] == i ? 1 : 0);
      }
      members.add(OptionalColumn.of(offsets, values.get(i)));
    }
    return names.size() == 1 ? members.get(0) : RecordColumn.of(names, members, all.length);
  }
}
