package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.jspecify.annotations.Nullable;

/**
 * Makes readers for C++ types from the class descriptions of a file. A type that is not described,
 * or of which a part cannot be read, gets no reader but a reason. One for each reader of a branch.
 */
final class StreamedTypes {
  private static final int MAX_DEPTH = 40;
  private static final CppType ANY_OBJECT = CppType.parse("TObject");
  private static final Set<String> SPECIAL =
      Set.of(
          "TObjArray",
          "TList",
          "THashList",
          "TSortedList",
          "TClonesArray",
          "TMap",
          "TExMap",
          "TBtree",
          "TOrdCollection",
          "TRef",
          "TRefArray",
          "TDatime");

  private final ClassCatalog catalog;
  private final boolean ofTree;
  private final EntryObjects objects = new EntryObjects();
  private final ValuesWithoutBytes withoutBytes = new ValuesWithoutBytes();
  private final Set<String> pointersInTheMaking = new HashSet<>();
  private final Map<String, ObjectTable> tables = new HashMap<>();

  /**
   * Readers by the descriptions of that catalog.
   *
   * @param ofTree whether they are for a tree, where lists of objects hold no histograms
   */
  StreamedTypes(ClassCatalog catalog, boolean ofTree) {
    this.catalog = catalog;
    this.ofTree = ofTree;
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
    return entry(type(type, Place.BRANCH, 0));
  }

  /** A reader for a collection or string that a key of a directory holds. */
  ValueReader key(CppType type) throws NotReadableException {
    return entry(type(type, Place.ITEM, 0));
  }

  /** A reader for objects of a class, whose layout is known. */
  ValueReader object(ClassLayout layout, boolean hasHeader) throws NotReadableException {
    ValueReader special = special(layout.name(), 0);
    return entry(special != null ? special : record(layout, hasHeader, 0));
  }

  /** A reader for whole arrays of objects of a class (TClonesArray), maybe with holes. */
  ValueReader clones(String itemClass, boolean canHaveHoles) throws NotReadableException {
    ClassLayout layout = catalog.newest(itemClass);
    if (layout == null) {
      throw new NotReadableException(
          itemClass.isEmpty()
              ? "the class of the objects in a TClonesArray is not said"
              : "class " + itemClass + " is not described in the file");
    }
    if (record(layout, true, 0) instanceof RecordReader record) {
      return entry(new ClonesReader(Map.of(itemClass, record), canHaveHoles));
    }
    throw new NotReadableException("arrays of " + itemClass + " cannot be read");
  }

  /** A reader for a branch that holds a member of a class. */
  ValueReader member(ClassLayout.Element element) throws NotReadableException {
    return entry(
        element.type() == StreamerTypes.STREAM_LOOP
            ? new CountedArrayReader(counted(element, 0), null)
            : member(element, new HashMap<>(), 0));
  }

  /** A reader for a branch that holds a member of all items of a collection, without a count. */
  ValueReader memberOfItems(ClassLayout.Element element) throws NotReadableException {
    return entry(new ValueReader.RestReader(member(element, new HashMap<>(), 0)));
  }

  /** A reader for a branch that holds an array of objects of each item of a collection. */
  ValueReader countedItems(ClassLayout.Element element, ListColumn sizes)
      throws NotReadableException {
    return entry(new CountedItemsReader(counted(element, 0), sizes));
  }

  /** A reader for one object of an array with a counter. */
  private ValueReader counted(ClassLayout.Element element, int depth) throws NotReadableException {
    return type(CppType.parse(element.typeName()).withoutPointer(), Place.MEMBER, depth);
  }

  private ValueReader entry(ValueReader value) {
    return new EntryReader(value, objects);
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
      return new ArrayReader(
          type(type.arguments().get(0), Place.ITEM, depth + 1), size, withoutBytes);
    }
    if (type.name().endsWith("*")) {
      return pointer(CppType.parse(type.name().substring(0, type.name().length() - 1)), depth);
    }
    if (type.name().equals("unique_ptr") && !type.arguments().isEmpty()) {
      return pointer(type.arguments().get(0), depth);
    }
    ValueReader special = special(type.name(), depth);
    if (special != null) {
      return special;
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
  private @Nullable ValueReader special(String className, int depth) throws NotReadableException {
    return switch (className) {
      case "TObjArray" ->
          new ObjectListReader(pointer(ANY_OBJECT, depth), ObjectListReader.Kind.ARRAY);
      case "TList", "THashList", "TSortedList" ->
          new ObjectListReader(pointer(ANY_OBJECT, depth), ObjectListReader.Kind.LIST);
      case "TOrdCollection" ->
          new ObjectListReader(pointer(ANY_OBJECT, depth), ObjectListReader.Kind.COLLECTION);
      case "TBtree" -> new ObjectListReader(pointer(ANY_OBJECT, depth), ObjectListReader.Kind.TREE);
      case "TMap" ->
          ObjectMapReader.ofObjects(pointer(ANY_OBJECT, depth), pointer(ANY_OBJECT, depth));
      case "TExMap" -> ObjectMapReader.ofNumbers();
      case "TClonesArray" -> new ClonesReader(items(), true);
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

  private static boolean isSpecial(String className) {
    return SPECIAL.contains(className) || className.startsWith("TArray");
  }

  // ---- pointers

  /** A reader for pointers that are declared with a class. */
  private ValueReader pointer(CppType declared, int depth) throws NotReadableException {
    String name = declared.toString();
    ObjectTable table = tables.get(name);
    if (table != null || pointersInTheMaking.contains(name)) {
      // A class with pointers to itself: its objects go into a list beside the value.
      return new ObjectTable.LinkReader(
          tables.computeIfAbsent(name, n -> new ObjectTable(n, objects)));
    }
    if (depth > MAX_DEPTH) {
      throw new NotReadableException("pointers to " + declared + " are nested too deep");
    }
    pointersInTheMaking.add(name);
    Map<String, ValueReader> readers = new LinkedHashMap<>();
    String why = "class " + declared + " is not described in the file";
    for (String possible : catalog.withDerived(name, ofTree)) {
      try {
        readers.put(possible, pointed(possible, depth));
      } catch (NotReadableException e) {
        why = possible.equals(name) || readers.isEmpty() ? e.why() : why;
      }
    }
    pointersInTheMaking.remove(name);
    table = tables.get(name);
    if (readers.isEmpty()) {
      tables.remove(name);
      throw new NotReadableException("behind pointers to " + declared + ": " + why);
    }
    if (table == null) {
      return new ObjectPointerReader(objects, readers);
    }
    Map<String, Supplier<ValueReader>> suppliers = new LinkedHashMap<>();
    for (String possible : readers.keySet()) {
      suppliers.put(possible, () -> pointedAgain(possible));
    }
    table.complete(suppliers);
    objects.tables().add(table);
    return new ObjectTable.LinkReader(table);
  }

  private ValueReader pointedAgain(String className) {
    try {
      return pointed(className, 0);
    } catch (NotReadableException e) {
      throw new IllegalStateException("readable a moment ago", e);
    }
  }

  private ValueReader pointed(String className, int depth) throws NotReadableException {
    ValueReader special = special(className, depth + 1);
    if (special != null) {
      return special;
    }
    ClassLayout layout = catalog.newest(className);
    if (layout == null) {
      throw new NotReadableException("class " + className + " is not described in the file");
    }
    return record(layout, true, depth + 1);
  }

  /** The classes that the objects of a TClonesArray may be of, where it alone says that. */
  private Map<String, RecordReader> items() throws NotReadableException {
    Map<String, RecordReader> items = new LinkedHashMap<>();
    for (String name : catalog.withDerived(ANY_OBJECT.toString(), ofTree)) {
      try {
        if (pointed(name, 0) instanceof RecordReader record) {
          items.put(name, record);
        }
      } catch (NotReadableException e) {
        // An array of these is refused while reading.
      }
    }
    if (items.isEmpty()) {
      throw new NotReadableException("no class that a TClonesArray could hold is described");
    }
    return items;
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
    return record(layout, hasHeader, new HashMap<>(), depth);
  }

  private ValueReader record(
      ClassLayout layout,
      boolean hasHeader,
      Map<String, ValueReader.NumberReader> counters,
      int depth)
      throws NotReadableException {
    if (depth > MAX_DEPTH) {
      throw new NotReadableException("class " + layout.name() + " contains itself");
    }
    List<RecordReader.Part> parts = new ArrayList<>();
    for (ClassLayout.Element element : layout.elements()) {
      if (element.name().equals("This")) {
        return ownCollection(layout, depth);
      }
      ValueReader reader = member(element, counters, depth);
      parts.add(new RecordReader.Part(element.name(), reader, element.isBase()));
    }
    if (layout.name().equals("TObjString")
        && parts.size() == 2
        && parts.get(1).reader() instanceof ValueReader.TextReader text) {
      return new ObjectStringReader(text, hasHeader);
    }
    return new RecordReader(
        layout.name(), layout, hasHeader, parts, versions(layout, List.copyOf(parts), depth));
  }

  /**
   * A class that is a collection of its own kind (ATLAS {@code DataVector}), stored member by
   * member. Which class its items are of says its argument, or its name without {@code Container}
   * or {@code Map}; while reading, the checksum in front of them must be that of this class.
   */
  private ValueReader ownCollection(ClassLayout layout, int depth) throws NotReadableException {
    CppType type = CppType.parse(layout.name());
    String item =
        type.arguments().isEmpty()
            ? layout.name().replaceFirst("(Container|Map)(?=(_v\\d+)?$)", "")
            : type.arguments().get(0).toString();
    ClassLayout items = catalog.newest(item);
    if (items == null || item.equals(layout.name())) {
      throw new NotReadableException(
          "the file does not describe what class " + layout.name() + " is a collection of");
    }
    return new CollectionReader(record(items, true, depth + 1), true);
  }

  /** How the other described versions of a class become records of this one. */
  private RecordReader.Versions versions(
      ClassLayout layout, List<RecordReader.Part> parts, int depth) {
    return (isChecksum, number) -> {
      ClassLayout old =
          isChecksum
              ? catalog.withChecksum(layout.name(), number)
              : catalog.find(layout.name(), number);
      if (old == null) {
        return null;
      }
      int tablesBefore = objects.tables().size();
      RecordReader.OldVersion result =
          ClassEvolution.of(
              old, layout, parts, e -> member(e, new HashMap<>(), depth + 1), withoutBytes);
      if (objects.tables().size() > tablesBefore) {
        objects.tables().subList(tablesBefore, objects.tables().size()).clear();
        throw new NotReadableException("a member that it lost leads to objects of its own class");
      }
      return result;
    };
  }

  private ValueReader member(
      ClassLayout.Element element, Map<String, ValueReader.NumberReader> counters, int depth)
      throws NotReadableException {
    int type = element.type();
    if (element.isBase()) {
      return base(element, counters, depth);
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
        throw lengthUnknown(element);
      }
      return new CountedArrayReader(numbers, counter);
    }
    CppType cppType = CppType.parse(element.typeName());
    boolean isArray = type > StreamerTypes.OBJECT && element.arrayLength() > 0;
    if (type == StreamerTypes.STREAM_LOOP) {
      ValueReader.NumberReader counter =
          element.countName() == null ? null : counters.get(element.countName());
      if (counter == null) {
        throw lengthUnknown(element);
      }
      return new CountedArrayReader(counted(element, depth + 1), counter);
    }
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
          StreamerTypes.OBJECT_IN_PLACE,
          StreamerTypes.ANY_IN_PLACE,
          StreamerTypes.OBJECT_POINTER,
          StreamerTypes.ANY_POINTER,
          StreamerTypes.STREAMER -> {
        if (single == StreamerTypes.STREAMER && !element.kind().startsWith("TStreamerSTL")) {
          throw new NotReadableException(
              "member "
                  + element.name()
                  + " of type "
                  + element.typeName()
                  + " is stored by code of its own");
        }
        boolean isObject =
            single == StreamerTypes.OBJECT_IN_PLACE
                || single == StreamerTypes.ANY_IN_PLACE
                || element.kind().startsWith("TStreamerSTL");
        CppType stored = isObject ? cppType.withoutPointer() : cppType;
        ValueReader value = type(stored, Place.MEMBER, depth + 1);
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

  private static NotReadableException lengthUnknown(ClassLayout.Element element) {
    return new NotReadableException(
        "the length of member "
            + element.name()
            + " is not a member of the class or of a base class");
  }

  private ValueReader base(
      ClassLayout.Element element, Map<String, ValueReader.NumberReader> counters, int depth)
      throws NotReadableException {
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
      if (type.isSequence() || type.isMap() || isSpecial(element.name())) {
        throw new NotReadableException("base class " + type + " cannot be read");
      }
      throw new NotReadableException(
          "base class " + element.name() + " is not described in the file");
    }
    if (isSpecial(layout.name())) {
      throw new NotReadableException("base class " + layout.name() + " cannot be read");
    }
    return record(layout, true, counters, depth + 1);
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

  private ValueReader arrays(ValueReader value, List<Integer> dimensions) {
    ValueReader reader = value;
    for (int i = dimensions.size() - 1; i >= 0; i--) {
      reader = new ArrayReader(reader, dimensions.get(i), withoutBytes);
    }
    return reader;
  }
}
