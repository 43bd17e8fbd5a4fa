package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.jspecify.annotations.Nullable;

/**
 * Makes readers for C++ types from the class descriptions of a file. A type that is not described,
 * or of which a part cannot be read, gets no reader but a reason.
 */
final class StreamedTypes {
  private static final int MAX_DEPTH = 40;

  private final ClassCatalog catalog;

  StreamedTypes(ClassCatalog catalog) {
    this.catalog = catalog;
  }

  /** Says why there is no reader. */
  static final class NotReadableException extends Exception {
    private static final long serialVersionUID = 1L;

    NotReadableException(String why) {
      super(why);
    }

    String why() {
      return String.valueOf(getMessage());
    }
  }

  /** Where a value stands, which decides about the headers in front of it. */
  enum Place {
    /** A branch of its own: collections have a header, strings have none. */
    BRANCH,
    /** A member of a class: collections, {@code std::string} and objects have a header. */
    MEMBER,
    /** An item of a collection: only objects have a header. */
    ITEM,
    /** A key or value of a map: nothing has a header. */
    PAIR_ITEM
  }

  /** A reader for a branch of that type. */
  ValueReader branch(CppType type) throws NotReadableException {
    return type(type, Place.BRANCH, 0);
  }

  /** A reader for objects of a class, whose layout is known. */
  ValueReader object(ClassLayout layout, boolean hasHeader) throws NotReadableException {
    ValueReader special = special(layout.name());
    return special != null ? special : record(layout, hasHeader, 0);
  }

  /** A reader for whole arrays of objects of a class (TClonesArray). */
  ValueReader clones(String itemClass) throws NotReadableException {
    ClassLayout layout = catalog.newest(itemClass);
    if (layout == null) {
      throw new NotReadableException(
          itemClass.isEmpty()
              ? "the class of the objects in a TClonesArray is not said"
              : "class " + itemClass + " is not described in the file");
    }
    if (record(layout, true, 0) instanceof RecordReader record) {
      return new ClonesReader(itemClass, record);
    }
    throw new NotReadableException("arrays of " + itemClass + " cannot be read");
  }

  /** A reader for a member of a class. */
  ValueReader member(ClassLayout.Element element) throws NotReadableException {
    return member(element, new HashMap<>(), 0);
  }

  private ValueReader type(CppType type, Place place, int depth) throws NotReadableException {
    if (depth > MAX_DEPTH) {
      throw new NotReadableException("type " + type + " contains itself or is nested too deep");
    }
    NumberFormat number = number(type);
    if (number != null) {
      return new ValueReader.NumberReader(number);
    }
    if (type.isText()) {
      boolean hasHeader = place == Place.MEMBER && type.name().equals("string");
      return new ValueReader.TextReader(
          hasHeader ? ValueReader.TextReader.Header.VERSION : ValueReader.TextReader.Header.NONE);
    }
    boolean hasHeader = place == Place.BRANCH || place == Place.MEMBER;
    if (type.isSequence()) {
      return new CollectionReader(type(type.arguments().get(0), Place.ITEM, depth + 1), hasHeader);
    }
    if (type.isMap()) {
      return new CollectionReader(pair(type, !hasHeader, depth + 1), hasHeader);
    }
    if (type.name().equals("bitset")) {
      return new CollectionReader(
          new ValueReader.NumberReader(NumberFormat.plain(Primitive.BOOL)), hasHeader);
    }
    if (type.name().equals("array") && type.arguments().size() == 2) {
      int size = size(type.arguments().get(1).name());
      return new ArrayReader(type(type.arguments().get(0), Place.ITEM, depth + 1), size);
    }
    ValueReader special = special(type.name());
    if (special != null) {
      return special;
    }
    if (type.name().endsWith("*")) {
      throw new NotReadableException("pointers such as " + type + " cannot be read");
    }
    boolean objectHeader = place != Place.PAIR_ITEM;
    ClassLayout layout = catalog.newest(type.toString());
    if (layout == null) {
      layout = catalog.newest(type.spelled());
    }
    if (type.name().equals("pair") && type.arguments().size() == 2) {
      return pair(type, layout, objectHeader, depth + 1);
    }
    if (layout == null) {
      throw new NotReadableException("class " + type + " is not described in the file");
    }
    return record(layout, objectHeader, depth + 1);
  }

  /** Numbers, packed ones by their default where no range is known. */
  private static @Nullable NumberFormat number(CppType type) {
    Primitive primitive = type.primitive();
    if (primitive != null) {
      return NumberFormat.plain(primitive);
    }
    return type.arguments().isEmpty() ? NumberFormat.packed(type.name(), "") : null;
  }

  private static int size(String text) throws NotReadableException {
    try {
      int size = Integer.parseInt(text.replaceAll("[uUlL]+$", ""));
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new NotReadableException("an array of " + text + " values cannot be read");
  }

  /** Classes that stream themselves in their own way. */
  private static @Nullable ValueReader special(String className) throws NotReadableException {
    return switch (className) {
      case "TClonesArray",
          "TObjArray",
          "TList",
          "THashList",
          "TSortedList",
          "TOrdCollection",
          "TMap",
          "TExMap",
          "TBtree" ->
          throw new NotReadableException(
              "class " + className + " holds objects of any class, which cannot be read");
      case "TRef" -> ReferenceReader.one();
      case "TRefArray" -> ReferenceReader.array();
      case "TObject" -> new ObjectPartReader();
      case "TDatime" -> new ValueReader.NumberReader(NumberFormat.plain(Primitive.UINT32));
      case "TArrayC" -> numbers(Primitive.INT8);
      case "TArrayS" -> numbers(Primitive.INT16);
      case "TArrayI" -> numbers(Primitive.INT32);
      case "TArrayL", "TArrayL64" -> numbers(Primitive.INT64);
      case "TArrayF" -> numbers(Primitive.FLOAT32);
      case "TArrayD" -> numbers(Primitive.FLOAT64);
      default -> null;
    };
  }

  private static ValueReader numbers(Primitive type) {
    return new CollectionReader(new ValueReader.NumberReader(NumberFormat.plain(type)), false);
  }

  /** The items of a map. */
  private RecordReader pair(CppType map, boolean isItem, int depth) throws NotReadableException {
    CppType pair = new CppType("pair", map.arguments().subList(0, 2));
    ClassLayout layout = catalog.newest(pair.toString());
    return isItem
        ? new RecordReader(
            pair.toString(),
            layout,
            false,
            List.of(
                new RecordReader.Part(
                    "_0", type(map.arguments().get(0), Place.PAIR_ITEM, depth), false),
                new RecordReader.Part(
                    "_1", type(map.arguments().get(1), Place.PAIR_ITEM, depth), false)))
        : pair(pair, layout, false, depth);
  }

  private RecordReader pair(
      CppType pair, @Nullable ClassLayout layout, boolean hasHeader, int depth)
      throws NotReadableException {
    return new RecordReader(
        pair.toString(),
        layout,
        hasHeader,
        List.of(
            new RecordReader.Part("_0", type(pair.arguments().get(0), Place.MEMBER, depth), false),
            new RecordReader.Part(
                "_1", type(pair.arguments().get(1), Place.MEMBER, depth), false)));
  }

  private ValueReader record(ClassLayout layout, boolean hasHeader, int depth)
      throws NotReadableException {
    if (depth > MAX_DEPTH) {
      throw new NotReadableException("class " + layout.name() + " contains itself");
    }
    Map<String, ValueReader.NumberReader> counters = new HashMap<>();
    List<RecordReader.Part> parts = new ArrayList<>();
    for (ClassLayout.Element element : layout.elements()) {
      if (element.name().equals("This")) {
        throw new NotReadableException(
            "class " + layout.name() + ", a collection of its own kind, cannot be read");
      }
      ValueReader reader = member(element, counters, depth);
      parts.add(new RecordReader.Part(element.name(), reader, element.isBase()));
    }
    if (layout.name().equals("TObjString")
        && parts.size() == 2
        && parts.get(1).reader() instanceof ValueReader.TextReader text) {
      return new ObjectStringReader(text, hasHeader);
    }
    return new RecordReader(layout.name(), layout, hasHeader, parts);
  }

  private ValueReader member(
      ClassLayout.Element element, Map<String, ValueReader.NumberReader> counters, int depth)
      throws NotReadableException {
    int type = element.type();
    if (element.isBase()) {
      return base(element, depth);
    }
    if (type == StreamerTypes.BITS) {
      return new ValueReader.BitsReader();
    }
    NumberFormat format =
        type > 0 && type < 60 ? NumberFormat.of(type % StreamerTypes.FIXED, element.title()) : null;
    if (type == StreamerTypes.CHAR_STAR) {
      return new ValueReader.TextReader(ValueReader.TextReader.Header.LONG);
    }
    if (format != null) {
      ValueReader.NumberReader numbers = new ValueReader.NumberReader(format);
      if (type < StreamerTypes.FIXED) {
        counters.put(element.name(), numbers);
        return numbers;
      }
      if (type < StreamerTypes.VARIABLE) {
        return arrays(numbers, dimensions(element));
      }
      ValueReader.NumberReader counter =
          element.countName() == null ? null : counters.get(element.countName());
      if (counter == null) {
        throw new NotReadableException(
            "the length of member " + element.name() + " is not a member of the same class");
      }
      return new CountedArrayReader(numbers, counter);
    }
    CppType cppType = CppType.parse(element.typeName());
    boolean isArray = type > StreamerTypes.OBJECT && element.arrayLength() > 0;
    int single =
        isArray && type >= StreamerTypes.OBJECT + StreamerTypes.FIXED && type < StreamerTypes.STL
            ? type - StreamerTypes.FIXED
            : type;
    return switch (single) {
      case StreamerTypes.OBJECT,
          StreamerTypes.ANY,
          StreamerTypes.TOBJECT,
          StreamerTypes.TNAMED,
          StreamerTypes.TSTRING,
          StreamerTypes.STL,
          StreamerTypes.STL_STRING,
          StreamerTypes.STREAMER -> {
        if (single == StreamerTypes.STREAMER && !element.kind().startsWith("TStreamerSTL")) {
          throw new NotReadableException(
              "member "
                  + element.name()
                  + " of type "
                  + element.typeName()
                  + " is stored by code of its own");
        }
        if (isArray && single >= StreamerTypes.STL) {
          throw new NotReadableException(
              "member " + element.name() + ", an array of collections, cannot be read");
        }
        ValueReader value = type(cppType, Place.MEMBER, depth + 1);
        yield isArray ? arrays(value, dimensions(element)) : value;
      }
      default ->
          throw new NotReadableException(
              "member "
                  + element.name()
                  + " of type "
                  + element.typeName()
                  + " (code "
                  + type
                  + ") cannot be read");
    };
  }

  private ValueReader base(ClassLayout.Element element, int depth) throws NotReadableException {
    if (element.name().equals("TObject")) {
      return new ObjectPartReader();
    }
    ClassLayout layout = null;
    if (!element.extra().isEmpty()) {
      layout = catalog.find(element.name(), element.extra().get(0));
    }
    if (layout == null) {
      layout = catalog.newest(element.name());
    }
    if (layout == null) {
      CppType type = CppType.parse(element.name());
      if (type.isSequence() || type.isMap() || special(element.name()) != null) {
        throw new NotReadableException("base class " + type + " cannot be read");
      }
      throw new NotReadableException(
          "base class " + element.name() + " is not described in the file");
    }
    if (special(layout.name()) != null) {
      throw new NotReadableException("base class " + layout.name() + " cannot be read");
    }
    return record(layout, true, depth + 1);
  }

  /** The sizes of a fixed array, as far as the description is consistent, else its length. */
  static List<Integer> dimensions(ClassLayout.Element element) {
    List<Integer> dimensions =
        element
            .maxIndex()
            .subList(0, Math.min(element.arrayDimensions(), element.maxIndex().size()));
    long product = 1;
    for (int size : dimensions) {
      product *= Math.max(0, size);
      if (product > Integer.MAX_VALUE) {
        break;
      }
    }
    return product == element.arrayLength() ? dimensions : List.of(element.arrayLength());
  }

  private static ValueReader arrays(ValueReader value, List<Integer> dimensions) {
    ValueReader reader = value;
    for (int i = dimensions.size() - 1; i >= 0; i--) {
      reader = new ArrayReader(reader, dimensions.get(i));
    }
    return reader;
  }
}
