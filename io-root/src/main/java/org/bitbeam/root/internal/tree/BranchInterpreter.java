package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.jspecify.annotations.Nullable;

/** Decides from the description of a branch how its bytes become a column. */
final class BranchInterpreter {
  private static final Pattern BRACKETS = Pattern.compile("\\[([^\\]]*)\\]");

  private final ClassCatalog catalog;

  BranchInterpreter(ClassCatalog catalog) {
    this.catalog = catalog;
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
      default ->
          Decision.unreadable(
              branch.className(), "branches of class " + branch.className() + " cannot be read");
    };
  }

  /** How a branch with other branches inside counts their items: a number an entry. */
  Decision decideCounter(StreamedObject branch) {
    long kind = branch.integer("fType", 0);
    return kind == 3 || kind == 4
        ? Decision.of("Int_t", FixedNumbers.of(Primitive.INT32))
        : Decision.unreadable(branch.text("fClassName"), "the branch holds others, no values");
  }

  // ---- branches of leaves
  // --------------------------------------------------------------------------------------

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
      return decideLeaf(leaves.get(0));
    }
    String rootType = branch.text("fTitle");
    List<String> names = new ArrayList<>();
    List<FixedNumbers> members = new ArrayList<>();
    for (StreamedObject leaf : leaves) {
      Decision decision = decideLeaf(leaf);
      if (!(decision.interpretation() instanceof FixedNumbers fixed)) {
        return Decision.unreadable(
            rootType,
            "leaf "
                + leaf.text("fName")
                + " of type "
                + decision.rootType()
                + " beside others in one branch cannot be read");
      }
      names.add(leaf.text("fName"));
      members.add(fixed);
    }
    return Decision.of(rootType, new LeafList(names, members));
  }

  private static Decision decideLeaf(StreamedObject leaf) {
    String kind = leaf.className();
    boolean unsigned = leaf.integer("fIsUnsigned", 0) != 0;
    if (kind.equals("TLeafC")) {
      return Decision.of(
          "Char_t",
          StreamedValues.of(
              () -> new ValueReader.TextReader(ValueReader.TextReader.Header.NONE_OR_NOTHING)));
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
    if (primitive == null) {
      return Decision.unreadable(rootType, "leaves of type " + rootType + " cannot be read");
    }
    List<Integer> dimensions = dimensions(leaf);
    NumberFormat format = NumberFormat.plain(primitive);
    return Decision.of(
        rootType,
        leaf.get("fLeafCount") != null
            ? new JaggedNumbers(format, dimensions, JaggedNumbers.Header.NONE)
            : new FixedNumbers(format, dimensions));
  }

  /**
   * The fixed dimensions of a leaf: from the title where they agree with the length, else the
   * length alone.
   */
  static List<Integer> dimensions(StreamedObject leaf) {
    int length = (int) Math.max(0, leaf.integer("fLen", 1));
    List<Integer> sizes = new ArrayList<>();
    Matcher matcher = BRACKETS.matcher(leaf.text("fTitle"));
    while (matcher.find()) {
      String inside = matcher.group(1).trim();
      if (!inside.isEmpty()
          && inside.length() < 10
          && inside.chars().allMatch(Character::isDigit)) {
        sizes.add(Integer.parseInt(inside));
      }
    }
    long product = 1;
    for (int size : sizes) {
      product = Math.multiplyHigh(product, size) != 0 ? -1 : product * size;
    }
    if (product == length) {
      return List.copyOf(sizes);
    }
    return length == 1 ? List.of() : List.of(length);
  }

  // ---- branches of class members and collections
  // ---------------------------------------------------------------

  private Decision decideElement(StreamedObject branch) {
    long kind = branch.integer("fType", 0);
    long id = branch.integer("fID", -1);
    String className = branch.text("fClassName");
    if (kind == 3 || kind == 4) {
      return Decision.unreadable(
          className, "collections whose members are not split cannot be read");
    }
    if (id < 0) {
      return decideType(CppType.parse(className), className);
    }
    ClassLayout.Element element = element(branch, className, (int) id);
    if (element == null) {
      return Decision.unreadable(
          "unknown", "member " + id + " of class " + className + " is not described in the file");
    }
    boolean ofCollection = kind == 31 || kind == 41;
    return decideMember(branch, element, ofCollection);
  }

  private ClassLayout.@Nullable Element element(StreamedObject branch, String className, int id) {
    ClassLayout layout = catalog.withChecksum(className, (int) branch.integer("fCheckSum", 0));
    if (layout == null) {
      layout = catalog.find(className, (int) branch.integer("fClassVersion", -1));
    }
    return layout == null || id >= layout.elements().size() ? null : layout.elements().get(id);
  }

  private static Decision decideMember(
      StreamedObject branch, ClassLayout.Element element, boolean ofCollection) {
    int type = (int) branch.integer("fStreamerType", element.type());
    String rootType = element.typeName();
    CppType cppType = CppType.parse(rootType);
    if (cppType.isText()) {
      // Members of type std::string have a version header, those of type TString and whole branches
      // have none.
      ValueReader.TextReader.Header header =
          type == StreamerTypes.TSTRING
              ? ValueReader.TextReader.Header.NONE
              : ValueReader.TextReader.Header.VERSION;
      return ofCollection
          ? Decision.unreadable(rootType, "strings in collections cannot be read")
          : Decision.of(rootType, StreamedValues.of(() -> new ValueReader.TextReader(header)));
    }
    if (type == StreamerTypes.STL || type == StreamerTypes.STREAMER) {
      return ofCollection
          ? Decision.unreadable(rootType, "collections in collections cannot be read when split")
          : decideType(cppType, rootType);
    }
    if (type == StreamerTypes.BITS) {
      return Decision.of(
          rootType,
          StreamedValues.of(
              ofCollection
                  ? () -> new ValueReader.RestReader(new ValueReader.BitsReader())
                  : ValueReader.BitsReader::new));
    }
    Primitive primitive = primitive(type % StreamerTypes.FIXED);
    if (type <= 0 || type >= 60 || primitive == null) {
      return Decision.unreadable(
          rootType, "members of type " + rootType + " (code " + type + ") cannot be read");
    }
    NumberFormat format = NumberFormat.plain(primitive);
    if (type >= StreamerTypes.VARIABLE) {
      return ofCollection
          ? Decision.unreadable(rootType, "arrays with a counter in collections cannot be read")
          : Decision.of(
              rootType + "[]", new JaggedNumbers(format, List.of(), JaggedNumbers.Header.PRESENCE));
    }
    List<Integer> dimensions = type >= StreamerTypes.FIXED ? arrayDimensions(element) : List.of();
    return Decision.of(
        rootType,
        ofCollection
            ? new JaggedNumbers(format, dimensions, JaggedNumbers.Header.NONE)
            : new FixedNumbers(format, dimensions));
  }

  private static List<Integer> arrayDimensions(ClassLayout.Element element) {
    List<Integer> dimensions = element.maxIndex().subList(0, element.arrayDimensions());
    long product = 1;
    for (int size : dimensions) {
      product *= Math.max(0, size);
      if (product > Integer.MAX_VALUE) {
        break;
      }
    }
    return product == element.arrayLength() ? dimensions : List.of(element.arrayLength());
  }

  private static Decision decideType(CppType type, String rootType) {
    if (type.isSequence()) {
      Primitive primitive = type.arguments().get(0).primitive();
      if (primitive != null) {
        return Decision.of(
            rootType,
            new JaggedNumbers(
                NumberFormat.plain(primitive), List.of(), JaggedNumbers.Header.COLLECTION));
      }
    }
    Supplier<ValueReader> readers = ValueReader.of(type, true);
    return readers == null
        ? Decision.unreadable(rootType, "branches of type " + rootType + " cannot be read")
        : Decision.of(rootType, StreamedValues.of(readers));
  }

  private static @Nullable Primitive primitive(int type) {
    return switch (type) {
      case StreamerTypes.CHAR -> Primitive.INT8;
      case StreamerTypes.UCHAR -> Primitive.UINT8;
      case StreamerTypes.BOOL -> Primitive.BOOL;
      case StreamerTypes.SHORT -> Primitive.INT16;
      case StreamerTypes.USHORT -> Primitive.UINT16;
      case StreamerTypes.INT, StreamerTypes.COUNTER -> Primitive.INT32;
      case StreamerTypes.UINT, StreamerTypes.BITS -> Primitive.UINT32;
      case StreamerTypes.LONG, StreamerTypes.LONG64 -> Primitive.INT64;
      case StreamerTypes.ULONG, StreamerTypes.ULONG64 -> Primitive.UINT64;
      case StreamerTypes.FLOAT -> Primitive.FLOAT32;
      case StreamerTypes.DOUBLE -> Primitive.FLOAT64;
      default -> null;
    };
  }
}
