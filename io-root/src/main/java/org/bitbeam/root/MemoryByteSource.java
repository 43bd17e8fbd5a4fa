package org.bitbeam.root;

import java.io.EOFException;
import java.nio.ByteBuffer;

/** Bytes in memory. */
final class MemoryByteSource implements ByteSource {
  private final String name;
  private final byte[] bytes;

  MemoryByteSource(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws EOFException {
    if (position < 0 || position > bytes.length - target.remaining()) {
      throw new EOFException(
          name + ": the file ends at byte " + bytes.length + ", more was expected");
    }
    target.put(bytes, (int) position, target.remaining());
  }

  @Override
  public void close() {}
}
