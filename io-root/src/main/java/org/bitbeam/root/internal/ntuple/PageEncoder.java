package org.bitbeam.root.internal.ntuple;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Brings the elements of a page into the form of the file: the mirror of {@link PageDecoder}.
 * Elements come as little-endian numbers of a whole number of bytes.
 */
final class PageEncoder {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private PageEncoder() {}

  /** Bytes of an element before it is encoded. */
  static int width(Encoding encoding, int bits) {
    return switch (encoding) {
      case BIT -> 1;
      case REAL32_TRUNCATED, REAL32_QUANTISED -> Integer.BYTES;
      default -> bits / 8;
    };
  }

  /**
   * The page.
   *
   * @param raw the elements; may be changed
   */
  static byte[] encode(Encoding encoding, int bits, byte[] raw, int elements) {
    int width = width(encoding, bits);
    if (encoding == Encoding.BIT) {
      return bits(raw, elements);
    }
    if (encoding == Encoding.REAL32_TRUNCATED || encoding == Encoding.REAL32_QUANTISED) {
      return packed(raw, elements, bits);
    }
    if (encoding.isSplit() && encoding.kind() == Encoding.Kind.INDEX) {
      differences(raw, elements);
    }
    if (encoding.isZigzag()) {
      zigzag(raw, elements, width);
    }
    return encoding.isSplit() ? split(raw, elements, width) : Arrays.copyOf(raw, elements * width);
  }

  private static byte[] bits(byte[] raw, int elements) {
    byte[] out = new byte[(elements + 7) / 8];
    for (int i = 0; i < elements; i++) {
      out[i >> 3] |= (byte) (raw[i] << (i & 7));
    }
    return out;
  }

  private static byte[] packed(byte[] raw, int elements, int bits) {
    byte[] out = new byte[(int) (((long) elements * bits + 7) / 8)];
    long waiting = 0;
    int filled = 0;
    int to = 0;
    for (int i = 0; i < elements; i++) {
      waiting |= ((int) INT.get(raw, i * Integer.BYTES) & 0xffffffffL) << filled;
      filled += bits;
      while (filled >= 8) {
        out[to++] = (byte) waiting;
        waiting >>>= 8;
        filled -= 8;
      }
    }
    if (filled > 0) {
      out[to] = (byte) waiting;
    }
    return out;
  }

  private static void differences(byte[] raw, int elements) {
    long before = 0;
    for (int i = 0; i < elements; i++) {
      long value = (long) LONG.get(raw, i * Long.BYTES);
      LONG.set(raw, i * Long.BYTES, value - before);
      before = value;
    }
  }

  private static void zigzag(byte[] raw, int elements, int width) {
    for (int i = 0; i < elements; i++) {
      int at = i * width;
      switch (width) {
        case Short.BYTES -> {
          short value = (short) SHORT.get(raw, at);
          SHORT.set(raw, at, (short) (value << 1 ^ value >> 15));
        }
        case Integer.BYTES -> {
          int value = (int) INT.get(raw, at);
          INT.set(raw, at, value << 1 ^ value >> 31);
        }
        default -> {
          long value = (long) LONG.get(raw, at);
          LONG.set(raw, at, value << 1 ^ value >> 63);
        }
      }
    }
  }

  private static byte[] split(byte[] raw, int elements, int width) {
    byte[] out = new byte[elements * width];
    for (int b = 0; b < width; b++) {
      int to = b * elements;
      for (int i = 0; i < elements; i++) {
        out[to + i] = raw[i * width + b];
      }
    }
    return out;
  }
}
