package org.bitbeam.root.internal.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** zlib reads what it writes; codes are as short as they can be; bytes are the same everywhere. */
class FastDeflaterTest {
  private static final int MARGIN = 13;
  private static final int KINDS = 7;

  private final FastDeflater used = new FastDeflater();

  @Property(tries = 1500)
  void zlibReadsIt(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 200_000) int size,
      @ForAll @IntRange(min = 0, max = KINDS - 1) int kind)
      throws DataFormatException {
    byte[] data = data(new SplittableRandom(seed), size, kind);
    byte[] in = new byte[size + 2 * MARGIN];
    System.arraycopy(data, 0, in, MARGIN, size);
    byte[] block = compressed(used, in, MARGIN, size);
    assertArrayEquals(data, inflated(block, size));
    assertArrayEquals(block, compressed(new FastDeflater(), data, 0, size), "of another place");
    assertTrue(block.length <= size + size / 1_000 + 64, "incompressible bytes grow too much");
  }

  @Example
  void manyBlocksBeyondTheWindow() throws DataFormatException {
    byte[] data = new byte[3_000_000];
    SplittableRandom random = new SplittableRandom(5);
    for (int at = 0; at < data.length; at += 50_000) {
      byte[] part = data(random, 50_000, random.nextInt(KINDS));
      System.arraycopy(part, 0, data, at, part.length);
    }
    assertArrayEquals(data, inflated(compressed(used, data, 0, data.length), data.length));
  }

  @Example
  void matchesAtTheEdgeOfTheWindow() throws DataFormatException {
    for (int distance : new int[] {1, 2, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537}) {
      byte[] data = new byte[distance + 300];
      new SplittableRandom(distance).nextBytes(data);
      System.arraycopy(data, 0, data, distance, 300);
      int length = compressed(used, data, 0, data.length).length;
      assertArrayEquals(
          data, inflated(compressed(used, data, 0, data.length), data.length), "" + distance);
      if (distance > 2) {
        assertEquals(distance <= 32_768, length < data.length - 250, "distance " + distance);
      }
    }
  }

  /**
   * Event data: at most 3 % larger than from zlib at level 1 (numbers as they come in files:
   * smaller).
   */
  @Example
  void asSmallAsZlib() {
    for (int kind : new int[] {2, 4, 5}) {
      byte[] data = data(new SplittableRandom(9), 500_000, kind);
      Deflater zlib = new Deflater(1);
      zlib.setInput(data);
      zlib.finish();
      int expected = zlib.deflate(new byte[600_000]);
      zlib.end();
      int size = compressed(used, data, 0, data.length).length;
      assertTrue(
          size <= 1.03 * expected, "kind " + kind + ": " + size + " bytes, zlib " + expected);
    }
  }

  @Example
  void bytesAreTheSameEverywhere() throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int kind = 0; kind < KINDS; kind++) {
      digest.update(compressed(used, data(new SplittableRandom(kind), 100_000, kind), 0, 100_000));
    }
    assertEquals(
        "c8992cc8f46365c4b523b84ae93d21981c22b0c5ff3ea34c011b73f4739e5d64",
        HexFormat.of().formatHex(digest.digest()));
  }

  @Property(tries = 1000)
  void codesAreOptimalOrComplete(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 286) int used, @ForAll boolean steep) {
    SplittableRandom random = new SplittableRandom(seed);
    HuffmanCode code = new HuffmanCode(286, 15);
    PriorityQueue<Long> heap = new PriorityQueue<>();
    for (int i = 0; i < used; i++) {
      // Steep: as the Fibonacci numbers, whose best codes are as long as they get.
      double largest = steep ? Math.pow(1.7, Math.min(i, 28)) : 3_000;
      code.counts[i] = 1 + random.nextInt((int) largest + 1);
      heap.add((long) code.counts[i]);
    }
    code.fit();
    long bits = 0;
    long taken = 0;
    int longest = 0;
    for (int i = 0; i < 286; i++) {
      int length = code.lengths[i];
      assertEquals(i < used, length > 0);
      bits += (long) code.counts[i] * length;
      taken += length == 0 ? 0 : 1L << (15 - length);
      longest = Math.max(longest, length);
      for (int j = 0; j < i && length > 0; j++) {
        int common = Math.min(length, code.lengths[j]);
        assertTrue(
            common == 0 || ((code.codes[i] ^ code.codes[j]) & ((1 << common) - 1)) != 0,
            "one code begins another");
      }
    }
    assertEquals(1 << 15, taken, "complete");
    long best = 0;
    while (heap.size() > 1) {
      long sum = heap.remove() + heap.remove();
      best += sum;
      heap.add(sum);
    }
    assertTrue(longest <= 15);
    if (longest < 15) {
      assertEquals(best, bits, "optimal");
    } else {
      assertTrue(bits <= best * 1.02, bits + " bits, without a limit " + best);
    }
  }

  private static byte[] compressed(FastDeflater deflater, byte[] in, int from, int length) {
    byte[] out = new byte[length + length / 1_000 + 64];
    return Arrays.copyOf(out, deflater.deflate(in, from, length, out));
  }

  private static byte[] inflated(byte[] block, int size) throws DataFormatException {
    Inflater zlib = new Inflater();
    try {
      zlib.setInput(block);
      byte[] out = new byte[size];
      assertEquals(size, zlib.inflate(out));
      assertEquals(0, zlib.inflate(new byte[1]));
      assertTrue(zlib.finished(), "checksum and end");
      assertEquals(0, zlib.getRemaining());
      return out;
    } finally {
      zlib.end();
    }
  }

  private static byte[] data(SplittableRandom random, int size, int kind) {
    ByteBuffer data = ByteBuffer.allocate(size + Long.BYTES);
    while (data.position() < size) {
      switch (kind) {
        case 0 -> data.put((byte) random.nextInt(256));
        case 1 -> data.put((byte) 7);
        case 2 -> data.putFloat((float) (random.nextInt(1, 100) * 0.25));
        case 3 -> data.put((byte) Math.min(255, Long.numberOfTrailingZeros(random.nextLong())));
        case 4 -> data.putInt(random.nextInt(12));
        case 5 -> // 13 bits of mantissa, as stored in event files
            data.putInt(
                Float.floatToRawIntBits((float) (1 / (0.02 + random.nextDouble()))) & ~0x3ff);
        default -> {
          int back = random.nextInt(1, 40_000);
          int length = random.nextInt(1, 600);
          for (int i = 0; i < length && data.position() < size; i++) {
            int from = data.position() - back;
            data.put(from < 0 ? (byte) random.nextInt(4) : data.get(from));
          }
        }
      }
    }
    return Arrays.copyOf(data.array(), size);
  }
}
