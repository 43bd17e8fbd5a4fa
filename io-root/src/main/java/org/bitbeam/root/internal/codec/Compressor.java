package org.bitbeam.root.internal.codec;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;
import org.bitbeam.root.Compression;
import org.jspecify.annotations.Nullable;

/**
 * Compresses one payload after the other with the same compressors, which are costly to make. For
 * one thread. After {@link #close} the next payload makes them anew.
 */
public final class Compressor implements AutoCloseable {
  private static final int MAX_BLOCK_BYTES = 0xffffff;

  private @Nullable FastDeflater fastZlib;
  private @Nullable Deflater zlib;
  private @Nullable ZstdCompressCtx zstd;
  private int zlibLevel;
  private byte[] room = new byte[0];

  FastDeflater fastZlib() {
    if (fastZlib == null) {
      fastZlib = new FastDeflater();
    }
    return fastZlib;
  }

  Deflater zlib(int level) {
    if (zlib != null && zlibLevel == level) {
      zlib.reset();
      return zlib;
    }
    if (zlib != null) {
      zlib.end();
    }
    zlibLevel = level;
    zlib = new Deflater(level);
    return zlib;
  }

  ZstdCompressCtx zstd(int level) {
    if (zstd == null) {
      zstd = new ZstdCompressCtx();
    }
    return zstd.setLevel(level);
  }

  /** At least so many bytes, which hold anything. */
  byte[] room(int bytes) {
    if (room.length < bytes) {
      room = new byte[bytes];
    }
    return room;
  }

  /**
   * The frames for {@code in[from .. from + length)}, or null when they would not be smaller than
   * that.
   */
  public byte @Nullable [] compress(byte[] in, int from, int length, Compression how) {
    Codec codec =
        switch (how.algorithm()) {
          case NONE -> null;
          case ZLIB -> Codec.ZLIB;
          case LZMA -> Codec.LZMA;
          case LZ4 -> Codec.LZ4;
          case ZSTD -> Codec.ZSTD;
        };
    if (codec == null || length == 0) {
      return null;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length / 2 + 64);
    for (int done = 0; done < length; ) {
      int size = Math.min(MAX_BLOCK_BYTES, length - done);
      byte[] block = codec.compress(this, in, from + done, size, how.level());
      if (block == null || block.length > MAX_BLOCK_BYTES) {
        return null;
      }
      out.write(codec.first());
      out.write(codec.second());
      out.write(codec.method());
      u24(out, block.length);
      u24(out, size);
      out.write(block, 0, block.length);
      done += size;
      if (out.size() >= length) {
        return null;
      }
    }
    return out.toByteArray();
  }

  private static void u24(ByteArrayOutputStream out, int value) {
    out.write(value);
    out.write(value >> 8);
    out.write(value >> 16);
  }

  @Override
  public void close() {
    fastZlib = null;
    if (zlib != null) {
      zlib.end();
      zlib = null;
    }
    if (zstd != null) {
      zstd.close();
      zstd = null;
    }
  }
}
