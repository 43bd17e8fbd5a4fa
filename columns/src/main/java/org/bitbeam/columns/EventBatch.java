package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Consecutive entries of one dataset, as columns. The element of every collection of events in
 * BitBeam. Immutable; equal by content.
 */
public final class EventBatch {
  private final Origin origin;
  private final Schema schema;
  private final List<Column> columns;
  private final int entries;

  private EventBatch(Origin origin, Schema schema, List<Column> columns, int entries) {
    this.origin = origin;
    this.schema = schema;
    this.columns = columns;
    this.entries = entries;
  }

  /**
   * A batch of {@code entries} entries; columns in the order of the schema.
   *
   * @throws IllegalArgumentException when number, type or length of a column differs from schema
   *     and {@code entries}
   */
  public static EventBatch of(
      Origin origin, Schema schema, List<? extends Column> columns, int entries) {
    if (schema.size() != columns.size()) {
      throw new IllegalArgumentException(
          "schema has " + schema.size() + " columns, but " + columns.size() + " are given");
    }
    for (int i = 0; i < columns.size(); i++) {
      Schema.Field field = schema.fields().get(i);
      Column column = columns.get(i);
      if (!field.type().equals(column.type())) {
        throw new IllegalArgumentException(
            "column "
                + field.name()
                + " is "
                + column.type().shape()
                + ", but its schema says "
                + field.type().shape());
      }
      if (column.length() != entries) {
        throw new IllegalArgumentException(
            "column " + field.name() + " has " + column.length() + " entries, expected " + entries);
      }
    }
    return new EventBatch(origin, schema, List.copyOf(columns), entries);
  }

  /** Where the entries come from. */
  public Origin origin() {
    return origin;
  }

  /** Names, types, descriptions and units of the columns. */
  public Schema schema() {
    return schema;
  }

  /** The columns in the order of the schema. */
  public List<Column> columns() {
    return columns;
  }

  /** Number of entries. */
  public int entries() {
    return entries;
  }

  /** Whether there is a column of that name. */
  public boolean has(String name) {
    return schema.indexOf(name) >= 0;
  }

  /**
   * The column of that name.
   *
   * @throws IllegalArgumentException when there is none; says which there are
   */
  public Column column(String name) {
    int at = schema.indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          origin + ": no column \"" + name + "\"; there are: " + String.join(", ", schema.names()));
    }
    return columns.get(at);
  }

  /** The named columns in the given order. */
  public EventBatch select(List<String> names) {
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(column(name));
      fields.add(schema.fields().get(schema.indexOf(name)));
    }
    return new EventBatch(origin, new Schema(fields), List.copyOf(chosen), entries);
  }

  /** This batch with one more column at the end. */
  public EventBatch with(Schema.Field field, Column column) {
    List<Column> more = new ArrayList<>(columns);
    more.add(column);
    return of(origin, schema.with(field), more, entries);
  }

  /** Entries {@code [from, to)}; shares the arrays. */
  public EventBatch slice(int from, int to) {
    Objects.checkFromToIndex(from, to, entries);
    List<Column> parts = new ArrayList<>();
    for (Column column : columns) {
      parts.add(column.slice(from, to));
    }
    return new EventBatch(origin.plus(from), schema, List.copyOf(parts), to - from);
  }

  /**
   * One batch of all entries of the given ones, which must follow each other in the same dataset.
   *
   * @throws IllegalArgumentException when there is none, schemas differ or entries are missing in
   *     between
   */
  public static EventBatch concatenate(List<EventBatch> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("no batches to concatenate");
    }
    EventBatch first = batches.get(0);
    int entries = 0;
    for (EventBatch batch : batches) {
      if (!batch.schema.equals(first.schema)) {
        throw new IllegalArgumentException(
            batch.origin + ": its schema differs from that of " + first.origin);
      }
      if (!batch.origin.equals(first.origin.plus(entries))) {
        throw new IllegalArgumentException(
            batch.origin + " does not follow " + first.origin.plus(entries));
      }
      entries = Math.addExact(entries, batch.entries);
    }
    List<Column> joined = new ArrayList<>();
    for (int c = 0; c < first.columns.size(); c++) {
      int at = c;
      joined.add(Columns.concatenate(batches.stream().map(b -> b.columns.get(at)).toList()));
    }
    return new EventBatch(first.origin, first.schema, List.copyOf(joined), entries);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventBatch that
        && entries == that.entries
        && origin.equals(that.origin)
        && schema.equals(that.schema)
        && columns.equals(that.columns);
  }

  @Override
  public int hashCode() {
    return Objects.hash(origin, schema, columns, entries);
  }

  @Override
  public String toString() {
    return origin + ", " + entries + " entries, columns " + schema.names();
  }
}
