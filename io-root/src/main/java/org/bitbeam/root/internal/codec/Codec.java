package org.bitbeam.root.internal.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/**
 * One block codec of ROOT, with the two letters and the method byte of its frames. {@code
 * decompress} fills exactly the given range or throws {@link BadBlockException}; it never writes
 * outside of it.
 */
enum Codec {
  ZLIB('Z', 'L', 8, 1_100) {
    @Override
    void decompress(
        Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
        throws BadBlockException {
      FastInflater fast = with.fastZlib();
      if (fast == null || !fast.inflate(in, from, length, out, to, size)) {
        inflate(with.zlib(), in, from, length, out, to, size);
      }
    }

    @Override
    byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level) {
      byte[] out = with.room(length + length / 1_000 + 64); // whatever it is compressed to
      if (level == 1) {
        return Arrays.copyOf(out, with.fastZlib().deflate(in, from, length, out));
      }
      Deflater deflater = with.zlib(level);
      deflater.setInput(in, from, length);
      deflater.finish();
      return Arrays.copyOf(out, deflater.deflate(out));
    }
  },
  /** Deflate without a zlib header, of ROOT before version 4; never written. */
  OLD_DEFLATE('C', 'S', 8, 1_100) {
    @Override
    void decompress(
        Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
        throws BadBlockException {
      inflate(with.deflate(), in, from, length, out, to, size);
    }

    @Override
    byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level) {
      return null;
    }
  },
  LZMA('X', 'Z', 0, 20_000) {
    @Override
    void decompress(
        Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
        throws BadBlockException {
      try (XZInputStream xz =
          new XZInputStream(new ByteArrayInputStream(in, from, length), LZMA_MEMORY_KIB)) {
        int read = xz.readNBytes(out, to, size);
        if (read != size || xz.read() >= 0) {
          throw new BadBlockException("decompresses to another size than " + size + " bytes", null);
        }
      } catch (IOException e) {
        throw new BadBlockException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(length / 2 + 64);
      try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(level))) {
        xz.write(in, from, length);
      } catch (IOException e) {
        throw new IllegalStateException("compressing to memory", e);
      }
      return out.toByteArray();
    }
  },
  LZ4('L', '4', 1, 256) {
    @Override
    void decompress(
        Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
        throws BadBlockException {
      if (length < LZ4_CHECKSUM_BYTES) {
        throw new BadBlockException("has no room for its checksum", null);
      }
      long stored = 0;
      for (int i = 0; i < LZ4_CHECKSUM_BYTES; i++) {
        stored = stored << 8 | (in[from + i] & 0xff);
      }
      int body = from + LZ4_CHECKSUM_BYTES;
      if (XXH64.hash(in, body, length - LZ4_CHECKSUM_BYTES, 0) != stored) {
        throw new BadBlockException("does not have the checksum that is stored with it", null);
      }
      try {
        int written =
            LZ4_CODECS
                .safeDecompressor()
                .decompress(in, body, length - LZ4_CHECKSUM_BYTES, out, to, size);
        if (written != size) {
          throw new BadBlockException(
              "decompresses to " + written + " bytes instead of " + size, null);
        }
      } catch (LZ4Exception e) {
        throw new BadBlockException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level) {
      // Levels up to 3 are the fast compressor, as in ROOT.
      byte[] block =
          (level <= 3 ? LZ4_CODECS.fastCompressor() : LZ4_CODECS.highCompressor(level))
              .compress(in, from, length);
      long hash = XXH64.hash(block, 0, block.length, 0);
      byte[] out = new byte[LZ4_CHECKSUM_BYTES + block.length];
      for (int i = 0; i < LZ4_CHECKSUM_BYTES; i++) {
        out[i] = (byte) (hash >>> (56 - 8 * i));
      }
      System.arraycopy(block, 0, out, LZ4_CHECKSUM_BYTES, block.length);
      return out;
    }
  },
  ZSTD('Z', 'S', 1, 40_000) {
    @Override
    void decompress(
        Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
        throws BadBlockException {
      try {
        int written = with.zstd().decompressByteArray(out, to, size, in, from, length);
        if (written != size) {
          throw new BadBlockException(
              "decompresses to " + written + " bytes instead of " + size, null);
        }
      } catch (ZstdException e) {
        throw new BadBlockException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level) {
      // ROOT's levels 1 to 9 are doubled for Zstandard.
      byte[] out = with.room((int) Zstd.compressBound(length));
      int size = with.zstd(2 * level).compressByteArray(out, 0, out.length, in, from, length);
      return Arrays.copyOf(out, size);
    }
  };

  private static final int LZ4_CHECKSUM_BYTES = 8;
  private static final int LZMA_MEMORY_KIB = 256 * 1024;
  private static final LZ4Factory LZ4_CODECS = LZ4Factory.fastestInstance();
  private static final XXHash64 XXH64 = XXHashFactory.fastestInstance().hash64();

  private final byte first;
  private final byte second;
  private final byte method;
  private final int maxRatio;

  Codec(char first, char second, int method, int maxRatio) {
    this.first = (byte) first;
    this.second = (byte) second;
    this.method = (byte) method;
    this.maxRatio = maxRatio;
  }

  /**
   * Fills {@code out[to .. to + size)} from the block {@code in[from .. from + length)}.
   *
   * @param with the decompressors of this thread
   */
  abstract void decompress(
      Decompressor with, byte[] in, int from, int length, byte[] out, int to, int size)
      throws BadBlockException;

  /**
   * The block for {@code in[from .. from + length)}, whatever its size; null when this codec is not
   * written.
   */
  abstract byte @Nullable [] compress(Compressor with, byte[] in, int from, int length, int level);

  byte first() {
    return first;
  }

  byte second() {
    return second;
  }

  byte method() {
    return method;
  }

  /** No block of this codec can become more than this many times larger. */
  int maxRatio() {
    return maxRatio;
  }

  /** The codec of a frame that begins at {@code in[at]}; null when the letters are unknown. */
  static @Nullable Codec of(byte[] in, int at) {
    for (Codec codec : values()) {
      if (in[at] == codec.first && in[at + 1] == codec.second) {
        return codec;
      }
    }
    return null;
  }

  private static void inflate(
      Inflater inflater, byte[] in, int from, int length, byte[] out, int to, int size)
      throws BadBlockException {
    try {
      inflater.reset();
      inflater.setInput(in, from, length);
      int done = 0;
      while (done < size) {
        int step = inflater.inflate(out, to + done, size - done);
        if (step == 0) {
          break;
        }
        done += step;
      }
      // One more byte must not come; asking for it also verifies the checksum at the end.
      if (done != size || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
        throw new BadBlockException("decompresses to another size than " + size + " bytes", null);
      }
    } catch (DataFormatException e) {
      throw new BadBlockException(String.valueOf(e.getMessage()), e);
    }
  }
}
