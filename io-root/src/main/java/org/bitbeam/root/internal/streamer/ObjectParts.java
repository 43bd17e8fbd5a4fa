package org.bitbeam.root.internal.streamer;

import org.bitbeam.root.internal.bytes.Cursor;

/** The part that all objects of ROOT begin with (TObject). */
public final class ObjectParts {
  private static final int IS_REFERENCED = 0x10;

  private ObjectParts() {}

  /** Reads it; returns fUniqueID in the upper and fBits in the lower 32 bits. */
  public static long read(Cursor in) {
    VersionHeader.read(in);
    long id = in.i32() & 0xffffffffL;
    return id << 32 | (readBits(in) & 0xffffffffL);
  }

  /** Reads fBits and, behind those of a referenced object, the number of its process. */
  public static int readBits(Cursor in) {
    int bits = in.i32();
    if ((bits & IS_REFERENCED) != 0) {
      in.skip(2);
    }
    return bits;
  }
}
