package org.bitbeam.root.internal.file;

import org.bitbeam.root.internal.codec.Decompressor;
import org.bitbeam.root.internal.codec.Frames;

/**
 * Memory and decompressors that reading uses again and again instead of making new ones for every
 * basket or page. For one thread at a time; close it to give it back.
 */
public final class Workspace implements AutoCloseable {
  /** Buffers beyond this are not kept. */
  private static final int LARGEST_KEPT = 4 << 20;

  private static final int SMALLEST = 1 << 16;

  private final Workspaces home;
  private final int maxRatio;
  private final Decompressor decompressor = new Decompressor();
  private byte[] stored = new byte[0];
  private byte[] unpacked = new byte[0];
  private int[] bounds = new int[0];

  Workspace(Workspaces home, int maxRatio) {
    this.home = home;
    this.maxRatio = maxRatio;
  }

  /** Room for {@code length} bytes as the file stores them, and more; holds anything. */
  public byte[] stored(int length) {
    if (stored.length < length) {
      stored = new byte[length > LARGEST_KEPT ? length : roomy(length)];
    }
    return stored;
  }

  /** Room for {@code count} numbers, and more; holds anything. */
  public int[] bounds(int count) {
    if (bounds.length < count) {
      bounds = new int[count > LARGEST_KEPT ? count : roomy(count)];
    }
    return bounds;
  }

  /**
   * Decompresses frames.
   *
   * @param context file and object, for messages
   * @param keep whether the result is to outlive this workspace; otherwise it is written over by
   *     the next call
   * @return {@code size} bytes, and possibly more when they are not kept
   */
  public byte[] unpack(String context, byte[] in, int from, int length, int size, boolean keep) {
    Frames.check(context, in, from, length, size, maxRatio);
    byte[] out;
    if (keep) {
      out = new byte[size];
    } else {
      if (unpacked.length < size) {
        unpacked = new byte[size > LARGEST_KEPT ? size : roomy(size)];
      }
      out = unpacked;
    }
    decompressor.decompress(context, in, from, out, size);
    return out;
  }

  private static int roomy(int length) {
    return Math.max(SMALLEST, length + (length >> 2));
  }

  @Override
  public void close() {
    if (stored.length > 2 * LARGEST_KEPT) {
      stored = new byte[0];
    }
    if (unpacked.length > 2 * LARGEST_KEPT) {
      unpacked = new byte[0];
    }
    if (bounds.length > LARGEST_KEPT) {
      bounds = new int[0];
    }
    home.giveBack(this);
  }

  /** Frees what is not on the heap. */
  void free() {
    decompressor.close();
  }
}
