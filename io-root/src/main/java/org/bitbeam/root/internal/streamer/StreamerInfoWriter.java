package org.bitbeam.root.internal.streamer;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.bitbeam.root.internal.bytes.Output;

/** Writes the record that describes the classes of a file. */
public final class StreamerInfoWriter {
  private static final long ON_HEAP = 0x03000000;

  private final Output out = new Output(1 << 14);
  private final Map<String, Integer> classes = new HashMap<>();
  private final int origin;

  private StreamerInfoWriter(int origin) {
    this.origin = origin;
  }

  /**
   * The payload of the record.
   *
   * @param origin length of the record's key
   */
  public static byte[] write(Collection<ClassLayout> layouts, int origin) {
    StreamerInfoWriter writer = new StreamerInfoWriter(origin);
    int start = writer.begin(5);
    writer.objectPart(ON_HEAP);
    writer.out.string("").i32(layouts.size());
    for (ClassLayout layout : layouts) {
      writer.info(layout);
      writer.out.u8(0);
    }
    writer.end(start);
    return writer.out.toByteArray();
  }

  private int begin(int version) {
    int start = out.size();
    out.i32(0).i16(version);
    return start;
  }

  private void end(int start) {
    out.patchI32(start, VersionHeader.BYTE_COUNT | (out.size() - start - 4));
  }

  private void objectPart(long part) {
    out.i16(1).i32((int) (part >>> 32)).i32((int) part);
  }

  private void named(long part, String name, String title) {
    int start = begin(1);
    objectPart(part);
    out.string(name).string(title);
    end(start);
  }

  private int beginPointer(String className) {
    int start = out.size();
    out.i32(0);
    Integer tag = classes.get(className);
    if (tag == null) {
      classes.put(className, out.size() + origin + 2);
      out.i32(0xffffffff).raw(className.getBytes(StandardCharsets.UTF_8)).u8(0);
    } else {
      out.i32(tag | 0x80000000);
    }
    return start;
  }

  private void info(ClassLayout layout) {
    int pointer = beginPointer("TStreamerInfo");
    int start = begin(9);
    named(0x00010000, layout.name(), layout.title());
    out.i32(layout.checksum()).i32(layout.version());
    int listPointer = beginPointer("TObjArray");
    int list = begin(3);
    objectPart(ON_HEAP);
    out.string("").i32(layout.elements().size()).i32(0);
    for (ClassLayout.Element element : layout.elements()) {
      element(element);
    }
    end(list);
    end(listPointer);
    end(start);
    end(pointer);
  }

  private void element(ClassLayout.Element element) {
    String kind = element.kind();
    int pointer = beginPointer(kind);
    int start = begin(version(kind));
    if (kind.equals("TStreamerSTLstring")) {
      int stl = begin(3);
      common(element);
      out.i32(extra(element, 0)).i32(extra(element, 1));
      end(stl);
    } else {
      common(element);
      switch (kind) {
        case "TStreamerBase" -> out.i32(extra(element, 0));
        case "TStreamerBasicPointer", "TStreamerLoop" ->
            out.i32(extra(element, 0))
                .string(text(element.countName()))
                .string(text(element.countClass()));
        case "TStreamerSTL" -> out.i32(extra(element, 0)).i32(extra(element, 1));
        default -> {
          // no fields of their own
        }
      }
    }
    end(start);
    end(pointer);
  }

  private void common(ClassLayout.Element element) {
    int start = begin(4);
    named(element.objectPart(), element.name(), element.title());
    out.i32(element.type())
        .i32(element.size())
        .i32(element.arrayLength())
        .i32(element.arrayDimensions());
    for (int i = 0; i < 5; i++) {
      out.i32(i < element.maxIndex().size() ? element.maxIndex().get(i) : 0);
    }
    out.string(element.typeName());
    end(start);
  }

  private static int version(String kind) {
    return switch (kind) {
      case "TStreamerBase", "TStreamerSTL" -> 3;
      case "TStreamerObjectAnyPointer", "TStreamerArtificial" -> 1;
      default -> 2;
    };
  }

  private static int extra(ClassLayout.Element element, int at) {
    return at < element.extra().size() ? element.extra().get(at) : 0;
  }

  private static String text(@org.jspecify.annotations.Nullable String value) {
    return value == null ? "" : value;
  }
}
