package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Columns of any type with any values, from a seed. */
final class ColumnArbitraries {
  private final Random random;

  ColumnArbitraries(long seed) {
    this.random = new Random(seed);
  }

  ColumnType type(int depth) {
    int kind = random.nextInt(depth == 0 ? 12 : 17);
    if (kind < ColumnType.Primitive.values().length) {
      return ColumnType.Primitive.values()[kind];
    }
    return switch (kind) {
      case 11 -> new ColumnType.Text();
      case 12 -> new ColumnType.ListOf(type(depth - 1));
      case 13 -> new ColumnType.ArrayOf(type(depth - 1), random.nextInt(4));
      case 14 -> new ColumnType.OptionalOf(type(depth - 1));
      case 15 ->
          new ColumnType.RecordOf(
              List.of(
                  new ColumnType.Member("a", type(depth - 1)),
                  new ColumnType.Member("é", type(depth - 1))));
      default -> new ColumnType.VariantOf(List.of(type(depth - 1), type(depth - 1)));
    };
  }

  Column column(ColumnType type, int n) {
    if (type instanceof ColumnType.Primitive primitive) {
      return numbers(primitive, n);
    } else if (type instanceof ColumnType.Text) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        texts.add("ä".repeat(random.nextInt(4)));
      }
      return TextColumn.of(texts);
    } else if (type instanceof ColumnType.ListOf list) {
      int[] offsets = offsets(n, 5);
      return ListColumn.of(offsets, column(list.element(), offsets[n]));
    } else if (type instanceof ColumnType.OptionalOf optional) {
      int[] offsets = offsets(n, 2);
      return OptionalColumn.of(offsets, column(optional.element(), offsets[n]));
    } else if (type instanceof ColumnType.ArrayOf array) {
      return ArrayColumn.of(array.size(), n, column(array.element(), n * array.size()));
    } else if (type instanceof ColumnType.RecordOf record) {
      List<Column> members = new ArrayList<>();
      record.members().forEach(m -> members.add(column(m.type(), n)));
      return RecordColumn.of(
          record.members().stream().map(ColumnType.Member::name).toList(), members, n);
    } else {
      List<ColumnType> types = ((ColumnType.VariantOf) type).alternatives();
      byte[] tags = new byte[n];
      int[] counts = new int[types.size()];
      for (int i = 0; i < n; i++) {
        tags[i] = (byte) (random.nextInt(types.size() + 1) - 1);
        if (tags[i] >= 0) {
          counts[tags[i]]++;
        }
      }
      List<Column> alternatives = new ArrayList<>();
      for (int t = 0; t < counts.length; t++) {
        alternatives.add(column(types.get(t), counts[t]));
      }
      return VariantColumn.of(tags, alternatives);
    }
  }

  private int[] offsets(int n, int bound) {
    int[] offsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = offsets[i] + random.nextInt(bound);
    }
    return offsets;
  }

  private Column numbers(ColumnType.Primitive type, int n) {
    byte[] bytes = new byte[n];
    short[] shorts = new short[n];
    int[] ints = new int[n];
    long[] longs = new long[n];
    float[] floats = new float[n];
    double[] doubles = new double[n];
    boolean[] booleans = new boolean[n];
    for (int i = 0; i < n; i++) {
      long bits = random.nextLong();
      bytes[i] = (byte) bits;
      shorts[i] = (short) bits;
      ints[i] = (int) bits;
      longs[i] = bits;
      floats[i] =
          i % 7 == 3 ? Float.NaN : i % 7 == 4 ? -0f : Float.intBitsToFloat((int) bits & 0x7f7fffff);
      doubles[i] = i % 7 == 3 ? Double.POSITIVE_INFINITY : random.nextGaussian() * 1e300;
      booleans[i] = bits < 0;
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

  EventBatch batch(int columns, int n) {
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      ColumnType type = type(3);
      fields.add(new Schema.Field("c" + i, type, "description " + i, "GeV"));
      values.add(column(type, n));
    }
    return EventBatch.of(
        new Origin("file.root", "f00d", "Events", 17), new Schema(fields), values, n);
  }
}
