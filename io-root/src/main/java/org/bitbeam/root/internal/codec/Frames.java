package org.bitbeam.root.internal.codec;

import java.nio.charset.StandardCharsets;
import org.bitbeam.root.RootFormatException;

/**
 * The frames of a compressed payload: two letters, a method byte, 24 bits of compressed and 24 bits
 * of uncompressed size (little-endian), a block; repeated until the payload is complete.
 */
public final class Frames {
  static final int HEADER_BYTES = 9;

  private Frames() {}

  /**
   * Decompresses {@code in[from .. from + length)} into a new array of {@code size} bytes, which is
   * allocated only after the frames were seen to add up to it.
   *
   * @param context file and object, for messages
   * @param maxRatio bytes that a stored byte may become, on top of each codec's bound
   */
  public static byte[] decompress(
      String context, byte[] in, int from, int length, int size, int maxRatio) {
    check(context, in, from, length, size, maxRatio);
    byte[] out = new byte[size];
    try (Decompressor decompressor = new Decompressor()) {
      decompressor.decompress(context, in, from, out, size);
    }
    return out;
  }

  /** Checks that the frames add up to {@code size} bytes, before room for these is made. */
  public static void check(
      String context, byte[] in, int from, int length, int size, int maxRatio) {
    int at = from;
    int end = from + length;
    int done = 0;
    while (done < size) {
      if (end - at < HEADER_BYTES) {
        throw new RootFormatException(
            context
                + ": the compressed payload ends after "
                + done
                + " of "
                + size
                + " bytes; the file is damaged, fetch it again");
      }
      Codec codec = codecAt(context, in, at);
      int stored = storedBytes(in, at);
      int unpacked = unpackedBytes(in, at);
      int ratio = Math.min(maxRatio, codec.maxRatio());
      at += HEADER_BYTES;
      if (stored > end - at
          || unpacked > size - done
          || unpacked == 0
          || (long) stored * ratio < unpacked) {
        throw new RootFormatException(
            context
                + ": a compressed block claims "
                + stored
                + " bytes for "
                + unpacked
                + ", but "
                + (end - at)
                + " are stored and "
                + (size - done)
                + " are missing; the limit is "
                + ratio
                + " bytes from one");
      }
      at += stored;
      done += unpacked;
    }
    if (at != end) {
      throw new RootFormatException(
          context + ": " + (end - at) + " bytes follow after the last compressed block");
    }
  }

  static Codec codecAt(String context, byte[] in, int at) {
    Codec codec = Codec.of(in, at);
    if (codec == null || (codec != Codec.LZMA && in[at + 2] != codec.method())) {
      throw new RootFormatException(
          context
              + ": no compression is known by the letters \""
              + printable(in, at)
              + "\" and method "
              + in[at + 2]
              + "; known are ZL, CS, XZ, L4, ZS");
    }
    return codec;
  }

  /** Bytes of the block of the frame at {@code at}. */
  static int storedBytes(byte[] in, int at) {
    return u24(in, at + 3);
  }

  /** Bytes that it decompresses to. */
  static int unpackedBytes(byte[] in, int at) {
    return u24(in, at + 6);
  }

  private static int u24(byte[] in, int at) {
    return (in[at] & 0xff) | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16;
  }

  private static String printable(byte[] in, int at) {
    return new String(in, at, 2, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?");
  }
}
