package org.bitbeam.beam.rows;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.jspecify.annotations.Nullable;

/** Batches as rows and back; where an entry comes from is a field of its row. */
final class RowBatches {
  /** Field of rows that says where an entry comes from. */
  static final String ORIGIN = "bitbeam_origin";

  static final org.apache.beam.sdk.schemas.Schema ORIGIN_SCHEMA =
      org.apache.beam.sdk.schemas.Schema.builder()
          .addStringField("file")
          .addStringField("fingerprint")
          .addStringField("dataset")
          .addInt64Field("entry")
          .build();

  static final FieldType ORIGIN_TYPE = FieldType.row(ORIGIN_SCHEMA);

  private RowBatches() {}

  /** Whether rows say where they come from. */
  static boolean hasOrigin(org.apache.beam.sdk.schemas.Schema schema) {
    return schema.hasField(ORIGIN)
        && schema.getField(ORIGIN).getType().getTypeName().isCompositeType()
        && ORIGIN_SCHEMA.typesEqual(schema.getField(ORIGIN).getType().getRowSchema());
  }

  /**
   * Checks that rows say where they come from.
   *
   * @throws IllegalArgumentException when they do not
   */
  static void checkOrigin(org.apache.beam.sdk.schemas.Schema schema, String who) {
    if (!hasOrigin(schema)) {
      throw new IllegalArgumentException(
          who
              + " needs the field "
              + ORIGIN
              + " (file, fingerprint, dataset, entry) that root_read gives its rows; it was"
              + " dropped on the way; there are: "
              + String.join(", ", schema.getFieldNames()));
    }
  }

  static Row origin(Origin origin, int entry) {
    return Row.withSchema(ORIGIN_SCHEMA)
        .addValues(
            origin.file(), origin.fingerprint(), origin.dataset(), origin.firstEntry() + entry)
        .build();
  }

  /** Where a row comes from. */
  static Origin origin(Row row) {
    Row origin = row.getRow(ORIGIN);
    if (origin == null) {
      throw new IllegalArgumentException("a row has no " + ORIGIN + ": " + row);
    }
    return new Origin(
        text(origin, "file"),
        text(origin, "fingerprint"),
        text(origin, "dataset"),
        origin.<Long>getValue("entry"));
  }

  private static String text(Row row, String field) {
    return String.valueOf(row.<Object>getValue(field));
  }

  /** A batch of these columns of rows, whatever their order. */
  static EventBatch batch(Origin origin, Schema schema, List<Row> rows) {
    List<Column> columns = new ArrayList<>();
    for (Schema.Field field : schema.fields()) {
      List<@Nullable Object> values = new ArrayList<>(rows.size());
      for (Row row : rows) {
        values.add(row.getValue(field.name()));
      }
      columns.add(RowTypes.column(field.type(), values));
    }
    return EventBatch.of(origin, schema, columns, rows.size());
  }

  /** Sorts rows by where they come from and cuts them where entries do not follow each other. */
  static List<List<Row>> runs(List<Row> rows) {
    record Placed(Origin origin, Row row) {}
    List<Placed> placed = new ArrayList<>();
    rows.forEach(row -> placed.add(new Placed(origin(row), row)));
    placed.sort(
        Comparator.comparing((Placed p) -> p.origin().file())
            .thenComparing(p -> p.origin().fingerprint())
            .thenComparing(p -> p.origin().dataset())
            .thenComparing(p -> p.origin().firstEntry()));
    List<List<Row>> runs = new ArrayList<>();
    Origin next = null;
    for (Placed one : placed) {
      if (!one.origin().equals(next)) {
        runs.add(new ArrayList<>());
      }
      runs.get(runs.size() - 1).add(one.row());
      next = one.origin().plus(1);
    }
    return runs;
  }
}
