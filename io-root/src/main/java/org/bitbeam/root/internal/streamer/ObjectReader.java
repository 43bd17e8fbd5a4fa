package org.bitbeam.root.internal.streamer;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.KeyHeader;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects of any class by the descriptions in the file. What has no description is skipped by
 * its byte count and becomes null, never a guess. One reader a record.
 */
public final class ObjectReader extends PointerReader {
  private final ClassCatalog catalog;

  /** A reader for one record of a file with these class descriptions. */
  public ObjectReader(ClassCatalog catalog, ReadLimits limits) {
    super(limits);
    this.catalog = catalog;
  }

  /** Whether objects of that class can be read by their members, or at least be skipped. */
  public static boolean reads(ClassCatalog catalog, String className) {
    return catalog.newest(className) != null || className.startsWith("T");
  }

  /** Reads the object that a key of that class holds. */
  public @Nullable Object read(Cursor in, String className) {
    // References to the top object count from the start of the key's payload; none were seen in
    // practice.
    return readBody(in, className, object -> {});
  }

  @Override
  Object readBody(Cursor in, String className, Remember remember) {
    return switch (className) {
      case "TObjArray" -> readArray(in);
      case "TList", "THashList", "TSortedList" -> readList(in, className);
      case "TMap" -> readMap(in);
      case "TBasket" -> readBasket(in);
      case "TBranchClones" -> readBranchClones(in, remember);
      case "TTreeIndex" -> readTreeIndex(in);
      case "TString" -> in.string();
      case "TDatime" -> in.i32();
      case "TArrayC", "TArrayS", "TArrayI", "TArrayL", "TArrayL64", "TArrayF", "TArrayD" ->
          readNumberArray(in, className);
      default -> {
        if (className.startsWith("TMatrixTSym<")) {
          yield readSymmetricMatrix(in, OwnLayouts.symmetricMatrix(className));
        }
        StreamedObject object = readObject(in, className, remember);
        yield object == null ? new Opaque(className) : object;
      }
    };
  }

  private ObjectList readArray(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    long part = readObjectPart(in);
    String name = in.string();
    int count = in.count(4, "a list of objects");
    in.skip(4); // lower bound
    List<@Nullable Object> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(readPointer(in));
    }
    header.finish(in);
    return new ObjectList("TObjArray", name, part, items, List.of());
  }

  private ObjectList readList(Cursor in, String className) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() > 3) {
      long part = readObjectPart(in);
      String name = in.string();
      int count = in.count(5, "a list of objects");
      List<@Nullable Object> items = new ArrayList<>();
      List<String> options = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        items.add(readPointer(in));
        options.add(in.string());
      }
      header.finish(in);
      return new ObjectList(className, name, part, items, options);
    }
    if (header.end() < 0) {
      throw in.malformed("a " + className + " of version " + header.version());
    }
    header.finish(in);
    return new ObjectList(className, "", List.of(), List.of());
  }

  private ObjectMap readMap(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() > 2) {
      readObjectPart(in);
    }
    String name = header.version() > 1 ? in.string() : "";
    int count = in.count(8, "a map of objects");
    List<ObjectMap.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(new ObjectMap.Pair(readPointer(in), readPointer(in)));
    }
    header.finish(in);
    return new ObjectMap(name, List.copyOf(pairs));
  }

  private static Object readNumberArray(Cursor in, String className) {
    return switch (className) {
      case "TArrayC" -> in.take(in.count(1, className));
      case "TArrayS" -> readArray(in, StreamerTypes.SHORT, in.count(2, className));
      case "TArrayI" -> readArray(in, StreamerTypes.INT, in.count(4, className));
      case "TArrayF" -> readArray(in, StreamerTypes.FLOAT, in.count(4, className));
      case "TArrayD" -> readArray(in, StreamerTypes.DOUBLE, in.count(8, className));
      default -> readArray(in, StreamerTypes.LONG, in.count(8, className));
    };
  }

  /**
   * The object in place, null when its class has no description (it is skipped by its byte count).
   */
  private @Nullable StreamedObject readObject(Cursor in, String className, Remember remember) {
    VersionHeader header = VersionHeader.read(in);
    ClassLayout layout = layoutFor(in, className, header);
    if (layout == null) {
      if (header.end() < 0) {
        throw in.malformed(
            "class "
                + className
                + " version "
                + header.version()
                + " is not described in the file and has no length to skip it by");
      }
      skipped();
      header.finish(in);
      return null;
    }
    StreamedObject object = new StreamedObject(layout);
    remember.object(object);
    int outer = header.end() >= 0 ? in.narrow(header.end()) : in.end();
    readMembers(in, object);
    in.widen(outer);
    header.finish(in);
    return object;
  }

  /**
   * A symmetric matrix, which streams itself: its base class, then without a header the elements at
   * and right of the diagonal.
   */
  private StreamedObject readSymmetricMatrix(Cursor in, ClassLayout layout) {
    StreamedObject matrix = new StreamedObject(layout);
    matrix.set(0, readBase(in, layout.elements().get(0)));
    long rows = matrix.integer("fNrows", -1);
    boolean isFloat = layout.name().contains("float");
    int width = isFloat ? Float.BYTES : Double.BYTES;
    if (rows < 0 || rows > 0xffff || rows * (rows + 1) / 2 * width > in.remaining()) {
      throw in.malformed(
          rows + " rows in a symmetric matrix, but only " + in.remaining() + " bytes are left");
    }
    int n = (int) rows;
    double[] elements = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        double value = isFloat ? in.f32() : in.f64();
        elements[i * n + j] = value;
        elements[j * n + i] = value;
      }
    }
    matrix.trySet("fElements", elements);
    return matrix;
  }

  private @Nullable ClassLayout layoutFor(Cursor in, String className, VersionHeader header) {
    if (header.version() <= 0 && header.end() >= 0 && header.end() - in.position() >= 4) {
      int start = in.position();
      ClassLayout byChecksum = catalog.withChecksum(className, in.i32());
      if (byChecksum != null) {
        return byChecksum;
      }
      in.rewind(start);
    }
    return catalog.find(className, header.version());
  }

  private void readMembers(Cursor in, StreamedObject object) {
    List<ClassLayout.Element> elements = object.layout().elements();
    for (int i = 0; i < elements.size(); i++) {
      ClassLayout.Element element = elements.get(i);
      if (!canRead(element)) {
        skipped();
        return; // the rest is skipped by the byte count of the object
      }
      object.set(i, readMember(in, object, element));
    }
  }

  private static boolean canRead(ClassLayout.Element element) {
    int type = element.type();
    return element.isBase()
        || (type >= 1
            && type < 20
            && type != StreamerTypes.DOUBLE32
            && type != StreamerTypes.FLOAT16)
        || (type > 20 && type < 60 && type % 20 != StreamerTypes.DOUBLE32 && type % 20 != 19)
        || (type >= StreamerTypes.OBJECT && type <= StreamerTypes.ANY_POINTER)
        || type == StreamerTypes.STL_STRING
        || (type == StreamerTypes.STREAMER && element.kind().startsWith("TStreamerSTL"));
  }

  private @Nullable Object readMember(
      Cursor in, StreamedObject owner, ClassLayout.Element element) {
    int type = element.type();
    if (element.isBase() || type == StreamerTypes.TOBJECT || type == StreamerTypes.TNAMED) {
      return readBase(in, element);
    }
    if (type < StreamerTypes.FIXED) {
      return readNumber(in, type);
    }
    if (type < StreamerTypes.VARIABLE) {
      return readArray(in, type - StreamerTypes.FIXED, element.arrayLength());
    }
    if (type < StreamerTypes.OBJECT) {
      return readCounted(in, owner, element);
    }
    return switch (type) {
      case StreamerTypes.OBJECT_POINTER, StreamerTypes.ANY_POINTER -> readPointer(in);
      case StreamerTypes.TSTRING, StreamerTypes.STL_STRING -> in.string();
      case StreamerTypes.STREAMER -> readCollection(in, element);
      default -> {
        enter(in);
        Object value = readBody(in, element.typeName().replace("*", ""), object -> {});
        leave();
        yield value;
      }
    };
  }

  /** A string of the standard library; other collections are kept as they are. */
  private Object readCollection(Cursor in, ClassLayout.Element element) {
    VersionHeader header = VersionHeader.read(in);
    if (header.end() < 0) {
      throw in.malformed("member " + element.name() + " has no length to skip it by");
    }
    if (element.kind().equals("TStreamerSTLstring")) {
      String text = in.string();
      header.finish(in);
      return text;
    }
    skipped();
    in.rewind(in.position() - Short.BYTES);
    return new RawCollection(in.take(header.end() - in.position()));
  }

  private @Nullable Object readBase(Cursor in, ClassLayout.Element element) {
    String name = element.isBase() ? element.name() : element.typeName();
    if (name.equals("TObject")) {
      return readObjectPart(in);
    }
    enter(in);
    Object value = readBody(in, name, object -> {});
    leave();
    return value;
  }

  private @Nullable Object readCounted(
      Cursor in, StreamedObject owner, ClassLayout.Element element) {
    if (in.u8() == 0) {
      return null;
    }
    String counter = element.countName();
    long count = counter == null ? -1 : owner.integer(counter, -1);
    int type = element.type() - StreamerTypes.VARIABLE;
    if (count < 0 || count > in.remaining() / width(type)) {
      throw in.malformed(
          element.name()
              + " holds "
              + count
              + " values, but only "
              + in.remaining()
              + " bytes are left");
    }
    return readArray(in, type, (int) count);
  }

  private static int width(int type) {
    return switch (type) {
      case StreamerTypes.CHAR, StreamerTypes.UCHAR, StreamerTypes.BOOL -> 1;
      case StreamerTypes.SHORT, StreamerTypes.USHORT -> 2;
      case StreamerTypes.INT,
          StreamerTypes.COUNTER,
          StreamerTypes.UINT,
          StreamerTypes.BITS,
          StreamerTypes.FLOAT ->
          4;
      default -> 8;
    };
  }

  private static @Nullable Object readNumber(Cursor in, int type) {
    return switch (type) {
      case StreamerTypes.CHAR -> (byte) in.u8();
      case StreamerTypes.UCHAR -> in.u8();
      case StreamerTypes.BOOL -> in.u8() != 0;
      case StreamerTypes.SHORT -> in.i16();
      case StreamerTypes.USHORT -> in.u16();
      case StreamerTypes.INT, StreamerTypes.COUNTER -> in.i32();
      case StreamerTypes.UINT, StreamerTypes.BITS -> in.i32() & 0xffffffffL;
      case StreamerTypes.FLOAT -> in.f32();
      case StreamerTypes.DOUBLE -> in.f64();
      case StreamerTypes.CHAR_STAR -> {
        int length = in.count(1, "a C string");
        yield new String(in.take(length), java.nio.charset.StandardCharsets.UTF_8);
      }
      default -> in.i64();
    };
  }

  private static Object readArray(Cursor in, int type, int count) {
    if ((long) count * width(type) > in.remaining()) {
      throw in.malformed(
          "an array of " + count + " values, but only " + in.remaining() + " bytes are left");
    }
    switch (type) {
      case StreamerTypes.CHAR, StreamerTypes.UCHAR, StreamerTypes.BOOL -> {
        return in.take(count);
      }
      case StreamerTypes.SHORT, StreamerTypes.USHORT -> {
        short[] values = new short[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.i16();
        }
        return values;
      }
      case StreamerTypes.INT, StreamerTypes.COUNTER, StreamerTypes.UINT, StreamerTypes.BITS -> {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.i32();
        }
        return values;
      }
      case StreamerTypes.FLOAT -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.f32();
        }
        return values;
      }
      case StreamerTypes.DOUBLE -> {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.f64();
        }
        return values;
      }
      default -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = in.i64();
        }
        return values;
      }
    }
  }

  /** A split array of objects as ROOT 3 made it, which streams itself in an order of its own. */
  private Object readBranchClones(Cursor in, Remember remember) {
    VersionHeader header = VersionHeader.read(in);
    if (header.version() < OwnLayouts.BRANCH_CLONES.version()) {
      skipped();
      header.finish(in);
      return new Opaque("TBranchClones");
    }
    StreamedObject branch = new StreamedObject(OwnLayouts.BRANCH_CLONES);
    remember.object(branch);
    readMembers(in, branch);
    header.finish(in);
    return branch;
  }

  /** An index of a tree, which streams itself; of it only the names of the columns are kept. */
  private Object readTreeIndex(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    StreamedObject index = new StreamedObject(OwnLayouts.TREE_INDEX);
    VersionHeader.read(in).finish(in); // TVirtualIndex
    index.set("fMajorName", in.string());
    index.set("fMinorName", in.string());
    skipped();
    header.finish(in);
    return index;
  }

  private static EmbeddedBasket readBasket(Cursor in) {
    KeyHeader key = KeyHeader.read(in);
    in.skip(2); // version
    in.skip(4); // buffer size
    int sizeOrCapacity = in.i32();
    boolean generate = false;
    if (sizeOrCapacity < 0) {
      generate = (in.u8() & 1) != 0;
    }
    int entries = in.i32();
    int last = in.i32();
    int flag = in.u8();
    int header = key.headerBytes();
    if (entries < 0 || last < header) {
      throw in.malformed("basket of " + entries + " entries ends at " + last);
    }
    if (flag >= 80) {
      flag -= 80;
      generate = true;
    }
    int[] offsets = null;
    if (!generate && flag != 0 && flag % 10 != 2) {
      int count = in.count(4, "the offsets of an embedded basket");
      if (count < entries) {
        throw in.malformed("basket of " + entries + " entries has " + count + " offsets");
      }
      offsets = new int[entries];
      for (int i = 0; i < count; i++) {
        int offset = in.i32();
        if (flag > 20 && flag < 40) {
          offset &= 0xffffff;
        }
        if (i < entries) {
          offsets[i] = offset - header;
        }
      }
      if (flag > 40) {
        in.skip(4L * in.count(4, "the displacements of an embedded basket"));
      }
    }
    if (flag == 1 || flag > 10) {
      in.skip(header);
      return new EmbeddedBasket(entries, header, in.take(last - header), offsets, generate);
    }
    if (entries > 0) {
      throw in.malformed("basket of " + entries + " entries without data (flag " + flag + ")");
    }
    return new EmbeddedBasket(0, header, new byte[0], null, generate);
  }
}
