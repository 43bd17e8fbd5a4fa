package org.bitbeam.beam;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.RemoteOptions;

/**
 * A file of any Beam file system, or at an address that io-root reads itself; local files are read
 * without a channel of Beam's.
 */
final class BeamByteSource implements ByteSource {
  private final String name;
  private final SeekableByteChannel channel;

  private BeamByteSource(String name, SeekableByteChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  static ByteSource open(String file) throws IOException {
    if (ByteSource.isRemoteAddress(file)) {
      return ByteSource.open(file, RemoteOptions.ofEnvironment(System.getenv()));
    }
    ResourceId resource = FileSystems.matchNewResource(file, false);
    if (resource.getScheme().equals("file")) {
      return ByteSource.ofFile(Path.of(resource.toString()));
    }
    ReadableByteChannel channel = FileSystems.open(resource);
    if (!(channel instanceof SeekableByteChannel seekable)) {
      channel.close();
      throw new IOException(
          file
              + ": the file system "
              + resource.getScheme()
              + " cannot read at a position; copy the file to another one first");
    }
    return new BeamByteSource(file, seekable);
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
  public synchronized void readFully(long position, ByteBuffer target) throws IOException {
    channel.position(position);
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException(name + ": the file ends before byte " + (position + target.limit()));
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
