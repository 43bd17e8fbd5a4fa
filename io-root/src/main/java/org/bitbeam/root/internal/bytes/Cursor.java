package org.bitbeam.root.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.bitbeam.root.RootFormatException;

/**
 * A position in big-endian bytes of a file. Every read is checked against the end; what is wrong is
 * reported with the context (file and object) and the position. Not safe for several threads.
 */
public final class Cursor {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final String context;
  private final byte[] bytes;
  private final int origin;
  private int position;
  private int end;

  /**
   * Reads {@code bytes[from .. to)}.
   *
   * @param context file and object, for messages
   * @param origin added to positions as they are counted in the file: ROOT counts from the start of
   *     a record's key
   */
  public Cursor(String context, byte[] bytes, int from, int to, int origin) {
    this.context = context;
    this.bytes = bytes;
    this.position = from;
    this.end = to;
    this.origin = origin;
  }

  /** Reads all of {@code bytes}, counted from 0. */
  public Cursor(String context, byte[] bytes) {
    this(context, bytes, 0, bytes.length, 0);
  }

  /** File and object, for messages. */
  public String context() {
    return context;
  }

  /** The bytes under the cursor; index with {@link #position()}. */
  public byte[] bytes() {
    return bytes;
  }

  /** Index of the next byte in {@link #bytes()}. */
  public int position() {
    return position;
  }

  /** Position of the next byte as ROOT counts: from the start of the record's key. */
  public int recordPosition() {
    return position + origin;
  }

  /** Index after the last byte. */
  public int end() {
    return end;
  }

  /** Bytes left. */
  public int remaining() {
    return end - position;
  }

  /** Goes to an index between here and the end. */
  public void seek(int index) {
    if (index < position || index > end) {
      throw malformed(
          "a part is said to end at " + index + ", expected " + position + " to " + end);
    }
    position = index;
  }

  /** Goes back to an index that was passed before. */
  public void rewind(int index) {
    if (index < 0 || index > position) {
      throw new IllegalArgumentException("cannot rewind from " + position + " to " + index);
    }
    position = index;
  }

  /** Narrows the end; returns the old one for {@link #widen}. */
  public int narrow(int newEnd) {
    if (newEnd < position || newEnd > end) {
      throw malformed(
          "a part is said to end at " + newEnd + ", expected " + position + " to " + end);
    }
    int old = end;
    end = newEnd;
    return old;
  }

  /** Gives back the end that {@link #narrow} returned. */
  public void widen(int oldEnd) {
    end = oldEnd;
  }

  /** Leaves out {@code count} bytes. */
  public void skip(long count) {
    position += (int) need(count);
  }

  /** Unsigned byte. */
  public int u8() {
    need(1);
    return bytes[position++] & 0xff;
  }

  /** Signed 16 bits. */
  public short i16() {
    need(2);
    short value = (short) SHORT.get(bytes, position);
    position += 2;
    return value;
  }

  /** Unsigned 16 bits. */
  public int u16() {
    return i16() & 0xffff;
  }

  /** Signed 32 bits. */
  public int i32() {
    need(4);
    int value = (int) INT.get(bytes, position);
    position += 4;
    return value;
  }

  /** Signed 64 bits. */
  public long i64() {
    need(8);
    long value = (long) LONG.get(bytes, position);
    position += 8;
    return value;
  }

  /** IEEE single. */
  public float f32() {
    return Float.intBitsToFloat(i32());
  }

  /** IEEE double. */
  public double f64() {
    return Double.longBitsToDouble(i64());
  }

  /** A number as {@link Output#varint} writes it. */
  public long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE - 1; shift += 7) {
      int group = u8();
      value |= (long) (group & 0x7f) << shift;
      if (group < 0x80) {
        return value;
      }
    }
    throw malformed("a number of more than 63 bits");
  }

  /** Such a number that is at most {@code most}. */
  public int varint(int most, String what) {
    long value = varint();
    if (value > most) {
      throw malformed(what + " is " + value + ", at most " + most + " is possible");
    }
    return (int) value;
  }

  /** A count of items of at least {@code bytesEach} bytes that must fit into what is left. */
  public int count(int bytesEach, String what) {
    int count = i32();
    if (count < 0 || count > remaining() / Math.max(1, bytesEach)) {
      throw malformed(
          what + " holds " + count + " items, but only " + remaining() + " bytes are left");
    }
    return count;
  }

  /** ROOT's string (TString): a length byte, 255 escaping to 32 bits, and the bytes. */
  public String string() {
    int length = stringLength();
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  /** Reads the length of a ROOT string, whose bytes are then known to be there. */
  public int stringLength() {
    int length = u8();
    if (length == 255) {
      length = i32();
    }
    if (length < 0 || length > remaining()) {
      throw malformed(
          "a string of " + length + " bytes, but only " + remaining() + " bytes are left");
    }
    return length;
  }

  /** A string that ends with a zero byte. */
  public String zeroTerminated() {
    int from = position;
    while (u8() != 0) {
      // u8 checks the end
    }
    return new String(bytes, from, position - from - 1, StandardCharsets.UTF_8);
  }

  /** The next {@code count} bytes as a new array. */
  public byte[] take(int count) {
    need(count);
    byte[] result = new byte[count];
    System.arraycopy(bytes, position, result, 0, count);
    position += count;
    return result;
  }

  /** An error that says where. */
  public RootFormatException malformed(String what) {
    return new RootFormatException(context + ", byte " + recordPosition() + ": " + what);
  }

  private long need(long count) {
    if (count < 0 || count > end - position) {
      throw malformed(count + " bytes expected, but only " + (end - position) + " are left");
    }
    return count;
  }
}
