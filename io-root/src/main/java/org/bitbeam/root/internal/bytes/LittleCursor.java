package org.bitbeam.root.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.bitbeam.root.RootFormatException;

/**
 * A position in little-endian bytes of an RNTuple. Every read is checked against the end of the
 * innermost frame. Not safe for several threads.
 */
public final class LittleCursor {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final String context;
  private final byte[] bytes;
  private int position;
  private int end;

  /**
   * Reads {@code bytes[from .. to)}.
   *
   * @param context file and object, for messages
   */
  public LittleCursor(String context, byte[] bytes, int from, int to) {
    this.context = context;
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  /** Bytes left in the innermost frame. */
  public int remaining() {
    return end - position;
  }

  /** Unsigned 16 bits. */
  public int u16() {
    need(2);
    int value = (short) SHORT.get(bytes, position) & 0xffff;
    position += 2;
    return value;
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

  /** IEEE double. */
  public double f64() {
    return Double.longBitsToDouble(i64());
  }

  /** A 64-bit length or position; those beyond 2^63 are refused. */
  public long length(String what) {
    long value = i64();
    if (value < 0) {
      throw malformed(what + " is " + Long.toUnsignedString(value));
    }
    return value;
  }

  /** A string with 32 bits of length in front. */
  public String string() {
    int length = i32();
    if (length < 0 || length > remaining()) {
      throw malformed("a string of " + length + " bytes, but only " + remaining() + " are left");
    }
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  /** Leaves out bytes. */
  public void skip(int count) {
    need(count);
    position += count;
  }

  /** The next bytes as a new array. */
  public byte[] take(int count) {
    need(count);
    byte[] result = java.util.Arrays.copyOfRange(bytes, position, position + count);
    position += count;
    return result;
  }

  /** Enters a record frame; {@link #leave} with the result goes to its end. */
  public Frame record() {
    long size = i64();
    if (size < Long.BYTES || size - Long.BYTES > remaining()) {
      throw malformed("a record of " + size + " bytes, but only " + remaining() + " are left");
    }
    return enter(size - Long.BYTES, 1);
  }

  /** Enters a list frame, whose items take at least {@code bytesEach} bytes. */
  public Frame list(int bytesEach) {
    long size = -i64();
    if (size < Long.BYTES + Integer.BYTES || size - Long.BYTES > remaining()) {
      throw malformed("a list of " + size + " bytes, but only " + remaining() + " are left");
    }
    Frame frame = enter(size - Long.BYTES, 0);
    int items = i32();
    if (items < 0 || items > remaining() / Math.max(1, bytesEach)) {
      throw malformed(
          "a list of "
              + Integer.toUnsignedString(items)
              + " items, but only "
              + remaining()
              + " bytes are left");
    }
    return new Frame(items, frame.end, frame.outerEnd);
  }

  private Frame enter(long bytesLeft, int items) {
    Frame frame = new Frame(items, (int) (position + bytesLeft), end);
    end = frame.end;
    return frame;
  }

  /** Goes to the end of a frame, whatever was read of it. */
  public void leave(Frame frame) {
    position = frame.end;
    end = frame.outerEnd;
  }

  /**
   * A frame that was entered.
   *
   * @param items number of items of a list
   */
  public record Frame(int items, int end, int outerEnd) {}

  /** An error that says where. */
  public RootFormatException malformed(String what) {
    return new RootFormatException(context + ", byte " + position + ": " + what);
  }

  private void need(int count) {
    if (count < 0 || count > end - position) {
      throw malformed(count + " bytes expected, but only " + (end - position) + " are left");
    }
  }
}
