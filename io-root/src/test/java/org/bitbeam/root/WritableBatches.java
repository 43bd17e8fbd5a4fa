package org.bitbeam.root;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.ByteColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.ShortColumn;
import org.bitbeam.columns.TextColumn;

/** Batches of every kind of column that a TTree is written with, from a seed. */
final class WritableBatches {
  private final Random random;

  WritableBatches(long seed) {
    this.random = new Random(seed);
  }

  /** One column of each number type and shape, and strings. */
  EventBatch everyKind(int entries) {
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (Primitive type : Primitive.values()) {
      String name = type.name().toLowerCase(java.util.Locale.ROOT);
      add(fields, columns, name, numbers(type, entries));
      add(fields, columns, name + "_3", ArrayColumn.of(3, entries, numbers(type, 3 * entries)));
      int[] offsets = offsets(entries);
      add(fields, columns, name + "_list", ListColumn.of(offsets, numbers(type, offsets[entries])));
    }
    add(
        fields,
        columns,
        "matrix",
        ArrayColumn.of(
            2, entries, ArrayColumn.of(3, 2 * entries, numbers(Primitive.FLOAT64, 6 * entries))));
    int[] offsets = offsets(entries);
    add(
        fields,
        columns,
        "pairs",
        ListColumn.of(
            offsets,
            ArrayColumn.of(2, offsets[entries], numbers(Primitive.INT16, 2 * offsets[entries]))));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      // Lengths around the escape of ROOT's strings.
      texts.add(
          "ü".repeat(random.nextInt(4))
              + "x".repeat(i % 17 == 3 ? 250 + random.nextInt(10) : i % 5));
    }
    add(fields, columns, "text", TextColumn.of(texts));
    return EventBatch.of(Origin.MEMORY, new Schema(fields), columns, entries);
  }

  private static void add(
      List<Schema.Field> fields, List<Column> columns, String name, Column column) {
    // Descriptions become titles; every second column has none.
    String description = fields.size() % 2 == 0 ? "" : "what " + name + " means";
    fields.add(new Schema.Field(name, column.type(), description, ""));
    columns.add(column);
  }

  private int[] offsets(int entries) {
    int[] offsets = new int[entries + 1];
    for (int i = 0; i < entries; i++) {
      offsets[i + 1] = offsets[i] + random.nextInt(5);
    }
    return offsets;
  }

  Column numbers(ColumnType.Primitive type, int n) {
    boolean[] booleans = new boolean[n];
    byte[] bytes = new byte[n];
    short[] shorts = new short[n];
    int[] ints = new int[n];
    long[] longs = new long[n];
    float[] floats = new float[n];
    double[] doubles = new double[n];
    for (int i = 0; i < n; i++) {
      long bits = random.nextLong();
      booleans[i] = bits < 0;
      bytes[i] = (byte) bits;
      shorts[i] = (short) bits;
      ints[i] = (int) bits;
      longs[i] = bits;
      floats[i] = i % 11 == 5 ? Float.NaN : i % 11 == 6 ? -0f : (float) random.nextGaussian();
      doubles[i] = i % 11 == 5 ? Double.NEGATIVE_INFINITY : random.nextGaussian();
    }
    return switch (type) {
      case BOOL -> BooleanColumn.of(booleans);
      case INT8 -> ByteColumn.of(bytes);
      case UINT8 -> ByteColumn.ofUnsigned(bytes);
      case INT16 -> ShortColumn.of(shorts);
      case UINT16 -> ShortColumn.ofUnsigned(shorts);
      case INT32 -> IntColumn.of(ints);
      case UINT32 -> IntColumn.ofUnsigned(ints);
      case INT64 -> LongColumn.of(longs);
      case UINT64 -> LongColumn.ofUnsigned(longs);
      case FLOAT32 -> FloatColumn.of(floats);
      case FLOAT64 -> DoubleColumn.of(doubles);
    };
  }
}
