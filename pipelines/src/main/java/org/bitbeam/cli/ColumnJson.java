package org.bitbeam.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;
import org.jspecify.annotations.Nullable;

/** Entries of columns as values for JSON; NaN and infinities are strings. */
final class ColumnJson {
  private ColumnJson() {}

  /** All entries; null when they take more than so many bytes. */
  static @Nullable List<@Nullable Object> entries(Column column, int mostBytes) {
    if (bytes(column) > mostBytes) {
      return null;
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < column.length(); i++) {
      values.add(value(column, i));
    }
    return values;
  }

  private static long bytes(Column column) {
    if (column instanceof NumberColumn numbers) {
      return (long) numbers.length() * numbers.type().bytes();
    } else if (column instanceof TextColumn text) {
      return text.totalBytes();
    } else if (column instanceof ListColumn list) {
      return bytes(list.elements()) + 8L * list.length();
    } else if (column instanceof ArrayColumn array) {
      return bytes(array.content());
    } else if (column instanceof RecordColumn record) {
      return record.members().stream().mapToLong(ColumnJson::bytes).sum();
    } else if (column instanceof OptionalColumn optional) {
      return bytes(optional.elements());
    }
    return ((VariantColumn) column).alternatives().stream().mapToLong(ColumnJson::bytes).sum();
  }

  private static @Nullable Object value(Column column, int i) {
    if (column instanceof NumberColumn numbers) {
      return number(numbers, i);
    } else if (column instanceof TextColumn text) {
      return text.get(i);
    } else if (column instanceof ListColumn list) {
      return entries(list.get(i), Integer.MAX_VALUE);
    } else if (column instanceof ArrayColumn array) {
      return entries(array.get(i), Integer.MAX_VALUE);
    } else if (column instanceof RecordColumn record) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      for (int m = 0; m < record.names().size(); m++) {
        map.put(record.names().get(m), value(record.members().get(m), i));
      }
      return map;
    } else if (column instanceof OptionalColumn optional) {
      return optional.isPresent(i) ? value(optional.content(), optional.position(i)) : null;
    }
    VariantColumn variant = (VariantColumn) column;
    if (variant.tag(i) < 0) {
      return null;
    }
    int before = 0;
    for (int j = 0; j < i; j++) {
      before += variant.tag(j) == variant.tag(i) ? 1 : 0;
    }
    return value(variant.alternatives().get(variant.tag(i)), before);
  }

  private static Object number(NumberColumn numbers, int i) {
    if (numbers instanceof BooleanColumn booleans) {
      return booleans.get(i);
    }
    if (numbers.type().isFloating()) {
      double value = numbers.getDouble(i);
      return Double.isNaN(value)
          ? "NaN"
          : Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : (Object) value;
    }
    if (numbers instanceof LongColumn longs
        && longs.type() == Primitive.UINT64
        && longs.get(i) < 0) {
      return new java.math.BigInteger(Long.toUnsignedString(longs.get(i)));
    }
    return numbers.getLong(i);
  }
}
