package org.bitbeam.columns;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/** Operations on columns of any kind. */
public final class Columns {
  private Columns() {}

  /**
   * All entries of the given columns, one after the other, in new arrays.
   *
   * @throws IllegalArgumentException when there is no column or types differ
   * @throws ArithmeticException when the result would have more than 2^31 - 1 entries or elements
   */
  public static Column concatenate(List<? extends Column> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no columns to concatenate");
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    ColumnType type = parts.get(0).type();
    int length = 0;
    for (Column part : parts) {
      if (!part.type().equals(type)) {
        throw new IllegalArgumentException(
            "a column of " + part.type().shape() + " cannot follow one of " + type.shape());
      }
      length = Math.addExact(length, part.length());
    }
    if (type instanceof ColumnType.Primitive primitive) {
      return numbers(parts, primitive, length);
    } else if (type instanceof ColumnType.Text) {
      return texts(parts, length);
    } else if (type instanceof ColumnType.ListOf) {
      return ListColumn.of(
          offsets(parts, length, c -> ((ListColumn) c).elementOffsets()),
          contents(parts, c -> ((ListColumn) c).elements()));
    } else if (type instanceof ColumnType.OptionalOf) {
      return OptionalColumn.of(
          offsets(parts, length, c -> ((OptionalColumn) c).elementOffsets()),
          contents(parts, c -> ((OptionalColumn) c).elements()));
    } else if (type instanceof ColumnType.ArrayOf array) {
      return ArrayColumn.of(
          array.size(), length, contents(parts, c -> ((ArrayColumn) c).content()));
    } else if (type instanceof ColumnType.RecordOf record) {
      List<Column> members = new ArrayList<>();
      for (int m = 0; m < record.members().size(); m++) {
        int at = m;
        members.add(contents(parts, c -> ((RecordColumn) c).members().get(at)));
      }
      return RecordColumn.of(((RecordColumn) parts.get(0)).names(), members, length);
    } else {
      byte[] tags = new byte[length];
      int at = 0;
      for (Column part : parts) {
        for (int i = 0; i < part.length(); i++) {
          tags[at++] = ((VariantColumn) part).tag(i);
        }
      }
      List<Column> alternatives = new ArrayList<>();
      for (int a = 0; a < ((ColumnType.VariantOf) type).alternatives().size(); a++) {
        int index = a;
        alternatives.add(contents(parts, c -> ((VariantColumn) c).alternatives().get(index)));
      }
      return VariantColumn.of(tags, alternatives);
    }
  }

  /**
   * The chosen entries of a column, in their order, in new arrays unless all are chosen.
   *
   * @throws IndexOutOfBoundsException when an entry is chosen that is not there
   */
  public static Column choose(Column column, BitSet entries) {
    List<Column> runs = new ArrayList<>();
    for (int from = entries.nextSetBit(0); from >= 0; ) {
      int to = entries.nextClearBit(from);
      runs.add(column.slice(from, to));
      from = entries.nextSetBit(to);
    }
    return runs.isEmpty() ? column.slice(0, 0) : concatenate(runs);
  }

  private static Column contents(
      List<? extends Column> parts, Function<Column, ? extends Column> content) {
    return concatenate(parts.stream().map(content).toList());
  }

  private static int[] offsets(
      List<? extends Column> parts, int length, Function<Column, int[]> offsetsOf) {
    int[] result = new int[length + 1];
    int at = 0;
    for (Column part : parts) {
      int[] own = offsetsOf.apply(part);
      int base = result[at];
      for (int i = 1; i < own.length; i++) {
        result[++at] = Math.addExact(base, own[i]);
      }
    }
    return result;
  }

  private static Column texts(List<? extends Column> parts, int length) {
    int[] offsets = new int[length + 1];
    int at = 0;
    for (Column part : parts) {
      for (int i = 0; i < part.length(); i++, at++) {
        offsets[at + 1] = Math.addExact(offsets[at], ((TextColumn) part).byteLength(i));
      }
    }
    byte[] bytes = new byte[offsets[length]];
    int to = 0;
    for (Column part : parts) {
      ((TextColumn) part).copyBytesTo(bytes, to);
      to += ((TextColumn) part).totalBytes();
    }
    return TextColumn.of(offsets, bytes);
  }

  private static Column numbers(
      List<? extends Column> parts, ColumnType.Primitive type, int length) {
    boolean unsigned = type.isUnsigned();
    int at = 0;
    switch (type) {
      case BOOL -> {
        boolean[] values = new boolean[length];
        for (Column part : parts) {
          ((BooleanColumn) part).copyTo(values, at);
          at += part.length();
        }
        return BooleanColumn.of(values);
      }
      case INT8, UINT8 -> {
        byte[] values = new byte[length];
        for (Column part : parts) {
          ((ByteColumn) part).copyTo(values, at);
          at += part.length();
        }
        return unsigned ? ByteColumn.ofUnsigned(values) : ByteColumn.of(values);
      }
      case INT16, UINT16 -> {
        short[] values = new short[length];
        for (Column part : parts) {
          ((ShortColumn) part).copyTo(values, at);
          at += part.length();
        }
        return unsigned ? ShortColumn.ofUnsigned(values) : ShortColumn.of(values);
      }
      case INT32, UINT32 -> {
        int[] values = new int[length];
        for (Column part : parts) {
          ((IntColumn) part).copyTo(values, at);
          at += part.length();
        }
        return unsigned ? IntColumn.ofUnsigned(values) : IntColumn.of(values);
      }
      case INT64, UINT64 -> {
        long[] values = new long[length];
        for (Column part : parts) {
          ((LongColumn) part).copyTo(values, at);
          at += part.length();
        }
        return unsigned ? LongColumn.ofUnsigned(values) : LongColumn.of(values);
      }
      case FLOAT32 -> {
        float[] values = new float[length];
        for (Column part : parts) {
          ((FloatColumn) part).copyTo(values, at);
          at += part.length();
        }
        return FloatColumn.of(values);
      }
      case FLOAT64 -> {
        double[] values = new double[length];
        for (Column part : parts) {
          ((DoubleColumn) part).copyTo(values, at);
          at += part.length();
        }
        return DoubleColumn.of(values);
      }
    }
    throw new AssertionError(type);
  }
}
