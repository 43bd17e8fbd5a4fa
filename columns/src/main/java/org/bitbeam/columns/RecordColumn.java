package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Records: named member columns of one length. A record may have no members. */
public final class RecordColumn implements Column {
  private final List<String> names;
  private final List<Column> members;
  private final int length;

  private RecordColumn(List<String> names, List<Column> members, int length) {
    this.names = names;
    this.members = members;
    this.length = length;
  }

  /**
   * Records of the given members.
   *
   * @throws IllegalArgumentException when names and members differ in number or a member in length
   */
  public static RecordColumn of(List<String> names, List<? extends Column> members, int length) {
    if (names.size() != members.size()) {
      throw new IllegalArgumentException(
          names.size() + " names for " + members.size() + " members");
    }
    for (int i = 0; i < names.size(); i++) {
      if (members.get(i).length() != length) {
        throw new IllegalArgumentException(
            "member "
                + names.get(i)
                + " has "
                + members.get(i).length()
                + " entries, expected "
                + length);
      }
    }
    return new RecordColumn(List.copyOf(names), List.copyOf(members), length);
  }

  /** Names of the members, in order. */
  public List<String> names() {
    return names;
  }

  /** The member columns, in order. */
  public List<Column> members() {
    return members;
  }

  /**
   * The member of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Column member(String name) {
    int at = names.indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          "no member \"" + name + "\"; there are: " + String.join(", ", names));
    }
    return members.get(at);
  }

  @Override
  public ColumnType.RecordOf type() {
    List<ColumnType.Member> types = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      types.add(new ColumnType.Member(names.get(i), members.get(i).type()));
    }
    return new ColumnType.RecordOf(types);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public RecordColumn slice(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    List<Column> parts = new ArrayList<>();
    for (Column member : members) {
      parts.add(member.slice(from, to));
    }
    return new RecordColumn(names, List.copyOf(parts), to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordColumn that
        && length == that.length
        && names.equals(that.names)
        && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return Objects.hash(names, members, length);
  }

  @Override
  public String toString() {
    return type().shape() + "[" + length + "]";
  }
}
