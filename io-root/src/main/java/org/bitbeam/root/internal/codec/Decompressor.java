package org.bitbeam.root.internal.codec;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.zip.Inflater;
import org.bitbeam.root.RootFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses one payload after the other with the same native decompressors, which are costly to
 * make. For one thread.
 */
public final class Decompressor implements AutoCloseable {
  private @Nullable FastInflater fast;
  private @Nullable Inflater zlib;
  private @Nullable Inflater deflate;
  private @Nullable ZstdDecompressCtx zstd;

  /** Null where it cannot run. */
  @Nullable FastInflater fastZlib() {
    if (fast == null && FastInflater.AVAILABLE) {
      fast = new FastInflater();
    }
    return fast;
  }

  Inflater zlib() {
    if (zlib == null) {
      zlib = new Inflater();
    }
    return zlib;
  }

  Inflater deflate() {
    if (deflate == null) {
      deflate = new Inflater(true);
    }
    return deflate;
  }

  ZstdDecompressCtx zstd() {
    if (zstd == null) {
      zstd = new ZstdDecompressCtx();
    }
    return zstd;
  }

  /**
   * Fills {@code out[0 .. size)} from the frames {@code in[from .. from + length)}, which must have
   * been checked.
   *
   * @param context file and object, for messages
   * @param out at least {@code size} bytes, allocated after {@link Frames#check}
   */
  public void decompress(String context, byte[] in, int from, byte[] out, int size) {
    int at = from;
    for (int done = 0; done < size; ) {
      Codec codec = Frames.codecAt(context, in, at);
      int stored = Frames.storedBytes(in, at);
      int unpacked = Frames.unpackedBytes(in, at);
      at += Frames.HEADER_BYTES;
      try {
        codec.decompress(this, in, at, stored, out, done, unpacked);
      } catch (BadBlockException e) {
        throw new RootFormatException(
            context
                + ": a "
                + codec
                + " block of "
                + stored
                + " bytes is damaged ("
                + e.getMessage()
                + "); fetch the file again",
            e);
      }
      at += stored;
      done += unpacked;
    }
  }

  @Override
  public void close() {
    if (fast != null) {
      fast.close();
    }
    if (zlib != null) {
      zlib.end();
    }
    if (deflate != null) {
      deflate.end();
    }
    if (zstd != null) {
      zstd.close();
    }
  }
}
