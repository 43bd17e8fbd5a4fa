package org.bitbeam.root.internal.streamer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.internal.bytes.Output;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects by their layouts: the mirror of {@link ObjectReader}. Objects that are pointed to
 * more than once are written once and referred to. One writer a record.
 */
public final class ObjectWriter {
  private static final int NEW_CLASS = 0xffffffff;
  private static final int CLASS_MASK = 0x80000000;
  private static final int MAP_OFFSET = 2;
  private static final long IS_REFERENCED = 0x10;
  private static final long ON_HEAP = 0x03000000;

  private final Output out;
  private final int origin;
  private final Map<String, Integer> classes = new HashMap<>();
  private final Map<Object, Integer> objects = new IdentityHashMap<>();

  /**
   * Writes to {@code out}.
   *
   * @param origin length of the record's key, from whose start references count
   */
  public ObjectWriter(Output out, int origin) {
    this.out = out;
    this.origin = origin;
  }

  /** Writes an object in place. */
  public void write(StreamedObject object) {
    ClassLayout layout = object.layout();
    // Classes without a version of their own are told by their checksum.
    boolean foreign = layout.name().equals("ROOT::TIOFeatures");
    int start = begin(foreign ? 0 : layout.version());
    if (foreign) {
      out.i32(layout.checksum());
    }
    List<ClassLayout.Element> elements = layout.elements();
    for (int i = 0; i < elements.size(); i++) {
      member(object, elements.get(i), object.value(i));
    }
    end(start);
  }

  private int begin(int version) {
    int start = out.size();
    out.i32(0).i16(version);
    return start;
  }

  private void end(int start) {
    out.patchI32(start, VersionHeader.BYTE_COUNT | (out.size() - start - 4));
  }

  /** Writes a pointer: null, a reference, or the class and the object. */
  public void pointer(@Nullable Object value) {
    if (value == null || value instanceof PointerReader.Opaque) {
      out.i32(0);
      return;
    }
    Integer known = objects.get(value);
    if (known != null) {
      out.i32(known);
      return;
    }
    int start = out.size();
    String className = className(value);
    out.i32(0);
    Integer tag = classes.get(className);
    if (tag == null) {
      classes.put(className, out.size() + origin + MAP_OFFSET);
      out.i32(NEW_CLASS).raw(className.getBytes(StandardCharsets.UTF_8)).u8(0);
    } else {
      out.i32(tag | CLASS_MASK);
    }
    objects.put(value, start + origin + MAP_OFFSET);
    body(value);
    end(start);
  }

  private static String className(Object value) {
    if (value instanceof StreamedObject object) {
      return object.className();
    }
    if (value instanceof ObjectList list) {
      return list.className();
    }
    throw new IllegalArgumentException("cannot write a pointer to " + value.getClass().getName());
  }

  private void body(Object value) {
    if (value instanceof StreamedObject object) {
      write(object);
    } else if (value instanceof ObjectList list) {
      list(list);
    } else {
      throw new IllegalArgumentException("cannot write " + value.getClass().getName());
    }
  }

  private void list(ObjectList list) {
    boolean isArray = list.className().equals("TObjArray");
    int start = begin(isArray ? 3 : 5);
    objectPart(list.objectPart());
    out.string(list.name()).i32(list.items().size());
    if (isArray) {
      out.i32(0);
    }
    for (int i = 0; i < list.items().size(); i++) {
      pointer(list.items().get(i));
      if (!isArray) {
        out.string(i < list.options().size() ? list.options().get(i) : "");
      }
    }
    end(start);
  }

  private void objectPart(long idAndBits) {
    out.i16(1).i32((int) (idAndBits >>> 32)).i32((int) (idAndBits & ~IS_REFERENCED));
  }

  private void member(StreamedObject owner, ClassLayout.Element element, @Nullable Object value) {
    int type = element.type();
    if (element.isBase() || type == StreamerTypes.TOBJECT || type == StreamerTypes.TNAMED) {
      base(element, value);
    } else if (type < StreamerTypes.FIXED) {
      number(type, value);
    } else if (type < StreamerTypes.VARIABLE) {
      array(type - StreamerTypes.FIXED, value, element.arrayLength());
    } else if (type < StreamerTypes.OBJECT) {
      if (value == null) {
        out.u8(0);
      } else {
        String counter = element.countName();
        out.u8(1);
        array(
            type - StreamerTypes.VARIABLE,
            value,
            counter == null ? 0 : (int) owner.integer(counter, 0));
      }
    } else {
      switch (type) {
        case StreamerTypes.OBJECT_POINTER, StreamerTypes.ANY_POINTER -> pointer(value);
        case StreamerTypes.STREAMER -> collection(element, value);
        case StreamerTypes.TSTRING -> out.string(value instanceof String text ? text : "");
        default -> inPlace(element, value);
      }
    }
  }

  private void collection(ClassLayout.Element element, @Nullable Object value) {
    if (!(value instanceof RawCollection collection)) {
      throw new IllegalArgumentException(
          "member " + element.name() + " of type " + element.typeName() + " has no value to write");
    }
    out.i32(VersionHeader.BYTE_COUNT | collection.bytes().length).raw(collection.bytes());
  }

  private void inPlace(ClassLayout.Element element, @Nullable Object value) {
    if (element.typeName().startsWith("TArray")) {
      int length = value == null ? 0 : length(value);
      out.i32(length);
      if (value != null) {
        array(arrayType(value), value, length);
      }
    } else if (value != null) {
      body(value);
    } else {
      throw new IllegalArgumentException(
          "member " + element.name() + " of type " + element.typeName() + " has no value to write");
    }
  }

  private void base(ClassLayout.Element element, @Nullable Object value) {
    String name = element.isBase() ? element.name() : element.typeName();
    if (name.startsWith("TArray")) {
      int length = value == null ? 0 : length(value);
      out.i32(length);
      if (value != null) {
        array(arrayType(value), value, length);
      }
    } else if (name.equals("TObject")) {
      objectPart(value instanceof Long part ? part : ON_HEAP);
    } else if (value instanceof StreamedObject object) {
      write(object);
    } else {
      throw new IllegalArgumentException("base class " + name + " has no value to write");
    }
  }

  private void number(int type, @Nullable Object value) {
    if (type == StreamerTypes.FLOAT || type == StreamerTypes.DOUBLE) {
      double real = value instanceof Number number ? number.doubleValue() : 0;
      if (type == StreamerTypes.FLOAT) {
        out.f32((float) real);
      } else {
        out.f64(real);
      }
      return;
    }
    if (type == StreamerTypes.DOUBLE32) {
      out.f32(value instanceof Number number ? number.floatValue() : 0);
      return;
    }
    if (type == StreamerTypes.FLOAT16) {
      // Only the range of a packed leaf is of this type; ROOT does not need it for reading.
      out.u8(0).i16(0);
      return;
    }
    long integer =
        value instanceof Number number
            ? number.longValue()
            : value instanceof Boolean flag && flag ? 1 : 0;
    switch (type) {
      case StreamerTypes.CHAR, StreamerTypes.UCHAR, StreamerTypes.BOOL -> out.u8((int) integer);
      case StreamerTypes.SHORT, StreamerTypes.USHORT -> out.i16((int) integer);
      case StreamerTypes.INT, StreamerTypes.COUNTER, StreamerTypes.UINT, StreamerTypes.BITS ->
          out.i32((int) integer);
      case StreamerTypes.LONG, StreamerTypes.ULONG, StreamerTypes.LONG64, StreamerTypes.ULONG64 ->
          out.i64(integer);
      default -> throw new IllegalArgumentException("cannot write a number of type " + type);
    }
  }

  private static int length(Object array) {
    return array instanceof byte[] bytes
        ? bytes.length
        : array instanceof short[] shorts
            ? shorts.length
            : array instanceof int[] ints
                ? ints.length
                : array instanceof float[] floats
                    ? floats.length
                    : array instanceof double[] doubles ? doubles.length : ((long[]) array).length;
  }

  private static int arrayType(Object array) {
    return array instanceof byte[]
        ? StreamerTypes.CHAR
        : array instanceof short[]
            ? StreamerTypes.SHORT
            : array instanceof int[]
                ? StreamerTypes.INT
                : array instanceof float[]
                    ? StreamerTypes.FLOAT
                    : array instanceof double[] ? StreamerTypes.DOUBLE : StreamerTypes.LONG64;
  }

  private void array(int type, @Nullable Object value, int length) {
    if (value instanceof byte[] values) {
      out.raw(values, 0, length);
    } else if (value instanceof short[] values) {
      for (int i = 0; i < length; i++) {
        out.i16(values[i]);
      }
    } else if (value instanceof int[] values) {
      for (int i = 0; i < length; i++) {
        out.i32(values[i]);
      }
    } else if (value instanceof long[] values) {
      for (int i = 0; i < length; i++) {
        out.i64(values[i]);
      }
    } else if (value instanceof float[] values) {
      for (int i = 0; i < length; i++) {
        out.f32(values[i]);
      }
    } else if (value instanceof double[] values) {
      for (int i = 0; i < length; i++) {
        out.f64(values[i]);
      }
    } else {
      for (int i = 0; i < length; i++) {
        number(type, null);
      }
    }
  }
}
