package org.bitbeam.root.internal.ntuple;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The checksum of anchors, envelopes and pages: XXH3 with 64 bits and seed 0. */
final class Checksum {
  static final int BYTES = Long.BYTES;

  private Checksum() {}

  static long of(byte[] bytes, int from, int length) {
    return Hashing.xxh3_64().hashBytesToLong(bytes, from, length);
  }

  /** Whether the checksum of the bytes follows them, little-endian. */
  static boolean follows(byte[] bytes, int from, int length) {
    long stored = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(from + length);
    return stored == of(bytes, from, length);
  }
}
