package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.bitbeam.root.internal.streamer.VersionHeader;
import org.bitbeam.root.internal.tree.StreamedTypes.NotReadableException;
import org.jspecify.annotations.Nullable;

/** Decides from the description of a branch how its bytes become a column. */
final class BranchInterpreter {
  private static final Pattern BRACKETS = Pattern.compile("\\[([^\\]]*)\\]");

  /** Bytes of an entry or item of fixed size; more can only be a damaged description. */
  private static final long MAX_FIXED_BYTES = 1L << 30;

  private static final ListColumn NO_SIZES = ListColumn.of(new int[] {0}, IntColumn.of());

  private final ClassCatalog catalog;

  BranchInterpreter(ClassCatalog catalog) {
    this.catalog = catalog;
  }

  private StreamedTypes types() {
    return new StreamedTypes(catalog, true);
  }

  /**
   * The decision.
   *
   * @param rootType type as ROOT prints it
   * @param interpretation null when the branch cannot be read
   * @param whyUnreadable reason when it cannot
   */
  record Decision(String rootType, @Nullable Interpretation interpretation, String whyUnreadable) {
    static Decision of(String rootType, Interpretation interpretation) {
      return new Decision(rootType, interpretation, "");
    }

    static Decision unreadable(String rootType, String why) {
      return new Decision(rootType, null, why);
    }
  }

  Decision decide(StreamedObject branch) {
    return switch (branch.className()) {
      case "TBranch" -> decideLeaves(branch);
      case "TBranchElement" -> decideElement(branch);
      case "TBranchObject" -> decideObject(branch);
      case "TBranchSTL" -> streamed(branch.text("fContName"), SplitClassesReader::new);
      default ->
          Decision.unreadable(
              branch.className(), "branches of class " + branch.className() + " cannot be read");
    };
  }

  /** How a branch with other branches inside counts their items: a number an entry. */
  Decision decideCounter(StreamedObject branch) {
    long kind = branch.integer("fType", 0);
    if (branch.className().equals("TBranch")) {
      return decideLeaves(branch); // the counter of a TBranchClones
    }
    return kind == 3 || kind == 4
        ? Decision.of("Int_t", FixedNumbers.of(Primitive.INT32))
        : Decision.unreadable(branch.text("fClassName"), "the branch holds others, no values");
  }

  private static Decision fixed(String rootType, NumberFormat format, List<Integer> dimensions) {
    Decision refused = refuse(rootType, format, dimensions);
    return refused != null ? refused : Decision.of(rootType, new FixedNumbers(format, dimensions));
  }

  private static Decision jagged(
      String rootType, NumberFormat format, List<Integer> dimensions, JaggedNumbers.Header header) {
    Decision refused = refuse(rootType, format, dimensions);
    return refused != null
        ? refused
        : Decision.of(rootType, new JaggedNumbers(format, dimensions, header));
  }

  private static @Nullable Decision refuse(
      String rootType, NumberFormat format, List<Integer> dimensions) {
    long bytes = format.bytes();
    for (int dimension : dimensions) {
      bytes = dimension <= 0 || bytes > MAX_FIXED_BYTES / dimension ? -1 : bytes * dimension;
      if (bytes < 0) {
        return Decision.unreadable(rootType, "arrays of size " + dimensions + " cannot be read");
      }
    }
    return null;
  }

  private static Decision streamed(String rootType, Readers readers) {
    try {
      return Decision.of(rootType, new StreamedValues(readers.make().type(), () -> again(readers)));
    } catch (NotReadableException e) {
      return Decision.unreadable(rootType, e.why());
    }
  }

  private static Decision countedItems(String rootType, CountedReaders readers) {
    try {
      ValueReader first = readers.make(NO_SIZES);
      return Decision.of(
          rootType, new CountedItems(first.type(), sizes -> again(() -> readers.make(sizes))));
    } catch (NotReadableException e) {
      return Decision.unreadable(rootType, e.why());
    }
  }

  private static ValueReader again(Readers readers) {
    try {
      return readers.make();
    } catch (NotReadableException e) {
      throw new IllegalStateException("readable a moment ago", e);
    }
  }

  /** Makes a reader where the type allows it. */
  private interface Readers {
    ValueReader make() throws NotReadableException;
  }

  /** Makes a reader for arrays of those sizes where the type allows it. */
  private interface CountedReaders {
    ValueReader make(ListColumn sizes) throws NotReadableException;
  }

  // ---- branches of leaves

  private Decision decideLeaves(StreamedObject branch) {
    List<StreamedObject> leaves = new ArrayList<>();
    for (Object leaf : branch.list("fLeaves")) {
      if (leaf instanceof StreamedObject object) {
        leaves.add(object);
      }
    }
    if (leaves.isEmpty()) {
      return Decision.unreadable("unknown", "the branch has no leaves");
    }
    if (leaves.size() == 1) {
      return decideLeaf(leaves.get(0), branch.text("fTitle"));
    }
    return decideLeafList(branch.text("fTitle"), leaves);
  }

  private static Decision decideLeafList(String rootType, List<StreamedObject> leaves) {
    List<CountedLeafList.Leaf> members = new ArrayList<>();
    boolean hasCounters = false;
    long bytes = 0;
    for (StreamedObject leaf : leaves) {
      String name = leaf.text("fName");
      Decision decision = decideLeaf(leaf, "");
      int counter = -1;
      FixedNumbers numbers = null;
      if (decision.interpretation() instanceof FixedNumbers fixed) {
        numbers = fixed;
      } else if (decision.interpretation() instanceof JaggedNumbers jagged) {
        numbers = new FixedNumbers(jagged.format(), jagged.dimensions());
        Object counted = leaf.get("fLeafCount");
        for (int i = 0; i < members.size(); i++) {
          if (leaves.get(i) == counted) {
            counter = i;
          }
        }
        hasCounters = true;
        numbers = counter < 0 ? null : numbers;
      }
      if (numbers == null) {
        return Decision.unreadable(
            rootType,
            "leaf "
                + name
                + " of type "
                + decision.rootType()
                + " beside others in one branch cannot be read");
      }
      bytes += numbers.entryBytes();
      members.add(new CountedLeafList.Leaf(name, numbers, counter));
    }
    if (bytes > MAX_FIXED_BYTES
        || members.stream().map(CountedLeafList.Leaf::name).distinct().count() < members.size()) {
      return Decision.unreadable(rootType, "its leaves have one name or are too long");
    }
    return Decision.of(
        rootType,
        hasCounters
            ? new CountedLeafList(members)
            : new LeafList(
                members.stream().map(CountedLeafList.Leaf::name).toList(),
                members.stream().map(CountedLeafList.Leaf::numbers).toList()));
  }

  private static Decision decideLeaf(StreamedObject leaf, String branchTitle) {
    String kind = leaf.className();
    boolean unsigned = leaf.integer("fIsUnsigned", 0) != 0;
    if (kind.equals("TLeafC")) {
      return streamed(
          "Char_t",
          () -> new ValueReader.TextReader(ValueReader.TextReader.Header.NONE_OR_NOTHING));
    }
    String rootType =
        switch (kind) {
          case "TLeafO" -> "Bool_t";
          case "TLeafB" -> unsigned ? "UChar_t" : "Char_t";
          case "TLeafS" -> unsigned ? "UShort_t" : "Short_t";
          case "TLeafI" -> unsigned ? "UInt_t" : "Int_t";
          case "TLeafL" -> unsigned ? "ULong64_t" : "Long64_t";
          case "TLeafG" -> unsigned ? "ULong_t" : "Long_t";
          case "TLeafF" -> "Float_t";
          case "TLeafD" -> "Double_t";
          case "TLeafF16" -> "Float16_t";
          case "TLeafD32" -> "Double32_t";
          default -> kind;
        };
    Primitive primitive = CppType.parse(rootType).primitive();
    NumberFormat format =
        primitive != null
            ? NumberFormat.plain(primitive)
            : NumberFormat.packed(rootType, leaf.text("fTitle"));
    if (format == null) {
      return Decision.unreadable(rootType, "leaves of type " + rootType + " cannot be read");
    }
    List<Integer> dimensions = dimensions(leaf, branchTitle);
    return leaf.get("fLeafCount") != null
        ? jagged(rootType, format, dimensions, JaggedNumbers.Header.NONE)
        : fixed(rootType, format, dimensions);
  }

  /**
   * The fixed dimensions of a leaf: from its title or that of its branch (packed numbers have them
   * only there) where they agree with the length, else the length alone.
   */
  static List<Integer> dimensions(StreamedObject leaf, String branchTitle) {
    int length = (int) Math.max(0, leaf.integer("fLen", 1));
    int slash = branchTitle.lastIndexOf('/');
    for (String title :
        List.of(leaf.text("fTitle"), slash < 0 ? "" : branchTitle.substring(0, slash))) {
      List<Integer> sizes = new ArrayList<>();
      Matcher matcher = BRACKETS.matcher(title);
      while (matcher.find()) {
        String inside = matcher.group(1).trim();
        if (!inside.isEmpty()
            && inside.length() < 10
            && inside.chars().allMatch(c -> c >= '0' && c <= '9')) {
          sizes.add(Integer.parseInt(inside));
        }
      }
      long product = 1;
      for (int size : sizes) {
        product = Math.multiplyHigh(product, size) != 0 ? -1 : product * size;
      }
      if (!sizes.isEmpty() && product == length) {
        return List.copyOf(sizes);
      }
    }
    return length == 1 ? List.of() : List.of(length);
  }

  // ---- branches of whole objects as ROOT wrote them before version 3

  /** Whether only the values of a branch say what class they are of. */
  static boolean isArrayOfUnknownClass(StreamedObject branch) {
    return branch.className().equals("TBranchObject")
        && branch.text("fClassName").equals("TClonesArray");
  }

  /** Decides about a whole array of objects by its first value. */
  Decision decideArray(StreamedObject branch, Cursor first) {
    boolean hasName = isVirtual(branch);
    if (hasName) {
      NamedObjectReader.readName(first);
    }
    long bits = ClonesReader.readStart(first, VersionHeader.read(first));
    String itemClass = ClonesReader.itemClass(first);
    return streamed(
        "TClonesArray",
        () -> {
          ValueReader array = types().clones(itemClass, ClonesReader.canHaveHoles(bits));
          return hasName ? new NamedObjectReader("TClonesArray", array) : array;
        });
  }

  /** Decides about whole objects of a class with their headers. */
  Decision decideStreamed(String className) {
    CppType type = CppType.parse(className);
    ClassLayout layout = catalog.newest(type.toString());
    return streamed(
        className,
        () -> {
          StreamedTypes types = new StreamedTypes(catalog, false);
          return layout == null ? types.key(type) : types.object(layout, true);
        });
  }

  private static boolean isVirtual(StreamedObject branch) {
    boolean isVirtual = false;
    for (Object leaf : branch.list("fLeaves")) {
      if (leaf instanceof StreamedObject object) {
        isVirtual = object.integer("fVirtual", 0) != 0;
      }
    }
    return isVirtual;
  }

  private Decision decideObject(StreamedObject branch) {
    String className = branch.text("fClassName");
    ClassLayout layout = catalog.newest(className);
    if (layout == null) {
      return Decision.unreadable(className, "class " + className + " is not described in the file");
    }
    boolean hasName = isVirtual(branch);
    return streamed(
        className,
        () -> {
          ValueReader object = types().object(layout, true);
          return hasName ? new NamedObjectReader(className, object) : object;
        });
  }

  // ---- branches of class members and collections

  private Decision decideElement(StreamedObject branch) {
    long kind = branch.integer("fType", 0);
    long id = branch.integer("fID", -1);
    String className = branch.text("fClassName");
    if (kind == 3 || kind == 4) {
      return Decision.unreadable(
          className, "the branch counts the items of a collection, but has no branches for them");
    }
    if (id < 0) {
      return decideWhole(branch, className, kind);
    }
    ClassLayout.Element element = element(branch, className, id);
    if (element == null) {
      return Decision.unreadable(
          "unknown", "member " + id + " of class " + className + " is not described in the file");
    }
    return decideMember(branch, element, isOfCollection(branch));
  }

  private Decision decideWhole(StreamedObject branch, String className, long kind) {
    CppType type = CppType.parse(className);
    if (type.isSequence() || type.isMap() || type.isText() || type.primitive() != null) {
      return decideType(type, className);
    }
    if (className.equals("TClonesArray")) {
      String itemClass = branch.text("fClonesName");
      return streamed(className, () -> types().clones(itemClass, true));
    }
    ClassLayout layout = catalog.find(className, (int) branch.integer("fClassVersion", -1));
    if (layout == null) {
      layout = catalog.withChecksum(className, (int) branch.integer("fCheckSum", 0));
    }
    if (layout == null) {
      return decideType(type, className);
    }
    // Classes that stream themselves (-1) put byte count and version in front, others are written
    // member by member straight into the basket.
    ClassLayout known = layout;
    return streamed(className, () -> types().object(known, kind < 0));
  }

  private ClassLayout.@Nullable Element element(StreamedObject branch, String className, long id) {
    ClassLayout layout = catalog.withChecksum(className, (int) branch.integer("fCheckSum", 0));
    if (layout == null) {
      layout = catalog.find(className, (int) branch.integer("fClassVersion", -1));
    }
    return layout == null || id < 0 || id >= layout.elements().size()
        ? null
        : layout.elements().get((int) id);
  }

  /** The member that counts the objects in an array of a split collection's items, if it is one. */
  @Nullable String counterOfObjects(StreamedObject branch) {
    if (branch.integer("fStreamerType", 0) != StreamerTypes.STREAM_LOOP
        || !isOfCollection(branch)) {
      return null;
    }
    ClassLayout.Element element =
        element(branch, branch.text("fClassName"), branch.integer("fID", -1));
    return element == null ? null : element.countName();
  }

  /** Whether it holds a member of all items of a collection. */
  private static boolean isOfCollection(StreamedObject branch) {
    long kind = branch.integer("fType", 0);
    return kind == 31 || kind == 41;
  }

  private Decision decideMember(
      StreamedObject branch, ClassLayout.Element element, boolean ofCollection) {
    int type = (int) branch.integer("fStreamerType", element.type());
    String number =
        type > 0 && type < 60 ? StreamerTypes.numberName(type % StreamerTypes.FIXED) : null;
    String rootType = number != null ? number : element.typeName();
    NumberFormat format =
        type > 0 && type < 60 && type != StreamerTypes.BITS
            ? NumberFormat.of(type % StreamerTypes.FIXED, element.title())
            : null;
    if (format != null && type < StreamerTypes.VARIABLE) {
      List<Integer> dimensions =
          type >= StreamerTypes.FIXED ? StreamedTypes.dimensions(element) : List.of();
      return ofCollection
          ? jagged(rootType, format, dimensions, JaggedNumbers.Header.NONE)
          : fixed(rootType, format, dimensions);
    }
    if (format != null) {
      return ofCollection
          ? countedItems(
              rootType,
              sizes -> new CountedItemsReader(new ValueReader.NumberReader(format), sizes))
          : jagged(rootType, format, List.of(), JaggedNumbers.Header.PRESENCE);
    }
    if (ofCollection && type == StreamerTypes.STREAM_LOOP) {
      return countedItems(rootType, sizes -> types().countedItems(element, sizes));
    }
    boolean isPlain = element.arrayLength() == 0 && !element.typeName().endsWith("*");
    if (!ofCollection && isPlain && element.kind().equals("TStreamerSTL")) {
      return decideType(CppType.parse(rootType), rootType);
    }
    return streamed(
        rootType, () -> ofCollection ? types().memberOfItems(element) : types().member(element));
  }

  private Decision decideType(CppType type, String rootType) {
    if (type.isSequence()) {
      Primitive primitive = type.arguments().get(0).primitive();
      if (primitive != null) {
        return jagged(
            rootType, NumberFormat.plain(primitive), List.of(), JaggedNumbers.Header.COLLECTION);
      }
    }
    return streamed(rootType, () -> types().branch(type));
  }
}
