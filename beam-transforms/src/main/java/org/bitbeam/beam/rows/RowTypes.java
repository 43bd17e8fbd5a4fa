package org.bitbeam.beam.rows;

import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.ByteColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.ShortColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;
import org.jspecify.annotations.Nullable;

/**
 * Columns as fields of rows and back. Lists and arrays of fixed size are array fields, records are
 * rows, optional values are nullable. Beam has no unsigned integers: they become the next wider
 * type with a sign, {@code uint64} becomes INT64, and a number of 2^63 or more is refused. Texts
 * are read as UTF-8. Variants have no counterpart.
 */
final class RowTypes {
  private RowTypes() {}

  /** Whether columns of this type can be fields. */
  static boolean isRepresentable(ColumnType type) {
    if (type instanceof ColumnType.ListOf list) {
      return isRepresentable(list.element());
    } else if (type instanceof ColumnType.ArrayOf array) {
      return isRepresentable(array.element());
    } else if (type instanceof ColumnType.OptionalOf optional) {
      return isRepresentable(optional.element());
    } else if (type instanceof ColumnType.RecordOf record) {
      return record.members().stream().allMatch(member -> isRepresentable(member.type()));
    }
    return !(type instanceof ColumnType.VariantOf);
  }

  /**
   * The field's type for a column.
   *
   * @throws IllegalArgumentException when there is none
   */
  static FieldType fieldType(ColumnType type) {
    if (type instanceof ColumnType.Primitive primitive) {
      return switch (primitive) {
        case BOOL -> FieldType.BOOLEAN;
        case INT8 -> FieldType.BYTE;
        case UINT8, INT16 -> FieldType.INT16;
        case UINT16, INT32 -> FieldType.INT32;
        case UINT32, INT64, UINT64 -> FieldType.INT64;
        case FLOAT32 -> FieldType.FLOAT;
        case FLOAT64 -> FieldType.DOUBLE;
      };
    } else if (type instanceof ColumnType.Text) {
      return FieldType.STRING;
    } else if (type instanceof ColumnType.ListOf list) {
      return FieldType.array(fieldType(list.element()));
    } else if (type instanceof ColumnType.ArrayOf array) {
      return FieldType.array(fieldType(array.element()));
    } else if (type instanceof ColumnType.OptionalOf optional) {
      return fieldType(optional.element()).withNullable(true);
    } else if (type instanceof ColumnType.RecordOf record) {
      org.apache.beam.sdk.schemas.Schema.Builder schema =
          org.apache.beam.sdk.schemas.Schema.builder();
      for (ColumnType.Member member : record.members()) {
        schema.addField(member.name(), fieldType(member.type()));
      }
      return FieldType.row(schema.build());
    }
    throw new IllegalArgumentException("rows have no field for " + type.shape());
  }

  /** The fields for columns, with their descriptions. */
  static org.apache.beam.sdk.schemas.Schema fields(List<Schema.Field> columns) {
    org.apache.beam.sdk.schemas.Schema.Builder schema =
        org.apache.beam.sdk.schemas.Schema.builder();
    for (Schema.Field column : columns) {
      String unit = column.unit().isEmpty() ? "" : " [" + column.unit() + "]";
      schema.addField(
          org.apache.beam.sdk.schemas.Schema.Field.of(column.name(), fieldType(column.type()))
              .withDescription((column.description() + unit).strip()));
    }
    return schema.build();
  }

  /** The value of an entry. */
  static @Nullable Object value(Column column, int entry) {
    if (column instanceof NumberColumn numbers) {
      return number(numbers, entry);
    } else if (column instanceof TextColumn texts) {
      return texts.get(entry);
    } else if (column instanceof ListColumn lists) {
      return values(lists.content(), lists.start(entry), lists.end(entry));
    } else if (column instanceof ArrayColumn arrays) {
      int size = arrays.type().size();
      return values(arrays.content(), entry * size, (entry + 1) * size);
    } else if (column instanceof OptionalColumn optional) {
      return optional.isPresent(entry) ? value(optional.content(), optional.position(entry)) : null;
    } else if (column instanceof RecordColumn record) {
      Row.Builder row = Row.withSchema(schemaOf(record.type()));
      record.members().forEach(member -> row.addValue(value(member, entry)));
      return row.build();
    }
    throw new IllegalArgumentException(
        "rows have no field for " + ((VariantColumn) column).type().shape());
  }

  private static org.apache.beam.sdk.schemas.Schema schemaOf(ColumnType record) {
    org.apache.beam.sdk.schemas.Schema schema = fieldType(record).getRowSchema();
    if (schema == null) {
      throw new AssertionError("a record is a row");
    }
    return schema;
  }

  private static List<@Nullable Object> values(Column content, int from, int to) {
    List<@Nullable Object> values = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      values.add(value(content, i));
    }
    return values;
  }

  private static Object number(NumberColumn numbers, int entry) {
    return switch (numbers.type()) {
      case BOOL -> ((BooleanColumn) numbers).get(entry);
      case INT8 -> ((ByteColumn) numbers).get(entry);
      case UINT8, INT16 -> (short) numbers.getLong(entry);
      case UINT16, INT32 -> (int) numbers.getLong(entry);
      case UINT32, INT64 -> numbers.getLong(entry);
      case UINT64 -> {
        long value = numbers.getLong(entry);
        if (value < 0) {
          throw new IllegalArgumentException(
              Long.toUnsignedString(value)
                  + " is too large for a field of a row; leave the column"
                  + " out");
        }
        yield value;
      }
      case FLOAT32 -> ((FloatColumn) numbers).get(entry);
      case FLOAT64 -> ((DoubleColumn) numbers).get(entry);
    };
  }

  /** Whether fields of this type can be columns. */
  static boolean isColumn(FieldType field) {
    return switch (field.getTypeName()) {
      case BOOLEAN, BYTE, INT16, INT32, INT64, FLOAT, DOUBLE, STRING -> true;
      case ARRAY, ITERABLE -> isColumn(element(field));
      case ROW ->
          rowSchema(field).getFields().stream().allMatch(member -> isColumn(member.getType()));
      default -> false;
    };
  }

  /**
   * The column's type for a field.
   *
   * @throws IllegalArgumentException when there is none
   */
  static ColumnType columnType(FieldType field) {
    ColumnType type =
        switch (field.getTypeName()) {
          case BOOLEAN -> ColumnType.Primitive.BOOL;
          case BYTE -> ColumnType.Primitive.INT8;
          case INT16 -> ColumnType.Primitive.INT16;
          case INT32 -> ColumnType.Primitive.INT32;
          case INT64 -> ColumnType.Primitive.INT64;
          case FLOAT -> ColumnType.Primitive.FLOAT32;
          case DOUBLE -> ColumnType.Primitive.FLOAT64;
          case STRING -> new ColumnType.Text();
          case ARRAY, ITERABLE -> new ColumnType.ListOf(columnType(element(field)));
          case ROW ->
              new ColumnType.RecordOf(
                  rowSchema(field).getFields().stream()
                      .map(
                          member ->
                              new ColumnType.Member(member.getName(), columnType(member.getType())))
                      .toList());
          default ->
              throw new IllegalArgumentException(
                  "a field of type " + field.getTypeName() + " cannot be a column");
        };
    return Boolean.TRUE.equals(field.getNullable()) ? new ColumnType.OptionalOf(type) : type;
  }

  private static FieldType element(FieldType field) {
    FieldType element = field.getCollectionElementType();
    if (element == null) {
      throw new AssertionError("arrays have elements");
    }
    return element;
  }

  private static org.apache.beam.sdk.schemas.Schema rowSchema(FieldType field) {
    org.apache.beam.sdk.schemas.Schema schema = field.getRowSchema();
    if (schema == null) {
      throw new AssertionError("rows have a schema");
    }
    return schema;
  }

  /** The columns for fields, of those that can be columns. */
  static Schema columns(org.apache.beam.sdk.schemas.Schema fields) {
    List<Schema.Field> columns = new ArrayList<>();
    for (org.apache.beam.sdk.schemas.Schema.Field field : fields.getFields()) {
      if (isColumn(field.getType())) {
        columns.add(
            new Schema.Field(
                field.getName(), columnType(field.getType()), field.getDescription(), ""));
      }
    }
    return new Schema(columns);
  }

  /**
   * A column of values.
   *
   * @param values of {@link #columnType}, one an entry
   */
  static Column column(ColumnType type, List<? extends @Nullable Object> values) {
    if (type instanceof ColumnType.Primitive primitive) {
      return numbers(primitive, values);
    } else if (type instanceof ColumnType.Text) {
      return TextColumn.of(values.stream().map(value -> (String) value).toList());
    } else if (type instanceof ColumnType.ListOf list) {
      int[] offsets = new int[values.size() + 1];
      List<@Nullable Object> elements = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        ((Iterable<?>) values.get(i)).forEach(elements::add);
        offsets[i + 1] = elements.size();
      }
      return ListColumn.of(offsets, column(list.element(), elements));
    } else if (type instanceof ColumnType.OptionalOf optional) {
      int[] offsets = new int[values.size() + 1];
      List<@Nullable Object> present = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i) != null) {
          present.add(values.get(i));
        }
        offsets[i + 1] = present.size();
      }
      return OptionalColumn.of(offsets, column(optional.element(), present));
    } else if (type instanceof ColumnType.RecordOf record) {
      List<Column> members = new ArrayList<>();
      for (int m = 0; m < record.members().size(); m++) {
        int at = m;
        members.add(
            column(
                record.members().get(m).type(),
                values.stream().<Object>map(row -> ((Row) row).getValue(at)).toList()));
      }
      return RecordColumn.of(
          record.members().stream().map(ColumnType.Member::name).toList(), members, values.size());
    }
    throw new IllegalArgumentException("rows have no field for " + type.shape());
  }

  private static Column numbers(
      ColumnType.Primitive type, List<? extends @Nullable Object> values) {
    int n = values.size();
    switch (type) {
      case BOOL -> {
        boolean[] array = new boolean[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Boolean) values.get(i);
        }
        return BooleanColumn.of(array);
      }
      case INT8 -> {
        byte[] array = new byte[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Byte) values.get(i);
        }
        return ByteColumn.of(array);
      }
      case INT16 -> {
        short[] array = new short[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Short) values.get(i);
        }
        return ShortColumn.of(array);
      }
      case INT32 -> {
        int[] array = new int[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Integer) values.get(i);
        }
        return IntColumn.of(array);
      }
      case INT64 -> {
        long[] array = new long[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Long) values.get(i);
        }
        return LongColumn.of(array);
      }
      case FLOAT32 -> {
        float[] array = new float[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Float) values.get(i);
        }
        return FloatColumn.of(array);
      }
      case FLOAT64 -> {
        double[] array = new double[n];
        for (int i = 0; i < n; i++) {
          array[i] = (Double) values.get(i);
        }
        return DoubleColumn.of(array);
      }
      default -> throw new IllegalArgumentException("rows have no field for " + type.shape());
    }
  }
}
