package org.bitbeam.root.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing array of little-endian bytes with the frames of RNTuple. Not safe for several threads.
 */
public final class LittleOutput {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[256];
  private int size;

  /** Number of bytes written. */
  public int size() {
    return size;
  }

  /** The bytes as a new array. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  public LittleOutput u16(int value) {
    need(2);
    SHORT.set(bytes, size, (short) value);
    size += 2;
    return this;
  }

  public LittleOutput i32(int value) {
    need(4);
    INT.set(bytes, size, value);
    size += 4;
    return this;
  }

  public LittleOutput i64(long value) {
    need(8);
    LONG.set(bytes, size, value);
    size += 8;
    return this;
  }

  public LittleOutput f64(double value) {
    return i64(Double.doubleToRawLongBits(value));
  }

  public LittleOutput raw(byte[] from) {
    need(from.length);
    System.arraycopy(from, 0, bytes, size, from.length);
    size += from.length;
    return this;
  }

  /** A string with 32 bits of length in front. */
  public LittleOutput string(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    return i32(encoded.length).raw(encoded);
  }

  /** Begins a record frame; {@link #endRecord} with the result ends it. */
  public int beginRecord() {
    int at = size;
    i64(0);
    return at;
  }

  /** Ends the record frame that began there. */
  public void endRecord(int at) {
    LONG.set(bytes, at, (long) (size - at));
  }

  /** Begins a list frame; {@link #endList} with the result ends it. */
  public int beginList() {
    int at = size;
    i64(0).i32(0);
    return at;
  }

  /** Ends the list frame that began there. */
  public void endList(int at, int items) {
    LONG.set(bytes, at, (long) (at - size));
    INT.set(bytes, at + Long.BYTES, items);
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
