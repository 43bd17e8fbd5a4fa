package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * The first bytes of a file.
 *
 * @param version of ROOT that wrote it, such as 64000 for 6.40/00
 * @param large whether positions of the header take 64 bits
 * @param begin position of the first record
 * @param end position after the last record
 * @param nameBytes length of the name part of the top directory's record
 * @param compression 100 times the algorithm plus the level; a hint, often wrong
 * @param infoPosition position of the record with the class descriptions
 * @param infoBytes its length
 * @param uuid identity of the file
 */
public record FileHeader(
    int version,
    boolean large,
    long begin,
    long end,
    int nameBytes,
    int compression,
    long infoPosition,
    int infoBytes,
    String uuid) {

  private static final int SMALL_BYTES = 63;
  static final int LARGE_BYTES = 75;
  private static final int LARGE_VERSION = 1_000_000;

  /** Reads the header and checks that the file is as long as it says. */
  public static FileHeader read(ByteSource source) throws IOException {
    return read(source, false);
  }

  /** Reads the header of a file that was not closed: records go on to its end. */
  public static FileHeader readUnclosed(ByteSource source) throws IOException {
    return read(source, true);
  }

  private static FileHeader read(ByteSource source, boolean isUnclosed) throws IOException {
    long size = source.size();
    String name = source.name();
    if (size == 0) {
      throw new RootFormatException(name + ": the file is empty");
    }
    byte[] bytes = new byte[(int) Math.min(LARGE_BYTES, size)];
    source.readFully(0, ByteBuffer.wrap(bytes));
    if (bytes.length < 4
        || bytes[0] != 'r'
        || bytes[1] != 'o'
        || bytes[2] != 'o'
        || bytes[3] != 't') {
      throw new RootFormatException(name + ": not a ROOT file: it does not begin with \"root\"");
    }
    if (bytes.length < SMALL_BYTES) {
      throw new RootFormatException(
          name + ": truncated: it has " + size + " bytes, less than the header of a ROOT file");
    }
    Cursor in = new Cursor(name + ": file header", bytes);
    in.skip(4);
    int fileVersion = in.i32();
    boolean large = fileVersion >= LARGE_VERSION;
    if (large && bytes.length < LARGE_BYTES) {
      throw new RootFormatException(
          name + ": truncated: it has " + size + " bytes, less than the header of a ROOT file");
    }
    long begin = in.i32() & 0xffffffffL;
    long end = large ? in.i64() : in.i32() & 0xffffffffL;
    in.skip(large ? 8 : 4); // fSeekFree
    in.skip(8); // fNbytesFree, nfree
    int nameBytes = in.i32();
    in.skip(1); // fUnits: the version alone decides
    int compression = in.i32();
    long infoPosition = large ? in.i64() : in.i32() & 0xffffffffL;
    int infoBytes = in.i32();
    in.skip(2);
    StringBuilder uuid = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      uuid.append(String.format(Locale.ROOT, "%02x", in.u8()));
    }
    if (isUnclosed) {
      end = size;
    }
    if (end > size) {
      throw new RootFormatException(
          name
              + ": truncated: the header says "
              + end
              + " bytes, but there are "
              + size
              + "; fetch the file again");
    }
    if (begin < SMALL_BYTES || begin >= end) {
      throw new RootFormatException(
          name + ": the header says that records begin at byte " + begin + " and end at " + end);
    }
    return new FileHeader(
        large ? fileVersion - LARGE_VERSION : fileVersion,
        large,
        begin,
        end,
        nameBytes,
        compression,
        infoPosition,
        infoBytes,
        uuid.toString());
  }
}
