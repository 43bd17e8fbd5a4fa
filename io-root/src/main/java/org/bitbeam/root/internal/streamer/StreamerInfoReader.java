package org.bitbeam.root.internal.streamer;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Reads the record that describes the classes of a file. Its own classes are the only ones known in
 * advance.
 */
public final class StreamerInfoReader extends PointerReader {

  private boolean atTop = true;

  private StreamerInfoReader(ReadLimits limits) {
    super(limits);
  }

  /** The class descriptions in the payload of a StreamerInfo record. */
  public static List<ClassLayout> read(Cursor in, ReadLimits limits) {
    return new StreamerInfoReader(limits).readList(in);
  }

  /** The class descriptions in a list behind a pointer, as RNTuples hold them. */
  public static List<ClassLayout> readPointer(Cursor in, ReadLimits limits) {
    return new StreamerInfoReader(limits).readPointer(in) instanceof Layouts list
        ? list.layouts()
        : List.of();
  }

  private record Layouts(List<ClassLayout> layouts) {}

  private List<ClassLayout> readList(Cursor in) {
    atTop = false;
    VersionHeader.read(in);
    readObjectPart(in);
    in.string();
    int count = in.count(5, "the list of class descriptions");
    List<ClassLayout> layouts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (readPointer(in) instanceof ClassLayout layout) {
        layouts.add(layout);
      }
      in.skip(in.u8()); // option of the list's link
    }
    return List.copyOf(layouts);
  }

  @Override
  Object readBody(Cursor in, String className, Remember remember) {
    if (className.equals("TStreamerInfo")) {
      return readInfo(in);
    }
    if (className.equals("TList") && atTop) {
      return new Layouts(readList(in));
    }
    if (className.equals("TObjArray")) {
      return readElements(in);
    }
    if (className.startsWith("TStreamer")) {
      return readElement(in, className);
    }
    return new Opaque(className); // a list of schema evolution rules, skipped by its byte count
  }

  private ClassLayout readInfo(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    Named named = readNamed(in);
    int checksum = in.i32();
    int version = in.i32();
    List<ClassLayout.Element> elements = new ArrayList<>();
    if (readPointer(in) instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof ClassLayout.Element e) {
          elements.add(e);
        }
      }
    }
    header.finish(in);
    return ClassLayout.of(named.name(), version, checksum, named.title(), elements);
  }

  private List<Object> readElements(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    readObjectPart(in);
    in.string();
    int count = in.count(4, "a list of members");
    in.skip(4); // lower bound
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object element = readPointer(in);
      if (element != null) {
        result.add(element);
      }
    }
    header.finish(in);
    return result;
  }

  private ClassLayout.Element readElement(Cursor in, String kind) {
    VersionHeader header = VersionHeader.read(in);
    List<Integer> extra = new ArrayList<>();
    Common common;
    if (kind.equals("TStreamerSTLstring")) {
      VersionHeader stl = VersionHeader.read(in);
      common = readCommon(in);
      extra.add(in.i32());
      extra.add(in.i32());
      stl.finish(in);
    } else {
      common = readCommon(in);
    }
    String countName = null;
    String countClass = null;
    switch (kind) {
      case "TStreamerBase" -> {
        if (header.version() >= 2 && in.remaining() >= 4) {
          extra.add(in.i32());
        }
      }
      case "TStreamerBasicPointer", "TStreamerLoop" -> {
        extra.add(in.i32());
        countName = in.string();
        countClass = in.string();
      }
      case "TStreamerSTL" -> {
        extra.add(in.i32());
        extra.add(in.i32());
      }
      default -> {
        // no fields of their own
      }
    }
    header.finish(in);
    return common.element(kind, extra, countName, countClass);
  }

  private Common readCommon(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    Named named = readNamed(in);
    int type = in.i32();
    int size = in.i32();
    int arrayLength = in.i32();
    int arrayDimensions = in.i32();
    List<Integer> maxIndex = new ArrayList<>();
    int indices = header.version() == 1 ? in.count(4, "the dimensions of a member") : 5;
    for (int i = 0; i < indices; i++) {
      maxIndex.add(in.i32());
    }
    String typeName = in.string();
    // Old ROOT wrote some bool members as unsigned char.
    if (type == StreamerTypes.UCHAR && (typeName.equals("Bool_t") || typeName.equals("bool"))) {
      type = StreamerTypes.BOOL;
    }
    header.finish(in);
    if (arrayLength < 0 || arrayDimensions < 0 || arrayDimensions > 5) {
      throw in.malformed(
          "member "
              + named.name()
              + " has "
              + arrayLength
              + " values in "
              + arrayDimensions
              + " dimensions");
    }
    return new Common(named, type, size, arrayLength, arrayDimensions, maxIndex, typeName);
  }

  private Named readNamed(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    Named named = new Named(readObjectPart(in), in.string(), in.string());
    header.finish(in);
    return named;
  }

  private record Named(long objectPart, String name, String title) {}

  private record Common(
      Named named,
      int type,
      int size,
      int arrayLength,
      int arrayDimensions,
      List<Integer> maxIndex,
      String typeName) {
    ClassLayout.Element element(
        String kind, List<Integer> extra, @Nullable String countName, @Nullable String countClass) {
      return new ClassLayout.Element(
          kind,
          named.objectPart(),
          named.name(),
          named.title(),
          type,
          size,
          arrayLength,
          arrayDimensions,
          List.copyOf(maxIndex),
          typeName,
          List.copyOf(extra),
          countName,
          countClass);
    }
  }
}
