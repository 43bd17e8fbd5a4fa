package org.bitbeam.root;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A local file; positioned reads share no state, so threads need no lock. */
final class FileByteSource implements ByteSource {
  private final Path path;
  private final String name;
  private final FileChannel channel;

  private FileByteSource(Path path, FileChannel channel) {
    this.path = path;
    this.name = path.toString();
    this.channel = channel;
  }

  static FileByteSource open(Path path) throws IOException {
    return new FileByteSource(path, FileChannel.open(path, StandardOpenOption.READ));
  }

  @Override
  public ByteSource sibling(String other) throws IOException {
    boolean isPlainName = other.matches("[^/\\\\:\\x00]+") && !other.matches("\\.+");
    Path beside = isPlainName ? path.resolveSibling(other) : path;
    if (!isPlainName || !Files.isRegularFile(beside, LinkOption.NOFOLLOW_LINKS)) {
      throw new UnsupportedRootException(
          name
              + ": it keeps data in another file, "
              + other
              + ", which is no plain file in the same folder; put it there, or merge the files with"
              + " hadd first");
    }
    return open(beside);
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
