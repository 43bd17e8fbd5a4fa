package org.bitbeam.root;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts requests and bytes; can claim to be remote. */
final class CountingSource implements ByteSource {
  private final ByteSource source;
  private final boolean isRemote;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  CountingSource(ByteSource source, boolean isRemote) {
    this.source = source;
    this.isRemote = isRemote;
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
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
    requests.incrementAndGet();
    bytes.addAndGet(target.remaining());
    source.readFully(position, target);
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    requests.incrementAndGet();
    bytes.addAndGet(parts.stream().mapToLong(p -> p.target().remaining()).sum());
    source.readVectored(parts);
  }

  @Override
  public boolean isRemote() {
    return isRemote;
  }

  @Override
  public ByteSource sibling(String name) throws IOException {
    return source.sibling(name);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
