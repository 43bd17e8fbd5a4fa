package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Bytes of one file, read by position: a local file, a Beam channel, memory. Implementations may be
 * used by several threads at once.
 */
public interface ByteSource extends Closeable {

  /** Name for messages, such as the path as the user gave it. */
  String name();

  /** Number of bytes. */
  long size() throws IOException;

  /**
   * Fills {@code target} from its position to its limit with the bytes from {@code position} on.
   *
   * @throws java.io.EOFException when the source ends before
   */
  void readFully(long position, ByteBuffer target) throws IOException;

  /**
   * A part of the bytes, to be read.
   *
   * @param position of its first byte
   * @param target filled from its position to its limit
   */
  record Part(long position, ByteBuffer target) {}

  /**
   * Reads several parts, in as few requests as the source allows. They may come in any order and
   * overlap; no more memory is taken than about what they ask for. After an exception the targets
   * hold anything.
   *
   * @throws java.io.EOFException when the source ends before the end of a part
   */
  default void readVectored(List<Part> parts) throws IOException {
    for (Part part : parts) {
      readFully(part.position(), part.target());
    }
  }

  /**
   * Whether a read costs a round trip over a network. Readers then gather what they are about to
   * need and ask for it with {@link #readVectored}.
   */
  default boolean isRemote() {
    return false;
  }

  /** A local file, read with positioned reads. */
  static ByteSource ofFile(Path path) throws IOException {
    return FileByteSource.open(path);
  }

  /** Bytes in memory, which are not copied. */
  static ByteSource ofBytes(String name, byte[] bytes) {
    return new MemoryByteSource(name, bytes);
  }
}
