package org.bitbeam.physics.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/** Collects events row by row, hands them out as columns. Not safe for several threads. */
final class EventTable {
  private final Schema schema;
  private final Map<String, Values> values = new HashMap<>();
  private int entries;

  private static final class Values {
    private double[] numbers = new double[256];
    private int count;
    private int[] ends = new int[64]; // of the entries

    void add(double value) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = value;
    }

    void end(int entry) {
      if (entry + 1 >= ends.length) {
        ends = Arrays.copyOf(ends, 2 * ends.length);
      }
      ends[entry + 1] = count;
    }
  }

  /** Makes one event: all of its numbers, in any order of columns. */
  interface Maker {
    void make(long event, EventTable table);
  }

  /** The events {@code first} to {@code first + count - 1}, as columns. */
  static EventBatch events(Schema schema, String dataset, long first, int count, Maker maker) {
    EventTable table = new EventTable(schema);
    for (int i = 0; i < count; i++) {
      maker.make(first + i, table);
      table.endEvent();
    }
    return table.batch(dataset, first);
  }

  private EventTable(Schema schema) {
    this.schema = schema;
    for (Schema.Field field : schema.fields()) {
      values.put(field.name(), new Values());
    }
  }

  /** Adds the number, or the next of an array or list, of the present event. */
  void add(String name, double value) {
    Objects.requireNonNull(values.get(name), name).add(value);
  }

  private void endEvent() {
    for (Values column : values.values()) {
      column.end(entries);
    }
    entries++;
  }

  private EventBatch batch(String dataset, long first) {
    List<Column> columns = new ArrayList<>();
    for (Schema.Field field : schema.fields()) {
      columns.add(column(field, Objects.requireNonNull(values.get(field.name()))));
    }
    return EventBatch.of(new Origin("", "", dataset, first), schema, columns, entries);
  }

  private Column column(Schema.Field field, Values all) {
    if (field.type() instanceof ColumnType.ListOf list) {
      return ListColumn.of(
          Arrays.copyOf(all.ends, entries + 1), content(field, list.element(), all, all.count));
    }
    if (field.type() instanceof ColumnType.ArrayOf array) {
      int count = array.size() * entries;
      return ArrayColumn.of(array.size(), entries, content(field, array.element(), all, count));
    }
    return content(field, field.type(), all, entries);
  }

  private static Column content(Schema.Field field, ColumnType type, Values all, int count) {
    if (all.count != count || !(type instanceof ColumnType.Primitive primitive)) {
      throw new IllegalStateException(
          field.name() + ": " + all.count + " values of " + type + ", expected " + count);
    }
    double[] numbers = all.numbers;
    return switch (primitive) {
      case FLOAT32 -> {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
          floats[i] = (float) numbers[i];
        }
        yield FloatColumn.of(floats);
      }
      case INT32 -> IntColumn.of(Arrays.stream(numbers, 0, count).mapToInt(v -> (int) v).toArray());
      case INT64 ->
          LongColumn.of(Arrays.stream(numbers, 0, count).mapToLong(v -> (long) v).toArray());
      default -> throw new IllegalStateException(field.name() + ": " + primitive);
    };
  }

  /** Fields of a schema, in order. */
  static final class Fields {
    private final List<Schema.Field> fields = new ArrayList<>();

    Fields number(String name, String description, String unit) {
      return add(name, ColumnType.Primitive.FLOAT32, description, unit);
    }

    Fields integer(String name, String description) {
      return add(name, ColumnType.Primitive.INT32, description, "");
    }

    Fields add(String name, ColumnType type, String description, String unit) {
      fields.add(new Schema.Field(name, type, description, unit));
      return this;
    }

    Schema schema() {
      return new Schema(fields);
    }
  }
}
