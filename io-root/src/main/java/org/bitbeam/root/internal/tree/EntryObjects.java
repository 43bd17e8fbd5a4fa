package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * What pointers in an entry refer to: classes by the position of their names, objects by the
 * position of the first pointer to them. ROOT begins anew with every entry. One for the readers of
 * a branch, which share it.
 */
final class EntryObjects {
  private static final int BYTE_COUNT = 0x40000000;
  private static final int NEW_CLASS = 0xffffffff;
  private static final int CLASS_MASK = 0x80000000;
  private static final int MAP_OFFSET = 2;

  /** Objects inside of objects behind pointers; more would not fit on the stack of a thread. */
  private static final int MAX_DEPTH = 400;

  /** Objects that several pointers share are read again for each, up to so many bytes an entry. */
  private static final long MAX_BYTES_AGAIN = 64L << 20;

  private final Map<Integer, String> classes = new HashMap<>();
  private final Map<Integer, Target> objects = new HashMap<>();
  private final List<ObjectTable> tables = new ArrayList<>();
  private long bytesAgain;
  private int depth;

  /**
   * What a pointer refers to.
   *
   * @param position of the first pointer to the object, which tells objects apart
   * @param className class of the object
   * @param from index of its first byte
   * @param to index after its last byte
   * @param isNew whether this is the first pointer to it
   */
  record Target(int position, String className, int from, int to, boolean isNew) {}

  /** The tables of objects that the readers of the branch fill. */
  List<ObjectTable> tables() {
    return tables;
  }

  /** Forgets what the entry before said. */
  void startEntry() {
    classes.clear();
    objects.clear();
    bytesAgain = 0;
    depth = 0;
  }

  /** Says that the object of a key begins here, which has the first number. */
  void setTop(Cursor in, String className) {
    objects.put(1, new Target(1, className, in.position(), in.end(), false));
  }

  /**
   * Reads a pointer; the cursor then stands before the object when that is new, else behind the
   * pointer. Null for a null pointer.
   */
  @Nullable Target read(Cursor in) {
    int position = in.recordPosition() + MAP_OFFSET;
    int word = in.i32();
    if (word == 0) {
      return null;
    }
    if ((word & BYTE_COUNT) == 0 || word == NEW_CLASS) {
      Target known = objects.get(word);
      if (known == null) {
        throw in.malformed("a pointer refers to an object at " + word + ", where none begins");
      }
      return known;
    }
    int count = word & ~BYTE_COUNT;
    if (word < 0 || count < Integer.BYTES || count > in.remaining()) {
      throw in.malformed(
          "an object claims " + count + " bytes, but only " + in.remaining() + " are left");
    }
    int to = in.position() + count;
    int tagPosition = in.recordPosition() + MAP_OFFSET;
    int tag = in.i32();
    String className;
    if (tag == NEW_CLASS) {
      className = in.zeroTerminated();
      classes.put(tagPosition, className);
    } else {
      className = classes.get(tag & ~CLASS_MASK);
      if (className == null || (tag & CLASS_MASK) == 0) {
        throw in.malformed("an object refers to a class at " + (tag & ~CLASS_MASK));
      }
    }
    objects.put(position, new Target(position, className, in.position(), to, false));
    return new Target(position, className, in.position(), to, true);
  }

  /** Reads the object behind a pointer, wherever it lies; the cursor goes behind the pointer. */
  void readObject(Cursor in, Target target, ValueReader reader) {
    if (++depth > MAX_DEPTH) {
      throw new UnsupportedRootException(
          in.context() + ": more than " + MAX_DEPTH + " objects one behind the other's pointer");
    }
    int back = in.position();
    if (!target.isNew()) {
      bytesAgain += target.to() - target.from();
      if (bytesAgain > MAX_BYTES_AGAIN) {
        throw new UnsupportedRootException(
            in.context() + ": so many pointers share objects that they take too much memory");
      }
      in.rewind(target.from());
    }
    // Not narrowed: an object may be read again from within itself.
    int outer = in.end();
    in.widen(target.to());
    reader.read(in);
    in.widen(outer);
    ValueReader.checkEnd(in, target.to());
    if (in.position() > back && !target.isNew()) {
      in.rewind(back); // the pointer lies inside of the object
    } else if (!target.isNew()) {
      in.seek(back);
    }
    depth--;
  }
}
