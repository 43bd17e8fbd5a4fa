package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.internal.bytes.Checksum;

/**
 * A source that verifies, along with its first read, that the file begins as it did before: the
 * header of a ROOT file says where its directory and descriptions lie and who it is. Costs no
 * request of its own. Safe for several threads.
 */
public final class GuardedSource implements ByteSource {
  private final ByteSource source;
  private final long expected;
  private volatile boolean isVerified;

  /**
   * Guards a source.
   *
   * @param expected what {@link #checksum} gave before
   */
  public GuardedSource(ByteSource source, long expected) {
    this.source = source;
    this.expected = expected;
  }

  /** Checksum of the file header. */
  public static long checksum(ByteSource source) throws IOException {
    ByteBuffer header = room(source);
    source.readFully(0, header);
    return Checksum.of(header.array(), 0, header.capacity());
  }

  private static ByteBuffer room(ByteSource source) throws IOException {
    return ByteBuffer.allocate((int) Math.min(FileHeader.LARGE_BYTES, source.size()));
  }

  private void verify(List<Part> parts) throws IOException {
    ByteBuffer header = room(source);
    List<Part> all = new ArrayList<>(parts);
    all.add(0, new Part(0, header));
    source.readVectored(all);
    if (Checksum.of(header.array(), 0, header.capacity()) != expected) {
      throw changed(name(), "its header is another one");
    }
    isVerified = true;
  }

  /** An error that says that the file is not the one that a plan was made for. */
  public static IOException changed(String name, String how) {
    return new IOException(
        name
            + ": the file was changed while it was being read: "
            + how
            + " than when the reading was planned; plan again");
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public long size() throws IOException {
    return source.size();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    if (isVerified) {
      source.readFully(position, target);
    } else {
      verify(List.of(new Part(position, target)));
    }
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    if (isVerified) {
      source.readVectored(parts);
    } else {
      verify(parts);
    }
  }

  @Override
  public boolean isRemote() {
    return source.isRemote();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
