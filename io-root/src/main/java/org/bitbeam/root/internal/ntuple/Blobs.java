package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.codec.Frames;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.file.Workspace;

/** Reads the parts of an RNTuple: pieced together, decompressed, their checksums verified. */
final class Blobs {
  private static final int ENVELOPE_BYTES = 16;
  private static final int TYPE_BITS = 16;

  private final Records records;
  private final long maxKeyBytes;

  Blobs(Records records, long maxKeyBytes) {
    this.records = records;
    this.maxKeyBytes = maxKeyBytes;
  }

  Records records() {
    return records;
  }

  /** The same for one read; see {@link Records#gathered}. */
  Blobs gathered(List<Records.Extent> extents) {
    return new Blobs(records.gathered(extents), maxKeyBytes);
  }

  /** Bytes that lie in one piece; longer parts are cut. */
  long largestRecord() {
    return maxKeyBytes <= 0 ? Long.MAX_VALUE : maxKeyBytes;
  }

  /** Kinds of envelopes. */
  enum Kind {
    HEADER(1),
    FOOTER(2),
    PAGE_LIST(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /**
   * An envelope.
   *
   * @param in its contents
   * @param checksum of all of it
   */
  record Envelope(LittleCursor in, long checksum) {}

  Envelope envelope(String context, Kind kind, Anchor.Location where) throws IOException {
    if (where.length() < ENVELOPE_BYTES
        || where.length() > records.limits().maxObjectBytes()
        || where.stored() > where.length()) {
      throw new RootFormatException(
          context
              + ": said to have "
              + where.length()
              + " bytes, of which "
              + where.stored()
              + " are stored; the limit is "
              + records.limits().maxObjectBytes());
    }
    byte[] stored = bytes(context, where.position(), where.stored());
    int length = (int) where.length();
    byte[] bytes =
        stored.length == length
            ? stored
            : Frames.decompress(
                context, stored, 0, stored.length, length, records.limits().maxRatio());
    if (!Checksum.follows(bytes, 0, length - Checksum.BYTES)) {
      throw new RootFormatException(
          context + ": it does not have the checksum that is stored with it; fetch the file again");
    }
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long preamble = words.getLong(0);
    if ((preamble & (1 << TYPE_BITS) - 1) != kind.code || preamble >>> TYPE_BITS != length) {
      throw new RootFormatException(
          context
              + ": it begins as an envelope of type "
              + (preamble & (1 << TYPE_BITS) - 1)
              + " with "
              + (preamble >>> TYPE_BITS)
              + " bytes, expected type "
              + kind.code
              + " with "
              + length);
    }
    return new Envelope(
        new LittleCursor(context, bytes, Long.BYTES, length - Checksum.BYTES),
        words.getLong(length - Checksum.BYTES));
  }

  /** The same as {@link #bytes}, where it can in memory of the workspace, with more behind. */
  byte[] bytes(String context, long position, long length, Workspace work) throws IOException {
    return maxKeyBytes <= 0 || length <= maxKeyBytes
        ? records.bytes(context, position, length, work)
        : bytes(context, position, length);
  }

  /** Bytes at a position, which lie in several records when they are more than fit into one. */
  byte[] bytes(String context, long position, long length) throws IOException {
    if (maxKeyBytes <= 0 || length <= maxKeyBytes) {
      return records.bytes(context, position, length);
    }
    if (length > records.limits().maxObjectBytes()) {
      throw new RootFormatException(
          context + ": " + length + " bytes, the limit is " + records.limits().maxObjectBytes());
    }
    // The first record ends with the positions of the others.
    long pieces = (length + maxKeyBytes - 1) / maxKeyBytes;
    long positions = (pieces - 1) * Long.BYTES;
    long tail = length % maxKeyBytes;
    if (tail == 0 ? positions > 0 : tail + positions > maxKeyBytes) {
      pieces++;
      positions += Long.BYTES;
    }
    long first = maxKeyBytes - positions;
    if (first <= 0) {
      throw new RootFormatException(
          context + ": " + length + " bytes in records of " + maxKeyBytes + " bytes");
    }
    byte[] head = records.bytes(context, position, maxKeyBytes);
    byte[] all = java.util.Arrays.copyOf(head, (int) length);
    LittleCursor in = new LittleCursor(context, head, (int) first, head.length);
    int done = (int) first;
    while (done < length) {
      byte[] piece = records.bytes(context, in.i64(), Math.min(maxKeyBytes, length - done));
      System.arraycopy(piece, 0, all, done, piece.length);
      done += piece.length;
    }
    return all;
  }
}
