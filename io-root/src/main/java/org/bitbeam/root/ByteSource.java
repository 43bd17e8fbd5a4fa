package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

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

  /** A local file, read with positioned reads. */
  static ByteSource ofFile(Path path) throws IOException {
    return FileByteSource.open(path);
  }

  /** Bytes in memory, which are not copied. */
  static ByteSource ofBytes(String name, byte[] bytes) {
    return new MemoryByteSource(name, bytes);
  }
}
