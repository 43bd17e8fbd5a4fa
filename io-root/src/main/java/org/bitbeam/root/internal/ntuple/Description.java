package org.bitbeam.root.internal.ntuple;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.jspecify.annotations.Nullable;

/** Fields and columns of an RNTuple, from its header and the extension in its footer. */
final class Description {
  private static final int REPETITIVE = 1;
  private static final int PROJECTED = 2;
  private static final int CHECKSUM = 4;
  private static final int DEFERRED = 1;
  private static final int RANGE = 2;

  private final String name;
  private final String description;
  private final String writer;
  private final List<Field> fields = new ArrayList<>();
  private final List<PhysicalColumn> columns = new ArrayList<>();
  private final Map<Integer, List<Integer>> children = new HashMap<>();
  private final Map<Integer, List<PhysicalColumn>> columnsOfField = new HashMap<>();
  private final List<byte[]> streamerInfos = new ArrayList<>();

  /** What a field is made of. */
  enum Role {
    LEAF,
    COLLECTION,
    RECORD,
    VARIANT,
    STREAMER
  }

  /**
   * A field.
   *
   * @param id position in the list
   * @param version of the way the field is stored
   * @param typeVersion of the class
   * @param parent id of the field it lies in, its own for a top-level field
   * @param role null when it is none that is known
   * @param name without the names of its parents
   * @param typeName in C++, empty for untyped records and collections
   * @param typeAlias other name of the type
   * @param description for people
   * @param arraySize values an element for a repetitive field, else -1
   * @param source id of the field it shows, for a projected field, else -1
   */
  record Field(
      int id,
      int version,
      int typeVersion,
      int parent,
      @Nullable Role role,
      String name,
      String typeName,
      String typeAlias,
      String description,
      long arraySize,
      int source) {
    boolean isTopLevel() {
      return parent == id;
    }
  }

  /**
   * A column of elements in pages.
   *
   * @param id position in the list
   * @param encoding null when it is none that is known
   * @param bits of an element
   * @param field id of the field it belongs to
   * @param representation several of one field store the same in different encodings
   * @param firstElement elements before it are not stored and zero; negative when also suppressed
   * @param min value of the integer 0, for quantised elements
   * @param max value of the largest integer, for quantised elements
   */
  record PhysicalColumn(
      int id,
      @Nullable Encoding encoding,
      int bits,
      int field,
      int representation,
      long firstElement,
      double min,
      double max) {
    /** Whether its first elements are not stored. */
    boolean isDeferred() {
      return firstElement != 0;
    }
  }

  private Description(String name, String description, String writer) {
    this.name = name;
    this.description = description;
    this.writer = writer;
  }

  static Description readHeader(LittleCursor in) {
    checkFeatures(in);
    Description result = new Description(in.string(), in.string(), in.string());
    result.readLists(in);
    return result;
  }

  /** Reads the feature flags, none of which is known: a set one means a format to be refused. */
  static void checkFeatures(LittleCursor in) {
    long flags;
    do {
      flags = in.i64();
      if ((flags & Long.MAX_VALUE) != 0) {
        throw new UnsupportedRootException(
            in.malformed("").getMessage()
                + "feature flags "
                + Long.toHexString(flags)
                + " are set, which this library does not know; a newer version may");
      }
    } while (flags < 0);
  }

  /** Reads the four lists of a header or of its extension. */
  void readLists(LittleCursor in) {
    LittleCursor.Frame list = in.list(Long.BYTES);
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      readField(in);
      in.leave(frame);
    }
    in.leave(list);
    list = in.list(Long.BYTES);
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      readColumn(in);
      in.leave(frame);
    }
    in.leave(list);
    list = in.list(Long.BYTES);
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      int physical = in.i32();
      int field = in.i32();
      if (physical < 0 || physical >= columns.size() || field < 0 || field >= fields.size()) {
        throw in.malformed("column " + physical + " is said to be shown by field " + field);
      }
      columnsOfField.computeIfAbsent(field, f -> new ArrayList<>()).add(columns.get(physical));
      in.leave(frame);
    }
    in.leave(list);
    list = in.list(Long.BYTES);
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      int content = in.i32();
      in.skip(4); // type version
      in.string(); // type name
      int length = in.i32();
      if (content == 0 && length >= 0) {
        streamerInfos.add(in.take(length));
      }
      in.leave(frame);
    }
    in.leave(list);
  }

  private void readField(LittleCursor in) {
    int id = fields.size();
    int version = in.i32();
    int typeVersion = in.i32();
    int parent = in.i32();
    int role = in.u16();
    int flags = in.u16();
    String fieldName = in.string();
    String typeName = in.string();
    String alias = in.string();
    String text = in.string();
    long arraySize = (flags & REPETITIVE) != 0 ? in.length("the size of an array") : -1;
    int source = (flags & PROJECTED) != 0 ? in.i32() : -1;
    if ((flags & CHECKSUM) != 0) {
      in.skip(4);
    }
    if (parent < 0 || parent > id || ((flags & PROJECTED) != 0 && source < 0)) {
      throw in.malformed("field " + fieldName + " is said to lie in field " + parent);
    }
    if (fieldName.isEmpty()) {
      throw in.malformed("field " + id + " has no name");
    }
    Role known = role < Role.values().length ? Role.values()[role] : null;
    fields.add(
        new Field(
            id,
            version,
            typeVersion,
            parent,
            known,
            fieldName,
            typeName,
            alias,
            text,
            arraySize,
            source));
    if (parent != id) {
      children.computeIfAbsent(parent, p -> new ArrayList<>()).add(id);
    }
  }

  private void readColumn(LittleCursor in) {
    int code = in.u16();
    int bits = in.u16();
    int field = in.i32();
    int flags = in.u16();
    int representation = in.u16();
    long firstElement = (flags & DEFERRED) != 0 ? in.i64() : 0;
    double min = (flags & RANGE) != 0 ? in.f64() : 0;
    double max = (flags & RANGE) != 0 ? in.f64() : 0;
    Encoding encoding = Encoding.of(code);
    if (field < 0 || field >= fields.size()) {
      throw in.malformed("column " + columns.size() + " is said to belong to field " + field);
    }
    if (encoding != null && !encoding.allows(bits)) {
      throw in.malformed(
          "column " + columns.size() + " is said to have elements of " + bits + " bits");
    }
    PhysicalColumn column =
        new PhysicalColumn(
            columns.size(), encoding, bits, field, representation, firstElement, min, max);
    columns.add(column);
    columnsOfField.computeIfAbsent(field, f -> new ArrayList<>()).add(column);
  }

  String name() {
    return name;
  }

  String description() {
    return description;
  }

  String writer() {
    return writer;
  }

  List<Field> fields() {
    return fields;
  }

  List<PhysicalColumn> columns() {
    return columns;
  }

  /** Class descriptions for fields that ROOT's streamers wrote. */
  List<byte[]> streamerInfos() {
    return streamerInfos;
  }

  List<Field> children(Field field) {
    return children.getOrDefault(field.id(), List.of()).stream().map(fields::get).toList();
  }

  /** The columns of a field, also those of another that it shows, in order. */
  List<PhysicalColumn> columns(Field field) {
    return columnsOfField.getOrDefault(field.id(), List.of());
  }
}
