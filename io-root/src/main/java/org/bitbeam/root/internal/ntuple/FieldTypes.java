package org.bitbeam.root.internal.ntuple;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.root.internal.ntuple.Description.Field;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.tree.StreamedField;
import org.jspecify.annotations.Nullable;

/** Decides from the description of a field how it becomes a column. */
final class FieldTypes {
  private static final int MAX_DEPTH = 60;

  private final Description description;
  private final ClassCatalog classes;

  /** Fields of that description, with the class descriptions for those of ROOT's streamers. */
  FieldTypes(Description description, ClassCatalog classes) {
    this.description = description;
    this.classes = classes;
  }

  /** Says why a field cannot be read. */
  static final class NotReadableException extends Exception {
    private static final long serialVersionUID = 1L;

    NotReadableException(String why) {
      super(why);
    }

    String why() {
      return String.valueOf(getMessage());
    }
  }

  /** A reader for a field with all that is inside of it. */
  FieldReader reader(Field field) throws NotReadableException {
    return reader(field, field.name(), 0);
  }

  private FieldReader reader(Field field, String path, int depth) throws NotReadableException {
    if (depth > MAX_DEPTH) {
      throw new NotReadableException("fields are nested deeper than " + MAX_DEPTH);
    }
    if (field.version() != 0) {
      throw new NotReadableException(
          "field " + path + " is stored in version " + field.version() + ", known is 0");
    }
    if (field.role() == null) {
      throw new NotReadableException("field " + path + " has a structure that is not known");
    }
    if (field.source() >= 0
        && description.columns(field).isEmpty()
        && description.children(field).isEmpty()
        && field.source() < field.id()) {
      throw new NotReadableException("field " + path + " shows another one, but no columns of it");
    }
    return switch (field.role()) {
      case LEAF -> leaf(field, path, depth);
      case COLLECTION -> collection(field, path, depth);
      case RECORD -> record(field, path, depth);
      case VARIANT -> variant(field, path, depth);
      case STREAMER -> streamed(field, path);
    };
  }

  private FieldReader streamed(Field field, String path) throws NotReadableException {
    StreamedField objects = StreamedField.of(classes, field.typeName());
    if (!objects.whyUnreadable().isEmpty()) {
      throw new NotReadableException("field " + path + ": " + objects.whyUnreadable());
    }
    return new FieldReaders.Streamed(path, bytes(field, path), objects);
  }

  private FieldReaders.Text bytes(Field field, String path) throws NotReadableException {
    return new FieldReaders.Text(
        path,
        columns(field, path, 0, 2, Encoding.Kind.INDEX),
        columns(field, path, 1, 2, Encoding.Kind.INTEGER));
  }

  private FieldReader leaf(Field field, String path, int depth) throws NotReadableException {
    List<Field> children = description.children(field);
    String type = field.typeName();
    if (description.columns(field).isEmpty()) {
      if (children.size() != 1) {
        throw new NotReadableException(
            "field " + path + " of type " + type + " has no columns and no single field inside");
      }
      FieldReader inner = reader(children.get(0), path + "." + children.get(0).name(), depth + 1);
      // Enumerations and atomics are just their value.
      return field.arraySize() < 0 ? inner : array(field, path, inner);
    }
    if (type.equals("std::string")) {
      return bytes(field, path);
    }
    if (type.startsWith("ROOT::RNTupleCardinality<")) {
      Primitive counts = type.contains("32") ? Primitive.UINT32 : Primitive.UINT64;
      return new FieldReaders.Cardinality(
          path, counts, columns(field, path, 0, 1, Encoding.Kind.INDEX));
    }
    if (type.startsWith("std::bitset<")) {
      FieldReader bits =
          new FieldReaders.Numbers(
              path, Primitive.BOOL, columns(field, path, 0, 1, Encoding.Kind.BIT));
      return array(field, path, bits);
    }
    Primitive primitive = primitive(type);
    if (primitive == null) {
      throw new NotReadableException("field " + path + " of type " + type + " cannot be read");
    }
    Encoding.Kind kind =
        primitive == Primitive.BOOL
            ? Encoding.Kind.BIT
            : primitive.isFloating() ? Encoding.Kind.REAL : Encoding.Kind.INTEGER;
    List<PhysicalColumn> columns = columns(field, path, 0, 1, kind);
    for (PhysicalColumn column : columns) {
      boolean fits =
          kind != Encoding.Kind.INTEGER
              ? primitive != Primitive.FLOAT32 || column.bits() <= Float.SIZE
              : column.bits() == 8 * primitive.bytes();
      if (!fits) {
        throw new NotReadableException(
            "field " + path + " of type " + type + " is stored in " + column.bits() + " bits");
      }
    }
    FieldReader numbers = new FieldReaders.Numbers(path, primitive, columns);
    return field.arraySize() < 0 ? numbers : array(field, path, numbers);
  }

  private static FieldReader array(Field field, String path, FieldReader item)
      throws NotReadableException {
    if (field.arraySize() <= 0 || field.arraySize() > Integer.MAX_VALUE) {
      throw new NotReadableException(
          "field " + path + " is an array of " + field.arraySize() + " values");
    }
    return new FieldReaders.FixedArray(path, item, (int) field.arraySize());
  }

  private FieldReader collection(Field field, String path, int depth) throws NotReadableException {
    List<Field> children = description.children(field);
    if (children.size() != 1) {
      throw new NotReadableException(
          "collection " + path + " has " + children.size() + " fields inside, expected one");
    }
    FieldReader item = reader(children.get(0), path + "." + children.get(0).name(), depth + 1);
    return new FieldReaders.Collection(
        path,
        columns(field, path, 0, 1, Encoding.Kind.INDEX),
        item,
        field.typeName().startsWith("std::optional<"));
  }

  private FieldReader record(Field field, String path, int depth) throws NotReadableException {
    List<FieldReaders.Record.Member> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Field child : description.children(field)) {
      FieldReader reader = reader(child, path + "." + child.name(), depth + 1);
      boolean isBase = child.name().startsWith(":_");
      members.add(new FieldReaders.Record.Member(child.name(), reader, isBase));
      if (!isBase && !names.add(child.name())) {
        throw new NotReadableException("record " + path + " has two members " + child.name());
      }
    }
    FieldReaders.Record record = new FieldReaders.Record(path, members);
    List<String> all =
        record.type() instanceof org.bitbeam.columns.ColumnType.RecordOf type
            ? type.members().stream()
                .map(org.bitbeam.columns.ColumnType.Member::name)
                .collect(Collectors.toList())
            : List.of();
    if (new HashSet<>(all).size() < all.size()) {
      throw new NotReadableException(
          "class " + field.typeName() + " and its base classes have members of one name");
    }
    return field.arraySize() < 0 ? record : array(field, path, record);
  }

  private FieldReader variant(Field field, String path, int depth) throws NotReadableException {
    List<FieldReader> alternatives = new ArrayList<>();
    for (Field child : description.children(field)) {
      alternatives.add(reader(child, path + "." + child.name(), depth + 1));
    }
    if (alternatives.isEmpty() || alternatives.size() > Byte.MAX_VALUE) {
      throw new NotReadableException(
          "variant " + path + " has " + alternatives.size() + " alternatives");
    }
    return new FieldReaders.Variant(
        path, columns(field, path, 0, 1, Encoding.Kind.SWITCH), alternatives);
  }

  /**
   * The columns at a position of a field, one for every representation of its values.
   *
   * @param each columns in each representation
   */
  private List<PhysicalColumn> columns(
      Field field, String path, int position, int each, Encoding.Kind kind)
      throws NotReadableException {
    List<PhysicalColumn> all = new ArrayList<>(description.columns(field));
    all.sort(Comparator.comparingInt(PhysicalColumn::representation));
    if (all.isEmpty() || all.size() % each != 0) {
      throw new NotReadableException(
          "field " + path + " has " + all.size() + " columns, expected " + each);
    }
    List<PhysicalColumn> chosen = new ArrayList<>();
    for (int i = position; i < all.size(); i += each) {
      PhysicalColumn column = all.get(i);
      Encoding encoding = column.encoding();
      if (encoding == null || encoding.kind() != kind) {
        throw new NotReadableException(
            "field "
                + path
                + " of type "
                + field.typeName()
                + " is stored in a column of "
                + (encoding == null ? "an encoding that is not known" : encoding));
      }
      chosen.add(column);
    }
    return List.copyOf(chosen);
  }

  private static @Nullable Primitive primitive(String type) {
    return switch (type) {
      case "bool" -> Primitive.BOOL;
      case "char", "std::int8_t", "signed char" -> Primitive.INT8;
      case "std::byte", "std::uint8_t", "unsigned char" -> Primitive.UINT8;
      case "std::int16_t", "short" -> Primitive.INT16;
      case "std::uint16_t", "unsigned short" -> Primitive.UINT16;
      case "std::int32_t", "int" -> Primitive.INT32;
      case "std::uint32_t", "unsigned int" -> Primitive.UINT32;
      case "std::int64_t", "long", "long long" -> Primitive.INT64;
      case "std::uint64_t", "unsigned long", "unsigned long long" -> Primitive.UINT64;
      case "float" -> Primitive.FLOAT32;
      case "double" -> Primitive.FLOAT64;
      default -> null;
    };
  }
}
