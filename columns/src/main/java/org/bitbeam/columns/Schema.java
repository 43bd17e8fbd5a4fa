package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Names, types, descriptions and units of the columns of a batch, in order. Names are unique. */
public record Schema(List<Field> fields) {

  /**
   * A described column.
   *
   * @param name such as {@code Jet_pt}, or {@code Jet/Jet.pt} for a branch inside of another
   * @param type type of the values
   * @param description for people; may be empty
   * @param unit such as {@code GeV}; empty for a pure number or when unknown
   */
  public record Field(String name, ColumnType type, String description, String unit) {
    public Field {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("a column needs a name");
      }
    }

    /** A field without description and unit. */
    public static Field of(String name, ColumnType type) {
      return new Field(name, type, "", "");
    }
  }

  public Schema {
    fields = List.copyOf(fields);
    Set<String> seen = new HashSet<>();
    for (Field field : fields) {
      if (!seen.add(field.name())) {
        throw new IllegalArgumentException("two columns are named \"" + field.name() + "\"");
      }
    }
  }

  /** Number of columns. */
  public int size() {
    return fields.size();
  }

  /** Names in order. */
  public List<String> names() {
    return fields.stream().map(Field::name).toList();
  }

  /**
   * Names that one of the patterns describes, in the order of the columns.
   *
   * @param patterns see {@link ColumnPatterns}
   * @throws IllegalArgumentException when one of them describes no name
   */
  public List<String> matching(String... patterns) {
    List<String> names = names();
    for (String pattern : patterns) {
      if (names.stream().noneMatch(new ColumnPatterns(List.of(pattern))::matches)) {
        throw new IllegalArgumentException(
            "no column is called \"" + pattern + "\"; there are: " + String.join(", ", names));
      }
    }
    return names.stream().filter(new ColumnPatterns(List.of(patterns))::matches).toList();
  }

  /** Position of the column of that name, -1 if there is none. */
  public int indexOf(String name) {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The field of that name. */
  public Optional<Field> field(String name) {
    int at = indexOf(name);
    return at < 0 ? Optional.empty() : Optional.of(fields.get(at));
  }

  /** This schema with one more field at the end. */
  public Schema with(Field field) {
    List<Field> more = new ArrayList<>(fields);
    more.add(field);
    return new Schema(more);
  }
}
