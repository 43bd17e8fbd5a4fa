package org.bitbeam.root.internal.ntuple;

import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * The object that a directory lists for an RNTuple: where its header and footer lie.
 *
 * @param header of the ntuple
 * @param footer of the ntuple
 * @param maxKeyBytes longer parts are cut into several records
 */
record Anchor(Location header, Location footer, long maxKeyBytes) {
  private static final int LEADING_BYTES = 6;
  private static final int EPOCH = 1;

  /**
   * Bytes somewhere in the file.
   *
   * @param position of the first
   * @param stored how many there are
   * @param length how many they are after decompression
   */
  record Location(long position, long stored, long length) {}

  /** Reads the payload of the key. */
  static Anchor read(Cursor in) {
    int start = in.position();
    int bytes = in.remaining();
    in.i32(); // byte count, which does not cover the checksum
    in.skip(2); // class version
    int epoch = in.u16();
    if (epoch != EPOCH) {
      throw new UnsupportedRootException(
          in.context() + ": RNTuple format of epoch " + epoch + ", known is " + EPOCH);
    }
    in.skip(6); // major, minor, patch: compatible
    Location header = new Location(in.i64(), in.i64(), in.i64());
    Location footer = new Location(in.i64(), in.i64(), in.i64());
    long maxKeyBytes = in.i64();
    // Later versions may have more here; the checksum is last.
    if (in.remaining() < Checksum.BYTES) {
      throw in.malformed("the checksum of the anchor is missing");
    }
    int covered = bytes - LEADING_BYTES - Checksum.BYTES;
    in.skip(in.remaining() - Checksum.BYTES);
    if (in.i64() != Checksum.of(in.bytes(), start + LEADING_BYTES, covered)) {
      throw in.malformed("the anchor does not have the checksum that is stored with it");
    }
    return new Anchor(header, footer, maxKeyBytes);
  }
}
