package org.bitbeam.root.internal.streamer;

import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Byte count and class version in front of a streamed object.
 *
 * @param version of the class; 0 for classes without a version, whose checksum may follow
 * @param end index after the object, -1 when no byte count is stored
 */
public record VersionHeader(int version, int end) {
  static final int BYTE_COUNT = 0x40000000;

  /** Reads the header at the cursor. */
  public static VersionHeader read(Cursor in) {
    int start = in.position();
    if (in.remaining() >= 6) {
      int word = in.i32();
      if ((word & BYTE_COUNT) != 0) {
        int count = word & ~BYTE_COUNT;
        if (word < 0 || count < 2 || count > in.remaining()) {
          throw in.malformed(
              "an object claims " + count + " bytes, but only " + in.remaining() + " are left");
        }
        int end = in.position() + count;
        return new VersionHeader(in.i16(), end);
      }
      in.rewind(start);
    }
    return new VersionHeader(in.i16(), -1);
  }

  /** Goes to the end of the object, where that is known. */
  public void finish(Cursor in) {
    if (end >= 0) {
      in.seek(end);
    }
  }
}
