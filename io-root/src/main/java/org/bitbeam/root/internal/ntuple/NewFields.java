package org.bitbeam.root.internal.ntuple;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.RealStorage;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.codec.Compressor;
import org.bitbeam.root.internal.ntuple.Description.Field;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;
import org.bitbeam.root.internal.ntuple.Description.Role;
import org.jspecify.annotations.Nullable;

/** Fields and columns for the types of new columns. */
final class NewFields {
  private static final int INDEX_BITS = 64;
  private static final int SWITCH_BITS = 96;

  private final String context;
  private final int firstField;
  private final int firstColumn;
  private final Compression compression;
  private final Compressor compressor;
  private final int pageBytes;
  private final boolean isSplit;
  private final List<Field> fields = new ArrayList<>();
  private final List<ColumnPages> columns = new ArrayList<>();

  /**
   * No fields yet.
   *
   * @param firstField number of the first field
   * @param firstColumn number of the first column
   */
  NewFields(
      String context,
      int firstField,
      int firstColumn,
      Compression compression,
      Compressor compressor,
      int pageBytes) {
    this.context = context;
    this.firstField = firstField;
    this.firstColumn = firstColumn;
    this.compression = compression;
    this.compressor = compressor;
    this.pageBytes = pageBytes;
    this.isSplit = compression.algorithm() != Compression.Algorithm.NONE;
  }

  List<Field> fields() {
    return fields;
  }

  List<ColumnPages> columns() {
    return columns;
  }

  /** Adds a top-level field. */
  FieldWriter add(Schema.Field field, @Nullable RealStorage reals) {
    String unit = field.unit().isEmpty() ? "" : "[" + field.unit() + "]";
    String description =
        field.description().isEmpty() || unit.isEmpty()
            ? field.description() + unit
            : field.description() + " " + unit;
    return add(field.name(), field.name(), field.type(), description, -1, reals);
  }

  private FieldWriter add(
      String path,
      String name,
      ColumnType type,
      String description,
      int parent,
      @Nullable RealStorage reals) {
    checkName(path, name);
    Role role =
        switch (kind(type)) {
          case LIST, OPTIONAL -> Role.COLLECTION;
          case RECORD -> Role.RECORD;
          case VARIANT -> Role.VARIANT;
          case NUMBER, TEXT, ARRAY -> Role.LEAF;
        };
    int id = firstField + fields.size();
    long size = type instanceof ColumnType.ArrayOf array ? array.size() : -1;
    fields.add(
        new Field(
            id,
            0,
            0,
            parent < 0 ? id : parent,
            role,
            name,
            typeName(path, type),
            "",
            description,
            size,
            -1));
    if (type instanceof Primitive number) {
      return new FieldWriter.Numbers(column(path, id, number, reals), number.bytes());
    }
    if (type instanceof ColumnType.ListOf list) {
      ColumnPages index = index(path, id);
      return new FieldWriter.Lists(index, item(path, list.element(), id, reals));
    }
    if (type instanceof ColumnType.OptionalOf optional) {
      ColumnPages index = index(path, id);
      return new FieldWriter.Optionals(index, item(path, optional.element(), id, reals));
    }
    if (type instanceof ColumnType.ArrayOf array) {
      return new FieldWriter.Arrays(item(path, array.element(), id, reals));
    }
    if (type instanceof ColumnType.RecordOf record) {
      List<FieldWriter> members = new ArrayList<>();
      for (ColumnType.Member member : record.members()) {
        String inside = path + "." + member.name();
        members.add(add(inside, member.name(), member.type(), "", id, reals));
      }
      return new FieldWriter.Records(List.copyOf(members));
    }
    if (type instanceof ColumnType.VariantOf variant) {
      ColumnPages switches = column(path, id, Encoding.SWITCH, SWITCH_BITS, 0, 0);
      List<FieldWriter> alternatives = new ArrayList<>();
      for (int i = 0; i < variant.alternatives().size(); i++) {
        String inside = path + "._" + i;
        alternatives.add(add(inside, "_" + i, variant.alternatives().get(i), "", id, reals));
      }
      return new FieldWriter.Variants(switches, List.copyOf(alternatives));
    }
    ColumnPages index = index(path, id);
    return new FieldWriter.Text(index, column(path, id, Encoding.CHAR, 8, 0, 0));
  }

  private enum Kind {
    NUMBER,
    TEXT,
    LIST,
    ARRAY,
    RECORD,
    OPTIONAL,
    VARIANT
  }

  private static Kind kind(ColumnType type) {
    return type instanceof Primitive
        ? Kind.NUMBER
        : type instanceof ColumnType.Text
            ? Kind.TEXT
            : type instanceof ColumnType.ListOf
                ? Kind.LIST
                : type instanceof ColumnType.ArrayOf
                    ? Kind.ARRAY
                    : type instanceof ColumnType.RecordOf
                        ? Kind.RECORD
                        : type instanceof ColumnType.OptionalOf ? Kind.OPTIONAL : Kind.VARIANT;
  }

  private void checkName(String path, String name) {
    boolean isBad = name.isEmpty();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      isBad |= c <= ' ' || c == 0x7f || c == '.' || c == '/' || c == '\\';
    }
    if (isBad) {
      throw new UnsupportedRootException(
          context
              + ": column "
              + path
              + ": a field of an ntuple cannot be named \""
              + name
              + "\"; no spaces, dots and slashes are allowed, choose another name");
    }
  }

  private FieldWriter item(String path, ColumnType type, int parent, @Nullable RealStorage reals) {
    return add(path + "._0", "_0", type, "", parent, reals);
  }

  private ColumnPages index(String path, int field) {
    return column(
        path, field, isSplit ? Encoding.SPLIT_INDEX64 : Encoding.INDEX64, INDEX_BITS, 0, 0);
  }

  private ColumnPages column(String path, int field, Primitive type, @Nullable RealStorage reals) {
    if (type.isFloating() && reals instanceof RealStorage.Truncated cut) {
      return column(path, field, Encoding.REAL32_TRUNCATED, cut.bits(), 0, 0);
    }
    if (type.isFloating() && reals instanceof RealStorage.Quantised q) {
      return column(path, field, Encoding.REAL32_QUANTISED, q.bits(), q.min(), q.max());
    }
    if (type.isFloating() && reals instanceof RealStorage.Half) {
      return column(path, field, Encoding.REAL16, Short.SIZE, 0, 0); // ROOT knows no split one
    }
    Encoding encoding =
        switch (type) {
          case BOOL -> Encoding.BIT;
          case INT8 -> Encoding.INT8;
          case UINT8 -> Encoding.UINT8;
          case INT16 -> isSplit ? Encoding.SPLIT_INT16 : Encoding.INT16;
          case UINT16 -> isSplit ? Encoding.SPLIT_UINT16 : Encoding.UINT16;
          case INT32 -> isSplit ? Encoding.SPLIT_INT32 : Encoding.INT32;
          case UINT32 -> isSplit ? Encoding.SPLIT_UINT32 : Encoding.UINT32;
          case INT64 -> isSplit ? Encoding.SPLIT_INT64 : Encoding.INT64;
          case UINT64 -> isSplit ? Encoding.SPLIT_UINT64 : Encoding.UINT64;
          case FLOAT32 -> isSplit ? Encoding.SPLIT_REAL32 : Encoding.REAL32;
          case FLOAT64 -> isSplit ? Encoding.SPLIT_REAL64 : Encoding.REAL64;
        };
    return column(path, field, encoding, type == Primitive.BOOL ? 1 : 8 * type.bytes(), 0, 0);
  }

  private ColumnPages column(
      String path, int field, Encoding encoding, int bits, double min, double max) {
    int id = firstColumn + columns.size();
    ColumnPages pages =
        new ColumnPages(
            path,
            new PhysicalColumn(id, encoding, bits, field, 0, 0, min, max),
            encoding,
            compression,
            compressor,
            pageBytes);
    columns.add(pages);
    return pages;
  }

  /** The type in C++; empty for records whose members have names, and for lists of them. */
  private String typeName(String path, ColumnType type) {
    if (type instanceof Primitive number) {
      return switch (number) {
        case BOOL -> "bool";
        case INT8 -> "std::int8_t";
        case UINT8 -> "std::uint8_t";
        case INT16 -> "std::int16_t";
        case UINT16 -> "std::uint16_t";
        case INT32 -> "std::int32_t";
        case UINT32 -> "std::uint32_t";
        case INT64 -> "std::int64_t";
        case UINT64 -> "std::uint64_t";
        case FLOAT32 -> "float";
        case FLOAT64 -> "double";
      };
    }
    if (type instanceof ColumnType.ListOf list) {
      String element = typeName(path, list.element());
      return element.isEmpty() ? "" : "std::vector<" + element + ">";
    }
    if (type instanceof ColumnType.OptionalOf optional) {
      return "std::optional<" + typed(path, type, optional.element()) + ">";
    }
    if (type instanceof ColumnType.ArrayOf array) {
      if (array.size() == 0) {
        throw refused(path, type, "arrays of no elements");
      }
      return "std::array<" + typed(path, type, array.element()) + "," + array.size() + ">";
    }
    if (type instanceof ColumnType.VariantOf variant) {
      if (variant.alternatives().isEmpty()) {
        throw refused(path, type, "variants of no alternatives");
      }
      return variant.alternatives().stream()
          .map(alternative -> typed(path, type, alternative))
          .collect(Collectors.joining(",", "std::variant<", ">"));
    }
    if (type instanceof ColumnType.RecordOf record) {
      List<ColumnType.Member> members = record.members();
      boolean isTuple =
          !members.isEmpty()
              && IntStream.range(0, members.size())
                  .allMatch(i -> members.get(i).name().equals("_" + i));
      List<String> types = members.stream().map(m -> typeName(path, m.type())).toList();
      return !isTuple || types.contains("")
          ? ""
          : (types.size() == 2 ? "std::pair<" : "std::tuple<") + String.join(",", types) + ">";
    }
    return "std::string";
  }

  private String typed(String path, ColumnType outer, ColumnType element) {
    String name = typeName(path, element);
    if (name.isEmpty()) {
      throw refused(
          path, outer, "records inside of arrays, optional values and variants, except tuples");
    }
    return name;
  }

  private UnsupportedRootException refused(String path, ColumnType type, String what) {
    return new UnsupportedRootException(
        context
            + ": column "
            + path
            + " is "
            + type.shape()
            + "; an ntuple is not written with "
            + what);
  }
}
