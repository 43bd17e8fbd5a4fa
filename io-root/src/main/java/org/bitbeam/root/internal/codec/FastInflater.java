package org.bitbeam.root.internal.codec;

import com.intel.gkl.compression.IntelInflater;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.Adler32;

/**
 * Decompresses blocks of zlib (RFC 1950) by Intel's ISA-L, which is faster than zlib, where its
 * library can be loaded (on x86-64). Only a block that comes out with the right size and checksum
 * counts; any other is left to zlib itself, whose verdict is the one that users see. For one
 * thread.
 */
final class FastInflater implements AutoCloseable {
  private static final int HEADER_BYTES = 2;
  private static final int CHECKSUM_BYTES = 4;
  private static final int DEFLATE = 8;
  private static final int PRESET_DICTIONARY = 0x20;

  /** Its loader reports each success; kept here because loggers are weakly referenced. */
  private static final Logger LOADER = Logger.getLogger("com.intel.gkl");

  static final boolean AVAILABLE = load();

  private final IntelInflater inflater = new IntelInflater();
  private final Adler32 adler = new Adler32();

  private static boolean load() {
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!machine.equals("amd64") && !machine.equals("x86_64")) {
      return false;
    }
    if (LOADER.getLevel() == null) {
      LOADER.setLevel(Level.SEVERE);
    }
    return new IntelInflater().load(null);
  }

  /**
   * Fills {@code out[to .. to + size)} from the zlib stream {@code in[from .. from + length)}.
   *
   * @return whether exactly these bytes came out, with the checksum that the stream ends with;
   *     otherwise their content is undefined
   */
  boolean inflate(byte[] in, int from, int length, byte[] out, int to, int size) {
    int body = length - HEADER_BYTES - CHECKSUM_BYTES;
    if (body <= 0 || !isHeader(in[from] & 0xff, in[from + 1] & 0xff)) {
      return false;
    }
    try {
      inflater.reset();
      inflater.setInput(in, from + HEADER_BYTES, body);
      if (inflater.inflate(out, to, size) != size) {
        return false;
      }
    } catch (RuntimeException damaged) {
      return false; // its way to say so
    }
    adler.reset();
    adler.update(out, to, size);
    int stored = 0;
    for (int i = from + length - CHECKSUM_BYTES; i < from + length; i++) {
      stored = stored << 8 | (in[i] & 0xff);
    }
    return stored == (int) adler.getValue();
  }

  private static boolean isHeader(int method, int flags) {
    return (method & 0xf) == DEFLATE
        && (method << 8 | flags) % 31 == 0
        && (flags & PRESET_DICTIONARY) == 0;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
