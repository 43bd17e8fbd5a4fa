package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Reads records of one file: checked against its length and the limits. Safe for several threads.
 */
public final class Records {
  private final ByteSource source;
  private final long end;
  private final ReadLimits limits;
  private final Workspaces workspaces;
  private final Siblings siblings;

  /**
   * Records of {@code source}, none beyond {@code end}.
   *
   * @param end as the file header says it
   */
  public Records(ByteSource source, long end, ReadLimits limits) {
    this(source, end, limits, new Workspaces(limits.maxRatio()), new Siblings(source, limits));
  }

  private Records(
      ByteSource source, long end, ReadLimits limits, Workspaces workspaces, Siblings siblings) {
    this.source = source;
    this.end = end;
    this.limits = limits;
    this.workspaces = workspaces;
    this.siblings = siblings;
  }

  /** Memory to read with; to be closed by the thread that uses it. */
  public Workspace workspace() {
    return workspaces.take();
  }

  /** Frees the memory that is kept for reading and closes siblings. The source stays open. */
  public void close() throws IOException {
    workspaces.close();
    siblings.close();
  }

  /**
   * Records of another file, to which this one refers; see {@link ByteSource#sibling}.
   *
   * @param context for messages
   * @param name as the file says it
   */
  public Records sibling(String context, String name) throws IOException {
    return siblings.open(context, name);
  }

  /** Name of the file, for messages. */
  public String name() {
    return source.name();
  }

  /** Bounds on what may be allocated. */
  public ReadLimits limits() {
    return limits;
  }

  /**
   * Bytes that are about to be read.
   *
   * @param position of the first
   * @param length number of bytes
   */
  public record Extent(long position, int length) {}

  /** Whether a read costs a round trip, so that {@link #gathered} saves time. */
  public boolean isRemote() {
    return source.isRemote();
  }

  /**
   * The same records for one read, which fetches these extents together when the first of them is
   * asked for. Everything else is read as before, and all of a source that is not remote.
   *
   * @param extents in the order of their use; wrong ones are left to the checks of {@link #bytes}
   */
  public Records gathered(List<Extent> extents) {
    if (!isRemote()) {
      return this;
    }
    List<Extent> valid = new ArrayList<>();
    for (Extent extent : extents) {
      if (extent.position() >= 0
          && extent.length() > 0
          && extent.length() <= limits.maxObjectBytes()
          && extent.position() <= end - extent.length()) {
        valid.add(extent);
      }
    }
    return valid.size() < 2
        ? this
        : new Records(new GatheredSource(source, valid), end, limits, workspaces, siblings);
  }

  /** {@code length} bytes from {@code position} on. */
  public byte[] bytes(String context, long position, long length) throws IOException {
    check(context, position, length);
    byte[] result = new byte[(int) length];
    source.readFully(position, ByteBuffer.wrap(result));
    return result;
  }

  /** The same in memory of the workspace, which has more bytes behind them. */
  public byte[] bytes(String context, long position, long length, Workspace work)
      throws IOException {
    check(context, position, length);
    byte[] result = work.stored((int) length);
    source.readFully(position, ByteBuffer.wrap(result, 0, (int) length));
    return result;
  }

  private void check(String context, long position, long length) {
    if (position < 0 || length < 0 || position > end - length) {
      throw new RootFormatException(
          context
              + ": said to lie at bytes "
              + position
              + " to "
              + (position + length)
              + ", but the file ends at "
              + end);
    }
    if (length > limits.maxObjectBytes()) {
      throw new RootFormatException(
          context + ": " + length + " bytes, the limit is " + limits.maxObjectBytes());
    }
  }

  /**
   * The payload of the record at {@code position}, decompressed; positions count from the start of
   * the key, as ROOT's references do.
   *
   * @param stored length of the whole record, as a directory or a branch says
   */
  public Cursor payload(String context, long position, int stored) throws IOException {
    byte[] raw = bytes(context, position, stored);
    KeyHeader key = KeyHeader.read(new Cursor(context, raw));
    checkLengths(context, key, stored);
    try (Workspace work = workspace()) {
      byte[] payload = unpack(context, raw, key, work, true);
      return new Cursor(context, payload, 0, payload.length, key.headerBytes());
    }
  }

  /**
   * The payload of a record whose bytes are already there.
   *
   * @param keep whether it is to outlive the workspace; otherwise it may be followed by more bytes
   */
  public byte[] unpack(String context, byte[] raw, KeyHeader key, Workspace work, boolean keep) {
    if (key.objectBytes() > limits.maxObjectBytes()) {
      throw new RootFormatException(
          context
              + ": an object of "
              + key.objectBytes()
              + " bytes, the limit is "
              + limits.maxObjectBytes());
    }
    if (key.isCompressed()) {
      return work.unpack(
          context, raw, key.headerBytes(), key.payloadBytes(), key.objectBytes(), keep);
    }
    if (key.payloadBytes() < key.objectBytes()) {
      throw new RootFormatException(
          context
              + ": "
              + key.objectBytes()
              + " bytes expected, "
              + key.payloadBytes()
              + " are stored");
    }
    return java.util.Arrays.copyOfRange(
        raw, key.headerBytes(), key.headerBytes() + key.objectBytes());
  }

  /**
   * Checks the lengths in a key against the bytes that a directory or branch gives to its record.
   */
  public static void checkLengths(String context, KeyHeader key, int stored) {
    if (key.storedBytes() != stored
        || key.headerBytes() < 26
        || key.headerBytes() > key.storedBytes()) {
      throw new RootFormatException(
          context
              + ": its key says "
              + key.storedBytes()
              + " bytes with a header of "
              + key.headerBytes()
              + ", expected "
              + stored
              + " bytes");
    }
  }
}
