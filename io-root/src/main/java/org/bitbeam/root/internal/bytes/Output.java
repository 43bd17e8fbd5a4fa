package org.bitbeam.root.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of big-endian bytes. Not safe for several threads. */
public final class Output {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int size;

  /** An empty output with room for {@code capacity} bytes. */
  public Output(int capacity) {
    this.bytes = new byte[Math.max(16, capacity)];
  }

  /** Number of bytes written. */
  public int size() {
    return size;
  }

  /** The bytes; valid up to {@link #size()}, until the next write. */
  public byte[] array() {
    return bytes;
  }

  /** The bytes as a new array. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** Forgets everything, keeps the room. */
  public void clear() {
    size = 0;
  }

  public Output u8(int value) {
    need(1);
    bytes[size++] = (byte) value;
    return this;
  }

  public Output i16(int value) {
    need(2);
    SHORT.set(bytes, size, (short) value);
    size += 2;
    return this;
  }

  public Output i32(int value) {
    need(4);
    INT.set(bytes, size, value);
    size += 4;
    return this;
  }

  public Output i64(long value) {
    need(8);
    LONG.set(bytes, size, value);
    size += 8;
    return this;
  }

  public Output f32(float value) {
    return i32(Float.floatToRawIntBits(value));
  }

  public Output f64(double value) {
    return i64(Double.doubleToRawLongBits(value));
  }

  /** A position in the file: 32 or 64 bits. */
  public Output position(boolean large, long value) {
    return large ? i64(value) : i32(Math.toIntExact(value));
  }

  public Output raw(byte[] from, int at, int length) {
    need(length);
    System.arraycopy(from, at, bytes, size, length);
    size += length;
    return this;
  }

  public Output raw(byte[] from) {
    return raw(from, 0, from.length);
  }

  /** A number from 0 on in groups of seven bits, the lowest first; not a format of ROOT. */
  public Output varint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a negative number: " + value);
    }
    long rest = value;
    while (rest > 0x7f) {
      u8((int) rest | 0x80);
      rest >>>= 7;
    }
    return u8((int) rest);
  }

  /** ROOT's string: a length byte, 255 escaping to 32 bits, and the bytes. */
  public Output string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  /** ROOT's string of the given bytes. */
  public Output string(byte[] text) {
    if (text.length < 255) {
      u8(text.length);
    } else {
      u8(255).i32(text.length);
    }
    return raw(text);
  }

  /** Overwrites 32 bits that were written before. */
  public void patchI32(int at, int value) {
    if (at < 0 || at > size - 4) {
      throw new IndexOutOfBoundsException("patch at " + at + " of " + size);
    }
    INT.set(bytes, at, value);
  }

  private void need(int more) {
    if (size > bytes.length - more) {
      int least = Math.addExact(size, more);
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.max(least, Math.min(Integer.MAX_VALUE - 16, 2L * bytes.length)));
    }
  }
}
