package org.bitbeam.beam;

import java.io.IOException;
import java.nio.ByteBuffer;
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
  public void close() throws IOException {
    source.close();
  }
}
