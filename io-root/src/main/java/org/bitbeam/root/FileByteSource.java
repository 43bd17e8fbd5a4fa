package org.bitbeam.root;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A local file; positioned reads share no state, so threads need no lock. */
final class FileByteSource implements ByteSource {
  private final String name;
  private final FileChannel channel;

  private FileByteSource(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  static FileByteSource open(Path path) throws IOException {
    return new FileByteSource(path.toString(), FileChannel.open(path, StandardOpenOption.READ));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int read = channel.read(target, at);
      if (read < 0) {
        throw new EOFException(name + ": the file ends at byte " + at + ", more was expected");
      }
      at += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
