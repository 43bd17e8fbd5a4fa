package org.bitbeam.root;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;

/**
 * A part of a column without records and optional values: members of records become columns of
 * their own, optional values lists of none or one.
 *
 * @param name of the column, and of the members that lead to the part, joined by '_'
 * @param type of the part
 * @param from takes the part out of the column
 */
public record FlatColumn(String name, ColumnType type, UnaryOperator<Column> from) {

  /** All parts of a column. */
  public static List<FlatColumn> of(String name, ColumnType type) {
    List<FlatColumn> parts = new ArrayList<>();
    if (type instanceof ColumnType.RecordOf record) {
      for (ColumnType.Member member : record.members()) {
        for (FlatColumn part : of(name + "_" + member.name(), member.type())) {
          parts.add(part.after(part.type, c -> ((RecordColumn) c).member(member.name())));
        }
      }
    } else if (type instanceof ColumnType.ListOf list) {
      for (FlatColumn part : of(name, list.element())) {
        parts.add(
            new FlatColumn(
                part.name,
                new ColumnType.ListOf(part.type),
                c ->
                    ListColumn.of(
                        ((ListColumn) c).elementOffsets(),
                        part.from.apply(((ListColumn) c).elements()))));
      }
    } else if (type instanceof ColumnType.OptionalOf optional) {
      for (FlatColumn part : of(name, optional.element())) {
        parts.add(
            new FlatColumn(
                part.name,
                new ColumnType.ListOf(part.type),
                c ->
                    ListColumn.of(
                        ((OptionalColumn) c).elementOffsets(),
                        part.from.apply(((OptionalColumn) c).elements()))));
      }
    } else if (type instanceof ColumnType.ArrayOf array) {
      for (FlatColumn part : of(name, array.element())) {
        parts.add(
            new FlatColumn(
                part.name,
                new ColumnType.ArrayOf(part.type, array.size()),
                c ->
                    ArrayColumn.of(
                        array.size(), c.length(), part.from.apply(((ArrayColumn) c).content()))));
      }
    } else {
      parts.add(new FlatColumn(name, type, c -> c));
    }
    return parts;
  }

  private FlatColumn after(ColumnType newType, UnaryOperator<Column> first) {
    return new FlatColumn(name, newType, c -> from.apply(first.apply(c)));
  }

  /** Whether a TTree can be written with it. */
  public boolean fitsIntoTree() {
    ColumnType inner = type;
    boolean inLists = false;
    while (inner instanceof ColumnType.ListOf list) {
      inner = list.element();
      inLists |= inner instanceof ColumnType.ListOf;
    }
    boolean inArrays = false;
    while (inner instanceof ColumnType.ArrayOf array) {
      inner = array.element();
      inArrays = true;
    }
    return inner instanceof ColumnType.Primitive
        ? !(inLists && inArrays)
        : inner instanceof ColumnType.Text && !inArrays;
  }
}
