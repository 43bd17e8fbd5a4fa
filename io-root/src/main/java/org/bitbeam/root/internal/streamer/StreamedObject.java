package org.bitbeam.root.internal.streamer;

import java.util.List;
import org.bitbeam.root.RootFormatException;
import org.jspecify.annotations.Nullable;

/**
 * An object as a file describes it: values in the order of the layout. A value is a boxed number, a
 * primitive array, a {@code String}, another object, a list of objects, or null for a null pointer
 * and for members that were not read.
 */
public final class StreamedObject {
  private final ClassLayout layout;
  private final @Nullable Object[] values;

  /** An object without values yet. */
  public StreamedObject(ClassLayout layout) {
    this.layout = layout;
    this.values = new Object[layout.elements().size()];
  }

  /** The layout it was read with, or is to be written with. */
  public ClassLayout layout() {
    return layout;
  }

  /** Name of its class. */
  public String className() {
    return layout.name();
  }

  /** Value of the element at that position. */
  public @Nullable Object value(int element) {
    return values[element];
  }

  /** Sets the value of the element at that position. */
  public void set(int element, @Nullable Object value) {
    values[element] = value;
  }

  /**
   * Sets a member of this class or of a base class.
   *
   * @throws IllegalArgumentException when there is no such member
   */
  public StreamedObject set(String member, @Nullable Object value) {
    if (!trySet(member, value)) {
      throw new IllegalArgumentException("class " + className() + " has no member " + member);
    }
    return this;
  }

  /** Sets a member where the class or a base class has it. */
  public boolean trySet(String member, @Nullable Object value) {
    Integer at = layout.index().get(member);
    if (at != null) {
      values[at] = value;
      return true;
    }
    for (Object base : values) {
      if (base instanceof StreamedObject object && isBase(object) && object.trySet(member, value)) {
        return true;
      }
    }
    return false;
  }

  private boolean isBase(StreamedObject object) {
    Integer at = layout.index().get(object.className());
    return at != null && layout.elements().get(at).isBase();
  }

  /** Whether it is of that class or of one that derives from it. */
  public boolean isA(String name) {
    if (className().equals(name)) {
      return true;
    }
    for (Object base : values) {
      if (base instanceof StreamedObject object && isBase(object) && object.isA(name)) {
        return true;
      }
    }
    return false;
  }

  /** The numbers of a base class that is an array ({@code TArrayD} and so on); null if none is. */
  public @Nullable Object arrayBase() {
    for (int i = 0; i < values.length; i++) {
      if (!layout.elements().get(i).isBase()) {
        continue;
      }
      if (layout.elements().get(i).name().startsWith("TArray")) {
        return values[i];
      }
      if (values[i] instanceof StreamedObject base) {
        Object found = base.arrayBase();
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /** The member of that name, of this class or of a base class; null when it is null or absent. */
  public @Nullable Object get(String member) {
    Integer at = layout.index().get(member);
    if (at != null) {
      return values[at];
    }
    for (int i = 0; i < values.length; i++) {
      if (layout.elements().get(i).isBase() && values[i] instanceof StreamedObject base) {
        Object found = base.get(member);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /** An integer member, or {@code otherwise} where the class does not have it (older versions). */
  public long integer(String member, long otherwise) {
    Object value = get(member);
    if (value instanceof Number number) {
      return number.longValue();
    }
    return value instanceof Boolean flag ? (flag ? 1 : 0) : otherwise;
  }

  /** A number member as a double, or {@code otherwise} where the class does not have it. */
  public double real(String member, double otherwise) {
    return get(member) instanceof Number number ? number.doubleValue() : otherwise;
  }

  /** A string member; empty where the class does not have it. */
  public String text(String member) {
    return get(member) instanceof String text ? text : "";
  }

  /** A list member; empty where it is null or absent. */
  public List<?> list(String member) {
    return get(member) instanceof ObjectList list ? list.items() : List.of();
  }

  /** An array of integers, widened; empty where it is absent. */
  public long[] integers(String member) {
    Object value = get(member);
    if (value instanceof long[] longs) {
      return longs;
    }
    if (value instanceof int[] ints) {
      long[] longs = new long[ints.length];
      for (int i = 0; i < longs.length; i++) {
        longs[i] = ints[i];
      }
      return longs;
    }
    return new long[0];
  }

  /** An object member. */
  public @Nullable StreamedObject object(String member) {
    return get(member) instanceof StreamedObject object ? object : null;
  }

  /** An object member that must be there. */
  public StreamedObject required(String context, String member) {
    StreamedObject object = object(member);
    if (object == null) {
      throw new RootFormatException(context + ": " + className() + " lacks its " + member);
    }
    return object;
  }

  @Override
  public String toString() {
    return className() + " \"" + text("fName") + "\"";
  }
}
