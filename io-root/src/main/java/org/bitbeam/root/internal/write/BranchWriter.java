package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.RealStorage;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/** Writes one column as a branch with one leaf. */
final class BranchWriter {
  private static final int BYTE_COUNT = 0x40000000;

  /** ROOT writes the version of TBranchElement in front of a vector. */
  private static final int VECTOR_VERSION = 10;

  private final Schema.Field field;
  private final Primitive primitive;
  private final List<Integer> dimensions;
  private final int itemCount;
  private final Kind kind;
  private final String className;
  private final @Nullable String counter;
  private final @Nullable PackedReals packed;
  private final List<Member> members = new ArrayList<>();
  private final BasketList list = new BasketList();
  private final Output data = new Output(1 << 12);
  private int[] offsets = new int[16];
  private int entries;
  private int largest;
  private boolean counts;

  enum Kind {
    FIXED,
    JAGGED,
    TEXT,
    /** Members side by side: several leaves. */
    RECORD,
    /** A vector or string of C++: TBranchElement. */
    VECTOR
  }

  /**
   * A branch for a column.
   *
   * @param counter name of the branch that counts the items of a list; only for lists
   * @param asVector whether it is to be a vector or string of C++
   * @param reals how floats are stored in fewer bits, null for all bits
   * @throws UnsupportedRootException when such a column cannot be written; says what can
   */
  BranchWriter(
      String context,
      Schema.Field field,
      @Nullable String counter,
      boolean asVector,
      @Nullable RealStorage reals) {
    this.field = field;
    this.counter = counter;
    ColumnType type = field.type();
    this.packed =
        reals == null ? null : PackedReals.of(context + ": column " + field.name(), reals);
    if (packed != null
        && (asVector || type instanceof ColumnType.RecordOf || type instanceof ColumnType.Text)) {
      throw new UnsupportedRootException(
          context
              + ": column "
              + field.name()
              + " is "
              + type.shape()
              + "; a TTree stores only floats, arrays and lists of them in fewer bits");
    }
    if (asVector) {
      this.kind = Kind.VECTOR;
      this.primitive = Primitive.INT8;
      this.dimensions = List.of();
      this.itemCount = 1;
      this.className = className(context, type);
      return;
    }
    this.className = "";
    if (type instanceof ColumnType.RecordOf record) {
      this.kind = Kind.RECORD;
      this.primitive = Primitive.INT8;
      this.dimensions = List.of();
      this.itemCount = 1;
      for (ColumnType.Member member : record.members()) {
        Member known = Member.of(member);
        if (known == null) {
          throw refused(context);
        }
        members.add(known);
      }
      if (members.isEmpty()) {
        throw refused(context);
      }
      return;
    }
    if (type instanceof ColumnType.Text) {
      this.kind = Kind.TEXT;
      this.primitive = Primitive.INT8;
      this.dimensions = List.of();
      this.itemCount = 1;
      return;
    }
    this.kind = type instanceof ColumnType.ListOf ? Kind.JAGGED : Kind.FIXED;
    ColumnType inner = type instanceof ColumnType.ListOf listType ? listType.element() : type;
    Member values = Member.of(new ColumnType.Member(field.name(), inner));
    if (values == null) {
      throw refused(context);
    }
    this.primitive = values.type;
    if (packed != null && !primitive.isFloating()) {
      throw new UnsupportedRootException(
          context + ": column " + field.name() + " is to be stored in fewer bits, but is no float");
    }
    this.dimensions = values.dimensions;
    this.itemCount = product(dimensions);
  }

  /** A number or a fixed array of numbers. */
  private record Member(String name, Primitive type, List<Integer> dimensions) {
    static @Nullable Member of(ColumnType.Member member) {
      ColumnType inner = member.type();
      List<Integer> sizes = new ArrayList<>();
      while (inner instanceof ColumnType.ArrayOf array) {
        sizes.add(array.size());
        inner = array.element();
      }
      return inner instanceof Primitive number
          ? new Member(member.name(), number, List.copyOf(sizes))
          : null;
    }

    int count() {
      return product(dimensions);
    }

    int bytes() {
      return count() * type.bytes();
    }

    String title() {
      return name + brackets(dimensions);
    }
  }

  private static int product(List<Integer> sizes) {
    int product = 1;
    for (int size : sizes) {
      product *= size;
    }
    return product;
  }

  private static String brackets(List<Integer> sizes) {
    StringBuilder text = new StringBuilder();
    for (int size : sizes) {
      text.append('[').append(size).append(']');
    }
    return text.toString();
  }

  private UnsupportedRootException refused(String context) {
    return new UnsupportedRootException(
        context
            + ": column "
            + field.name()
            + " is "
            + field.type().shape()
            + "; a TTree is written with numbers, booleans, fixed arrays, lists and records of them, lists"
            + " of lists, and strings");
  }

  private String className(String context, ColumnType type) {
    if (type instanceof ColumnType.Text) {
      return "string";
    }
    if (type instanceof ColumnType.ListOf list) {
      String element = className(context, list.element());
      return "vector<" + element + (element.endsWith(">") ? " >" : ">");
    }
    if (type instanceof Primitive number) {
      return switch (number) {
        case BOOL -> "bool";
        case INT8 -> "char";
        case UINT8 -> "unsigned char";
        case INT16 -> "short";
        case UINT16 -> "unsigned short";
        case INT32 -> "int";
        case UINT32 -> "unsigned int";
        case INT64 -> "Long64_t";
        case UINT64 -> "ULong64_t";
        case FLOAT32 -> "float";
        case FLOAT64 -> "double";
      };
    }
    throw refused(context);
  }

  String name() {
    return field.name();
  }

  @Nullable String counter() {
    return counter;
  }

  BasketList baskets() {
    return list;
  }

  /** Bytes that entry {@code index} of a column takes. */
  long bytes(Column column, int index) {
    return switch (kind) {
      case FIXED -> (long) storedBytes() * itemCount;
      case JAGGED -> (long) storedBytes() * itemCount * ((ListColumn) column).count(index) + 4;
      case TEXT -> ((TextColumn) column).byteLength(index) + 5L + 4L;
      case RECORD -> recordBytes();
      case VECTOR -> vectorBytes(column, index, index + 1) + 10L;
    };
  }

  private int storedBytes() {
    return packed == null ? primitive.bytes() : packed.bytes();
  }

  private int recordBytes() {
    int bytes = 0;
    for (Member member : members) {
      bytes += member.bytes();
    }
    return bytes;
  }

  private static long vectorBytes(Column column, int from, int to) {
    if (from == to) {
      return 0;
    }
    if (column instanceof ListColumn lists) {
      return 4L * (to - from) + vectorBytes(lists.content(), lists.start(from), lists.end(to - 1));
    }
    if (column instanceof TextColumn texts) {
      long bytes = 0;
      for (int i = from; i < to; i++) {
        bytes += texts.byteLength(i) + 5L;
      }
      return bytes;
    }
    return (long) ((NumberColumn) column).type().bytes() * (to - from);
  }

  /** Adds all entries of a column. */
  void add(Column column) {
    int count = column.length();
    switch (kind) {
      case FIXED -> numbers(flat(column));
      case JAGGED -> {
        ListColumn lists = (ListColumn) column;
        int item = storedBytes() * itemCount;
        int at = data.size();
        for (int i = 0; i < count; i++) {
          offset(at);
          at = Math.addExact(at, Math.multiplyExact(item, lists.count(i)));
          largest = Math.max(largest, lists.count(i));
        }
        numbers(flat(lists.elements()));
      }
      case TEXT -> {
        TextColumn texts = (TextColumn) column;
        for (int i = 0; i < count; i++) {
          offset(data.size());
          byte[] bytes = texts.getBytes(i);
          data.string(bytes);
          largest = Math.max(largest, bytes.length);
        }
      }
      case RECORD -> {
        RecordColumn records = (RecordColumn) column;
        for (int i = 0; i < count; i++) {
          for (Column member : records.members()) {
            numbers(flat(member.slice(i, i + 1)));
          }
        }
        entries += count;
      }
      case VECTOR -> {
        for (int i = 0; i < count; i++) {
          offset(data.size());
          vector(column, i);
        }
      }
    }
    if (kind == Kind.FIXED) {
      trackLargest(column);
      entries += count;
    }
  }

  /** ROOT sizes buffers by the largest value of a counter. */
  private void trackLargest(Column column) {
    if (counts && column instanceof NumberColumn numbers) {
      for (int i = 0; i < numbers.length(); i++) {
        largest = (int) Math.max(largest, Math.min(Integer.MAX_VALUE, numbers.getLong(i)));
      }
    }
  }

  private void vector(Column column, int index) {
    if (column instanceof ListColumn lists) {
      int start = data.size();
      data.i32(0).i16(VECTOR_VERSION).i32(lists.count(index));
      items(lists.content(), lists.start(index), lists.end(index));
      data.patchI32(start, BYTE_COUNT | (data.size() - start - 4));
    } else {
      items(column, index, index + 1);
    }
  }

  /** Only the outermost vector has a header. */
  private void items(Column column, int from, int to) {
    if (column instanceof ListColumn lists) {
      for (int i = from; i < to; i++) {
        data.i32(lists.count(i));
        items(lists.content(), lists.start(i), lists.end(i));
      }
    } else if (column instanceof TextColumn texts) {
      for (int i = from; i < to; i++) {
        data.string(texts.getBytes(i));
      }
    } else {
      numbers((NumberColumn) column.slice(from, to));
    }
  }

  private void offset(int at) {
    if (entries == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * entries);
    }
    offsets[entries++] = at;
  }

  private static NumberColumn flat(Column column) {
    Column inner = column;
    while (inner instanceof ArrayColumn array) {
      inner = array.content();
    }
    return (NumberColumn) inner;
  }

  private void numbers(NumberColumn numbers) {
    int count = numbers.length();
    if (packed != null) {
      for (int i = 0; i < count; i++) {
        packed.write(data, field.name(), numbers.getDouble(i));
      }
    } else if (numbers instanceof FloatColumn floats) {
      for (int i = 0; i < count; i++) {
        data.f32(floats.get(i));
      }
    } else if (numbers instanceof DoubleColumn doubles) {
      for (int i = 0; i < count; i++) {
        data.f64(doubles.get(i));
      }
    } else {
      switch (numbers.type().bytes()) {
        case 1 -> {
          for (int i = 0; i < count; i++) {
            data.u8((int) numbers.getLong(i));
          }
        }
        case 2 -> {
          for (int i = 0; i < count; i++) {
            data.i16((int) numbers.getLong(i));
          }
        }
        case 4 -> {
          for (int i = 0; i < count; i++) {
            data.i32((int) numbers.getLong(i));
          }
        }
        default -> {
          for (int i = 0; i < count; i++) {
            data.i64(numbers.getLong(i));
          }
        }
      }
    }
  }

  private boolean isOfOneSize() {
    return kind == Kind.FIXED || kind == Kind.RECORD;
  }

  /** Writes what was added as a basket. */
  void flush(Baskets baskets, Compression compression) throws IOException {
    if (entries > 0) {
      baskets.write(list, field.name(), data, isOfOneSize() ? null : offsets, entries, compression);
      data.clear();
      entries = 0;
    }
  }

  /** The description of the branch with its leaf. */
  StreamedObject describe(Compression compression, @Nullable StreamedObject counterLeaf) {
    String leafTitle =
        field.name() + (counter == null ? "" : "[" + counter + "]") + brackets(dimensions);
    List<StreamedObject> leaves =
        kind == Kind.RECORD ? leaves() : List.of(leaf(leafTitle, counterLeaf));
    String unit = field.unit().isEmpty() ? "" : " [" + field.unit() + "]";
    String title =
        !field.description().isEmpty()
            ? field.description() + unit
            : switch (kind) {
              case VECTOR -> field.name();
              case RECORD -> leafList();
              case TEXT -> leafTitle + "/C";
              case FIXED, JAGGED ->
                  packed == null ? leafTitle + "/" + code(primitive) : leafTitle + packedCode();
            };
    StreamedObject branch =
        RootObjects.create(kind == Kind.VECTOR ? "TBranchElement" : "TBranch", field.name(), title)
            .set("fFillColor", 0)
            .set("fFillStyle", 1001)
            .set("fCompress", compression.setting())
            .set("fBasketSize", 32000)
            .set("fEntryOffsetLen", isOfOneSize() ? 0 : 1000)
            .set("fOffset", 0)
            .set("fSplitLevel", 0)
            .set("fLeaves", ObjectList.array(leaves));
    if (kind == Kind.VECTOR) {
      boolean isString = field.type() instanceof ColumnType.Text;
      branch
          .set("fClassName", className)
          .set("fClassVersion", isString ? 2 : 6)
          .set("fID", -1)
          .set("fType", isString ? -1 : 0)
          .set("fStreamerType", -1);
    }
    list.describe(branch, list.entries());
    return branch;
  }

  private String packedCode() {
    return packed == null ? "" : (primitive == Primitive.FLOAT32 ? "/f" : "/d") + packed.range();
  }

  private String leafList() {
    StringBuilder text = new StringBuilder();
    for (Member member : members) {
      text.append(text.isEmpty() ? "" : ":").append(member.title());
      text.append('/').append(code(member.type));
    }
    return text.toString();
  }

  private List<StreamedObject> leaves() {
    List<StreamedObject> leaves = new ArrayList<>();
    int offset = 0;
    for (Member member : members) {
      leaves.add(
          RootObjects.create(leafClass(member.type), member.name, member.title())
              .set("fLen", member.count())
              .set("fLenType", member.type.bytes())
              .set("fOffset", offset)
              .set("fIsUnsigned", member.type.isUnsigned()));
      offset += member.bytes();
    }
    return leaves;
  }

  private StreamedObject leaf(String leafTitle, @Nullable StreamedObject counterLeaf) {
    if (kind == Kind.VECTOR) {
      return RootObjects.create("TLeafElement", field.name(), field.name())
          .set("fLen", 1)
          .set("fID", -1)
          .set("fType", -1);
    }
    String leafClass =
        kind == Kind.TEXT
            ? "TLeafC"
            : packed == null
                ? leafClass(primitive)
                : primitive == Primitive.FLOAT32 ? "TLeafF16" : "TLeafD32";
    StreamedObject leaf =
        RootObjects.create(leafClass, field.name(), leafTitle + packedCode())
            .set("fLen", kind == Kind.TEXT ? largest + 1 : itemCount)
            .set("fLenType", kind == Kind.TEXT ? 1 : primitive.bytes())
            .set("fOffset", 0)
            .set("fIsRange", counts)
            .set("fIsUnsigned", primitive.isUnsigned())
            .set("fLeafCount", counterLeaf);
    if (kind == Kind.TEXT) {
      leaf.set("fMaximum", largest + 1);
    } else if (counts) {
      leaf.set("fMaximum", largest);
    }
    return leaf;
  }

  /** Says that lists are counted by this branch. */
  void setCounts() {
    counts = true;
  }

  private static String leafClass(Primitive type) {
    return switch (type) {
      case BOOL -> "TLeafO";
      case INT8, UINT8 -> "TLeafB";
      case INT16, UINT16 -> "TLeafS";
      case INT32, UINT32 -> "TLeafI";
      case INT64, UINT64 -> "TLeafL";
      case FLOAT32 -> "TLeafF";
      case FLOAT64 -> "TLeafD";
    };
  }

  private static char code(Primitive type) {
    return switch (type) {
      case BOOL -> 'O';
      case INT8 -> 'B';
      case UINT8 -> 'b';
      case INT16 -> 'S';
      case UINT16 -> 's';
      case INT32 -> 'I';
      case UINT32 -> 'i';
      case INT64 -> 'L';
      case UINT64 -> 'l';
      case FLOAT32 -> 'F';
      case FLOAT64 -> 'D';
    };
  }
}
