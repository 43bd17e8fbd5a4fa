package org.bitbeam.beam;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;
import org.bitbeam.root.ByteSource;

/** Counts the bytes that are read. */
final class CountingByteSource implements ByteSource {
  private final ByteSource source;
  private final LongConsumer counter;

  CountingByteSource(ByteSource source, LongConsumer counter) {
    this.source = source;
    this.counter = counter;
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
    int bytes = target.remaining();
    source.readFully(position, target);
    counter.accept(bytes);
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    long bytes = 0;
    for (Part part : parts) {
      bytes += part.target().remaining();
    }
    source.readVectored(parts);
    counter.accept(bytes);
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
