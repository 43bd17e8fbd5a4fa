package org.bitbeam.root.internal.remote;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.ByteSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blocks of a remote file: its beginning and end from the first small read on, and what small
 * reads touch, so that directories and headers cost few round trips. Long reads and vectored ones
 * pass through. At most {@value #MOST_BLOCKS} blocks of 64 KiB are kept. Safe for several threads.
 */
final class BlockCache implements ByteSource {
  static final int BLOCK_BYTES = 64 << 10;
  private static final int MOST_BLOCKS = 24;
  private static final int END_BLOCKS = 4;
  private static final int SMALL_READ = 32 << 10;

  private final ByteSource source;
  private final long size;
  private final Map<Long, byte[]> blocks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > MOST_BLOCKS;
        }
      };

  private boolean hasEnds;

  private BlockCache(ByteSource source, long size) {
    this.source = source;
    this.size = size;
  }

  static BlockCache of(ByteSource source) throws IOException {
    return new BlockCache(source, source.size());
  }

  /** Reads the beginning and the end of the file with one request, once. */
  private synchronized void loadEnds() throws IOException {
    if (hasEnds) {
      return;
    }
    long count = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
    List<Long> wanted = new ArrayList<>();
    for (long block = 0; block < count; block++) {
      if (block == 0 || block >= count - END_BLOCKS) {
        wanted.add(block);
      }
      if (block == 0 && count > END_BLOCKS + 1) {
        block = count - END_BLOCKS - 1;
      }
    }
    load(wanted);
    hasEnds = true;
  }

  private void load(List<Long> wanted) throws IOException {
    List<Part> parts = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (long block : wanted) {
      long start = block * BLOCK_BYTES;
      byte[] content = new byte[(int) Math.min(BLOCK_BYTES, size - start)];
      contents.add(content);
      parts.add(new Part(start, ByteBuffer.wrap(content)));
    }
    if (!parts.isEmpty()) {
      source.readVectored(parts);
    }
    synchronized (blocks) {
      for (int i = 0; i < contents.size(); i++) {
        blocks.put(wanted.get(i), contents.get(i));
      }
    }
  }

  private byte @Nullable [] kept(long block) {
    synchronized (blocks) {
      return blocks.get(block);
    }
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    check(position, target);
    if (serve(position, target)) {
      return;
    }
    if (target.remaining() > SMALL_READ) {
      source.readFully(position, target);
      return;
    }
    loadEnds();
    List<Long> missing = new ArrayList<>();
    long last = (position + target.remaining() - 1) / BLOCK_BYTES;
    for (long block = position / BLOCK_BYTES; block <= last; block++) {
      if (kept(block) == null) {
        missing.add(block);
      }
    }
    load(missing);
    if (!serve(position, target)) {
      source.readFully(position, target); // other threads displaced the blocks meanwhile
    }
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    List<Part> rest = new ArrayList<>();
    for (Part part : parts) {
      check(part.position(), part.target());
      if (!serve(part.position(), part.target())) {
        rest.add(part);
      }
    }
    if (!rest.isEmpty()) {
      source.readVectored(rest);
    }
  }

  private void check(long position, ByteBuffer target) throws EOFException {
    if (position < 0 || position > size - target.remaining()) {
      throw new EOFException(name() + ": the file ends at byte " + size + ", more was expected");
    }
  }

  /** Fills the target if all its blocks are kept. */
  private boolean serve(long position, ByteBuffer target) {
    if (!target.hasRemaining()) {
      return true;
    }
    long end = position + target.remaining();
    long first = position / BLOCK_BYTES;
    long last = (end - 1) / BLOCK_BYTES;
    if (last - first >= MOST_BLOCKS) {
      return false;
    }
    List<byte[]> contents = new ArrayList<>();
    for (long block = first; block <= last; block++) {
      byte[] content = kept(block);
      if (content == null) {
        return false;
      }
      contents.add(content);
    }
    int from = (int) (position - first * BLOCK_BYTES);
    for (byte[] content : contents) {
      int some = Math.min(content.length - from, target.remaining());
      target.put(content, from, some);
      from = 0;
    }
    return true;
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
