package org.bitbeam.root.internal.bytes;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The checksum of the parts of RNTuples and of read plans: XXH3 with 64 bits and seed 0. */
public final class Checksum {
  /** Length of a checksum. */
  public static final int BYTES = Long.BYTES;

  private Checksum() {}

  /** The checksum of some bytes. */
  public static long of(byte[] bytes, int from, int length) {
    return Hashing.xxh3_64().hashBytesToLong(bytes, from, length);
  }

  /** Whether the checksum of the bytes follows them, little-endian. */
  public static boolean follows(byte[] bytes, int from, int length) {
    long stored = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(from + length);
    return stored == of(bytes, from, length);
  }
}
