package org.bitbeam.root.internal.file;

import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Header in front of every record of a ROOT file (ROOT: {@code TKey}).
 *
 * @param storedBytes header and payload as they lie in the file (fNbytes)
 * @param version above 1000: positions take 64 bits
 * @param objectBytes payload after decompression (fObjlen)
 * @param date when written, in ROOT's packing (fDatime)
 * @param headerBytes length of this header (fKeylen)
 * @param cycle number that tells keys of one name apart
 * @param position of the record in the file (fSeekKey)
 * @param directory position of its directory (fSeekPdir)
 */
public record KeyHeader(
    int storedBytes,
    int version,
    int objectBytes,
    int date,
    int headerBytes,
    int cycle,
    long position,
    long directory,
    String className,
    String name,
    String title) {

  /** Reads a header; lengths are checked for sense, not yet against the file. */
  public static KeyHeader read(Cursor in) {
    int storedBytes = in.i32();
    int version = in.u16();
    int objectBytes = in.i32();
    int date = in.i32();
    int headerBytes = in.u16();
    int cycle = in.u16();
    boolean large = version > 1000;
    long position = large ? in.i64() : in.i32();
    long directory = large ? in.i64() : in.i32();
    KeyHeader key =
        new KeyHeader(
            storedBytes,
            version,
            objectBytes,
            date,
            headerBytes,
            cycle,
            position,
            directory,
            in.string(),
            in.string(),
            in.string());
    if (objectBytes < 0 || position < 0) {
      throw in.malformed(
          "key \""
              + key.name
              + "\" claims an object of "
              + objectBytes
              + " bytes at position "
              + position);
    }
    return key;
  }

  /** Whether the payload is compressed: a record that did not get smaller is stored as it is. */
  public boolean isCompressed() {
    return objectBytes > payloadBytes();
  }

  /** Bytes of the payload as they lie in the file. */
  public int payloadBytes() {
    return storedBytes - headerBytes;
  }

  /** Bytes of a header with these strings. */
  public static int bytesFor(boolean large, String className, String name, String title) {
    return (large ? 34 : 26) + stringBytes(className) + stringBytes(name) + stringBytes(title);
  }

  private static int stringBytes(String text) {
    int length = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    return length + (length < 255 ? 1 : 5);
  }
}
