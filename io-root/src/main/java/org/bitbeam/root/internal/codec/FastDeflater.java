package org.bitbeam.root.internal.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Compresses to zlib's format (RFC 1950, 1951) as fast as its level 1 is meant to be: one earlier
 * place is tried for every four bytes, and the first match is taken. On event data it is faster
 * than zlib and its blocks about as large (docs/performance.md); its bytes do not depend on the
 * zlib that a JDK happens to use. For one thread.
 */
final class FastDeflater {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int HASH_BITS = 15;
  private static final int WINDOW_BITS = 15;
  private static final int SHORTEST = 4;
  private static final int LONGEST = 258;

  /** Symbols of a block: few enough to follow the data, enough to pay for the codes. */
  private static final int BLOCK_SYMBOLS = 16_384;

  private static final int STORED_BYTES = 65_535;

  private static final int END_OF_BLOCK = 256;
  private static final int FIRST_LENGTH = 257;
  private static final int LITERALS_AND_LENGTHS = 286;
  private static final int DISTANCES = 30;

  /** The order in which the lengths of the code of code lengths are stored. */
  private static final byte[] LENGTH_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private static final int REPEAT = 16;
  private static final int ZEROS = 17;
  private static final int MANY_ZEROS = 18;

  /** Of a match's length less 3: symbol less 257; of each symbol: first length, extra bits. */
  private static final byte[] LENGTH_SYMBOL = new byte[256];

  private static final int[] LENGTH_FIRST = new int[29];
  private static final byte[] LENGTH_EXTRA = new byte[29];

  /** Of a distance less 1: symbol, below 256 directly, above by its upper bits. */
  private static final byte[] DISTANCE_SYMBOL = new byte[512];

  private static final int[] DISTANCE_FIRST = new int[DISTANCES];
  private static final byte[] DISTANCE_EXTRA = new byte[DISTANCES];

  static {
    int first = 0;
    for (int symbol = 0; symbol < 28; symbol++) {
      LENGTH_EXTRA[symbol] = (byte) (symbol < 8 ? 0 : (symbol - 4) >> 2);
      LENGTH_FIRST[symbol] = first;
      int next = first + (1 << LENGTH_EXTRA[symbol]);
      Arrays.fill(LENGTH_SYMBOL, first, Math.min(next, 255), (byte) symbol);
      first = next;
    }
    LENGTH_FIRST[28] = LONGEST - 3;
    LENGTH_SYMBOL[LONGEST - 3] = 28;
    first = 0;
    for (int symbol = 0; symbol < DISTANCES; symbol++) {
      DISTANCE_EXTRA[symbol] = (byte) (symbol < 4 ? 0 : (symbol - 2) >> 1);
      DISTANCE_FIRST[symbol] = first;
      int next = first + (1 << DISTANCE_EXTRA[symbol]);
      if (next <= 256) {
        Arrays.fill(DISTANCE_SYMBOL, first, next, (byte) symbol);
      } else {
        Arrays.fill(DISTANCE_SYMBOL, 256 + (first >> 7), 256 + (next >> 7), (byte) symbol);
      }
      first = next;
    }
  }

  /** The lower 16 bits of where a hash value was seen last. */
  private final short[] lastSeen = new short[1 << HASH_BITS];

  /** A block as pairs: literals before a match, and the match (distance << 16 | length, or 0). */
  private final int[] literals = new int[BLOCK_SYMBOLS + 1];

  private final int[] matches = new int[BLOCK_SYMBOLS + 1];
  private int pairs;

  private final HuffmanCode symbolCode = new HuffmanCode(LITERALS_AND_LENGTHS, 15);
  private final HuffmanCode distanceCode = new HuffmanCode(DISTANCES, 15);
  private final HuffmanCode lengthCode = new HuffmanCode(LENGTH_ORDER.length, 7);

  /** The two codes' lengths as runs: symbol of the length code, extra value << 8. */
  private final int[] lengthRuns = new int[LITERALS_AND_LENGTHS + DISTANCES];

  private final int[] packedCodes = new int[LITERALS_AND_LENGTHS];
  private final Adler32 checksum = new Adler32();

  private byte[] out = new byte[0];
  private int at;
  private long bits;
  private int bitCount;

  /**
   * Writes the zlib stream of {@code in[from .. from + length)} to the beginning of {@code out}.
   *
   * @param out at least {@code length + length / 1000 + 64} bytes, which hold any stream
   * @return the stream's bytes
   */
  int deflate(byte[] in, int from, int length, byte[] out) {
    this.out = out;
    at = 0;
    bits = 0;
    bitCount = 0;
    int end = from + length;
    put(0x0178, 16); // deflate with a window of 32 kB, fastest; a multiple of 31
    Arrays.fill(lastSeen, (short) from);
    int start = from;
    do {
      int next = findMatches(in, start, end);
      writeBlock(in, start, next, next == end);
      start = next;
    } while (start < end);
    toByte();
    checksum.reset();
    checksum.update(in, from, length);
    put(Integer.reverseBytes((int) checksum.getValue()) & 0xffff, 16);
    put(Integer.reverseBytes((int) checksum.getValue()) >>> 16, 16);
    return at;
  }

  /** Finds the matches of the block that begins at {@code start}; counts its symbols. */
  private int findMatches(byte[] in, int start, int end) {
    int[] symbolCounts = symbolCode.counts;
    int[] distanceCounts = distanceCode.counts;
    Arrays.fill(symbolCounts, 0);
    Arrays.fill(distanceCounts, 0);
    int last = end - Long.BYTES; // from here on only literals
    int stop = Math.min(last, start + BLOCK_SYMBOLS);
    int firstLiteral = start;
    int count = 0;
    int p = start;
    while (p < stop) {
      int four = (int) INT.get(in, p);
      int hash = hash(four);
      int distance = (p - lastSeen[hash]) & 0xffff;
      lastSeen[hash] = (short) p;
      // One branch: other bytes, distance 0, or one beyond the window.
      if (((four ^ (int) INT.get(in, p - distance)) | (distance - 1) >>> WINDOW_BITS) != 0) {
        symbolCounts[four & 0xff]++;
        p++;
        continue;
      }
      int length = matchLength(in, p, p - distance, Math.min(LONGEST, end - p));
      literals[count] = p - firstLiteral;
      matches[count++] = distance << 16 | length;
      symbolCounts[FIRST_LENGTH + LENGTH_SYMBOL[length - 3]]++;
      distanceCounts[distanceSymbol(distance - 1)]++;
      int next = p + length;
      for (int inside = p + 1; inside < Math.min(next, last); inside++) {
        lastSeen[hash((int) INT.get(in, inside))] = (short) inside;
      }
      stop = Math.min(last, stop + length - 1);
      p = next;
      firstLiteral = next;
    }
    if (p >= last) {
      while (p < end) {
        symbolCounts[in[p++] & 0xff]++;
      }
    }
    literals[count] = p - firstLiteral;
    matches[count++] = 0;
    symbolCounts[END_OF_BLOCK]++;
    pairs = count;
    return p;
  }

  private static int hash(int four) {
    return four * 0x9E3779B1 >>> (32 - HASH_BITS);
  }

  private static int matchLength(byte[] in, int a, int b, int longest) {
    int length = SHORTEST;
    while (length <= longest - Long.BYTES) {
      long differ = (long) LONG.get(in, a + length) ^ (long) LONG.get(in, b + length);
      if (differ != 0) {
        return length + (Long.numberOfTrailingZeros(differ) >>> 3);
      }
      length += Long.BYTES;
    }
    while (length < longest && in[a + length] == in[b + length]) {
      length++;
    }
    return length;
  }

  private static int distanceSymbol(int less1) {
    return DISTANCE_SYMBOL[less1 < 256 ? less1 : 256 + (less1 >> 7)];
  }

  /** Writes the block with codes of its own, or as it is when that is shorter. */
  private void writeBlock(byte[] in, int start, int end, boolean isLast) {
    symbolCode.fit();
    distanceCode.fit();
    int symbols = symbolCode.symbols(FIRST_LENGTH);
    int distances = distanceCode.symbols(1);
    int runs = lengthRuns(symbols, distances);
    lengthCode.fit();
    int orders = LENGTH_ORDER.length;
    while (orders > 4 && lengthCode.lengths[LENGTH_ORDER[orders - 1]] == 0) {
      orders--;
    }
    long coded = 3 + 14 + 3L * orders;
    for (int i = 0; i < runs; i++) {
      int symbol = lengthRuns[i] & 0xff;
      coded += lengthCode.lengths[symbol] + extraBits(symbol);
    }
    for (int symbol = 0; symbol < symbols; symbol++) {
      int extra = symbol < FIRST_LENGTH ? 0 : LENGTH_EXTRA[symbol - FIRST_LENGTH];
      coded += (long) symbolCode.counts[symbol] * (symbolCode.lengths[symbol] + extra);
    }
    for (int symbol = 0; symbol < distances; symbol++) {
      int each = distanceCode.lengths[symbol] + DISTANCE_EXTRA[symbol];
      coded += (long) distanceCode.counts[symbol] * each;
    }
    int pieces = Math.max(1, (end - start + STORED_BYTES - 1) / STORED_BYTES);
    long stored = 8L * (end - start) + pieces * 40L;
    if (stored < coded) {
      for (int piece = 0, p = start; piece < pieces; piece++, p += STORED_BYTES) {
        writeStored(in, p, Math.min(STORED_BYTES, end - p), isLast && piece == pieces - 1);
      }
      return;
    }
    put((isLast ? 1 : 0) | 2 << 1, 3);
    put((symbols - FIRST_LENGTH) | (distances - 1) << 5 | (orders - 4) << 10, 14);
    for (int i = 0; i < orders; i++) {
      put(lengthCode.lengths[LENGTH_ORDER[i]], 3);
    }
    for (int i = 0; i < runs; i++) {
      int symbol = lengthRuns[i] & 0xff;
      put(lengthCode.codes[symbol], lengthCode.lengths[symbol]);
      put(lengthRuns[i] >> 8, extraBits(symbol));
    }
    writeSymbols(in, start);
  }

  private void writeStored(byte[] in, int from, int length, boolean isLast) {
    put(isLast ? 1 : 0, 3);
    toByte();
    put(length, 16);
    put(~length & 0xffff, 16);
    System.arraycopy(in, from, out, at, length);
    at += length;
  }

  /** Both codes' lengths as runs (RFC 1951, 3.2.7), and how often each symbol of these occurs. */
  private int lengthRuns(int symbols, int distances) {
    int[] counts = lengthCode.counts;
    Arrays.fill(counts, 0);
    int total = symbols + distances;
    int runs = 0;
    for (int i = 0; i < total; ) {
      int length = codeLength(i, symbols);
      int same = 1;
      while (i + same < total && codeLength(i + same, symbols) == length) {
        same++;
      }
      i += same;
      if (length != 0) {
        counts[length]++;
        lengthRuns[runs++] = length;
        same--;
      }
      while (same >= 3) {
        int symbol = length != 0 ? REPEAT : same <= 10 ? ZEROS : MANY_ZEROS;
        int least = symbol == MANY_ZEROS ? 11 : 3;
        int taken = Math.min(same, least + (1 << extraBits(symbol)) - 1);
        counts[symbol]++;
        lengthRuns[runs++] = symbol | (taken - least) << 8;
        same -= taken;
      }
      for (; same > 0; same--) {
        counts[length]++;
        lengthRuns[runs++] = length;
      }
    }
    return runs;
  }

  private int codeLength(int i, int symbols) {
    return i < symbols ? symbolCode.lengths[i] : distanceCode.lengths[i - symbols];
  }

  private static int extraBits(int symbol) {
    return symbol < REPEAT ? 0 : symbol == REPEAT ? 2 : symbol == ZEROS ? 3 : 7;
  }

  private void writeSymbols(byte[] in, int start) {
    int[] codes = packedCodes; // code << 4 | bits
    for (int symbol = 0; symbol < codes.length; symbol++) {
      codes[symbol] = symbolCode.codes[symbol] << 4 | symbolCode.lengths[symbol];
    }
    byte[] out = this.out;
    int at = this.at;
    long bits = this.bits;
    int bitCount = this.bitCount;
    int p = start;
    for (int pair = 0; pair < pairs; pair++) {
      int end = p + literals[pair];
      // Three literals have at most 45 bits, on top of at most 7.
      for (; p < end - 2; p += 3) {
        int a = codes[in[p] & 0xff];
        int b = codes[in[p + 1] & 0xff];
        int c = codes[in[p + 2] & 0xff];
        bits |= (long) (a >>> 4) << bitCount;
        bitCount += a & 15;
        bits |= (long) (b >>> 4) << bitCount;
        bitCount += b & 15;
        bits |= (long) (c >>> 4) << bitCount;
        bitCount += c & 15;
        LONG.set(out, at, bits);
        at += bitCount >>> 3;
        bits >>>= bitCount & ~7;
        bitCount &= 7;
      }
      for (; p < end; p++) {
        int a = codes[in[p] & 0xff];
        bits |= (long) (a >>> 4) << bitCount;
        bitCount += a & 15;
      }
      LONG.set(out, at, bits);
      at += bitCount >>> 3;
      bits >>>= bitCount & ~7;
      bitCount &= 7;
      int match = matches[pair];
      // A match has at most 15 + 5 + 15 + 13 bits.
      if (match != 0) {
        int length = (match & 0xffff) - 3;
        int symbol = LENGTH_SYMBOL[length];
        int a = codes[FIRST_LENGTH + symbol];
        bits |= (long) (a >>> 4) << bitCount;
        bitCount += a & 15;
        bits |= (long) (length - LENGTH_FIRST[symbol]) << bitCount;
        bitCount += LENGTH_EXTRA[symbol];
        int distance = (match >>> 16) - 1;
        symbol = distanceSymbol(distance);
        bits |= (long) distanceCode.codes[symbol] << bitCount;
        bitCount += distanceCode.lengths[symbol];
        bits |= (long) (distance - DISTANCE_FIRST[symbol]) << bitCount;
        bitCount += DISTANCE_EXTRA[symbol];
        LONG.set(out, at, bits);
        at += bitCount >>> 3;
        bits >>>= bitCount & ~7;
        bitCount &= 7;
        p += length + 3;
      }
    }
    this.at = at;
    this.bits = bits;
    this.bitCount = bitCount;
    put(symbolCode.codes[END_OF_BLOCK], symbolCode.lengths[END_OF_BLOCK]);
  }

  private void put(int value, int count) {
    bits |= (long) value << bitCount;
    for (bitCount += count; bitCount >= 8; bitCount -= 8) {
      out[at++] = (byte) bits;
      bits >>>= 8;
    }
  }

  private void toByte() {
    put(0, -bitCount & 7);
  }
}
