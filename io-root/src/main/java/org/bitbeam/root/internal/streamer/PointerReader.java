package org.bitbeam.root.internal.streamer;

import java.util.HashMap;
import java.util.Map;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Reads pointers to objects: null, an object that follows with the name of its class, or a
 * reference to one that was read before. Class names and objects are remembered by their position
 * in the record.
 */
abstract class PointerReader {
  private static final int NEW_CLASS = 0xffffffff;
  private static final int CLASS_MASK = 0x80000000;
  private static final int MAP_OFFSET = 2;

  private final Map<Integer, String> classes = new HashMap<>();
  private final Map<Integer, Object> objects = new HashMap<>();
  private final ReadLimits limits;
  private int depth;
  private int objectCount;
  private boolean hasSkipped;

  PointerReader(ReadLimits limits) {
    this.limits = limits;
  }

  /** Something that could not be read, or a reference to it. */
  record Opaque(String className) {}

  /**
   * Reads the object after its class name; calls {@code remember} before members that may refer
   * back to it.
   */
  abstract Object readBody(Cursor in, String className, Remember remember);

  /** Takes an object as soon as it exists, so that its members can refer to it. */
  interface Remember {
    void object(Object value);
  }

  /** Counts a level of nesting and an object against the limits. */
  final void enter(Cursor in) {
    if (++depth > limits.maxDepth()) {
      throw in.malformed("objects are nested deeper than " + limits.maxDepth());
    }
    if (++objectCount > limits.maxObjects()) {
      throw in.malformed("more than " + limits.maxObjects() + " objects in one record");
    }
  }

  /** Says that a part was skipped, which may have named classes that are referred to later. */
  final void skipped() {
    hasSkipped = true;
  }

  final void leave() {
    depth--;
  }

  final @Nullable Object readPointer(Cursor in) {
    int start = in.recordPosition();
    int word = in.i32();
    if (word == 0) {
      return null;
    }
    boolean counted = (word & VersionHeader.BYTE_COUNT) != 0 && word != NEW_CLASS;
    int end = -1;
    int tagPosition = start;
    int tag = word;
    if (counted) {
      int count = word & ~VersionHeader.BYTE_COUNT;
      if (word < 0 || count < 4 || count > in.remaining()) {
        throw in.malformed(
            "an object claims " + count + " bytes, but only " + in.remaining() + " are left");
      }
      end = in.position() + count;
      tagPosition = in.recordPosition();
      tag = in.i32();
    }
    if ((tag & CLASS_MASK) == 0) {
      Object known = objects.get(tag);
      if (end >= 0) {
        in.seek(end);
      }
      return known != null ? known : new Opaque("object at " + tag);
    }
    String className;
    if (tag == NEW_CLASS) {
      className = in.zeroTerminated();
      classes.put(tagPosition + MAP_OFFSET, className);
    } else {
      String known = classes.get(tag & ~CLASS_MASK);
      if (known == null && hasSkipped && end >= 0) {
        in.seek(end); // named in a part that was skipped
        return new Opaque("unknown");
      }
      if (known == null) {
        throw in.malformed(
            "an object refers to a class at " + (tag & ~CLASS_MASK) + ", where none is");
      }
      className = known;
    }
    enter(in);
    int outer = end >= 0 ? in.narrow(end) : in.end();
    Object value = readBody(in, className, object -> objects.put(start + MAP_OFFSET, object));
    in.widen(outer);
    leave();
    objects.put(start + MAP_OFFSET, value);
    if (end >= 0) {
      in.seek(end);
    }
    return value;
  }

  /** Reads the part that all objects of ROOT begin with (TObject); returns fUniqueID and fBits. */
  static long readObjectPart(Cursor in) {
    return ObjectParts.read(in);
  }
}
