package org.bitbeam.root.internal.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.Test;

/** Beside zlib itself: the same bytes from good blocks, the same verdict on damaged ones. */
class FastInflaterTest {
  private static final int MARGIN = 16;

  @BeforeTry
  void hasLibrary() {
    assumeTrue(FastInflater.AVAILABLE, "no library for this machine");
  }

  @Property(tries = 500)
  void sameBytes(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300_000) int size,
      @ForAll @IntRange(min = 0, max = 9) int level,
      @ForAll @IntRange(min = 0, max = 8) int alike) {
    byte[] data = data(seed, size, alike);
    byte[] block = zlib(data, level);
    byte[] in = new byte[block.length + 2 * MARGIN];
    System.arraycopy(block, 0, in, MARGIN, block.length);
    byte[] out = new byte[size + 2 * MARGIN];
    Arrays.fill(out, (byte) 77);
    try (FastInflater fast = new FastInflater()) {
      assertTrue(fast.inflate(in, MARGIN, block.length, out, MARGIN, size));
    }
    assertArrayEquals(data, Arrays.copyOfRange(out, MARGIN, MARGIN + size));
    for (int i = 0; i < MARGIN; i++) {
      assertEquals(77, out[i], "a byte before the range");
      assertEquals(77, out[MARGIN + size + i], "a byte after the range");
    }
  }

  /**
   * What it accepts of damaged blocks are the right bytes all the same, or zlib accepts them too.
   * (ISA-L does not compare the two copies of a stored block's length, as zlib does.)
   */
  @Property(tries = 5000)
  void acceptsNoWrongBytes(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3_000) int size,
      @ForAll @IntRange(min = 0, max = 9) int level,
      @ForAll @IntRange(min = 1, max = 4) int damages)
      throws DataFormatException {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] data = data(seed, size, 4);
    byte[] block = zlib(data, level);
    for (int i = 0; i < damages; i++) {
      block[random.nextInt(block.length)] ^= (byte) (1 << random.nextInt(8));
    }
    int claimed = random.nextBoolean() ? size : 1 + random.nextInt(2 * size);
    int length = random.nextBoolean() ? block.length : random.nextInt(block.length + 1);
    byte[] out = new byte[claimed + MARGIN];
    try (FastInflater fast = new FastInflater()) {
      boolean accepted = fast.inflate(block, 0, length, out, 0, claimed);
      for (int i = claimed; i < out.length; i++) {
        assertEquals(0, out[i], "a byte after the range");
      }
      if (accepted && !Arrays.equals(data, Arrays.copyOf(out, claimed))) {
        Inflater zlib = new Inflater();
        zlib.setInput(block, 0, length);
        byte[] expected = new byte[claimed];
        assertEquals(claimed, zlib.inflate(expected));
        assertArrayEquals(expected, Arrays.copyOf(out, claimed));
        zlib.end();
      }
    }
  }

  /** One inflater serves block after block, also after a damaged one. */
  @Test
  void goesOnAfterDamage() {
    hasLibrary();
    byte[] data = data(1, 50_000, 3);
    byte[] good = zlib(data, 6);
    byte[] bad = good.clone();
    Arrays.fill(bad, good.length / 2, good.length, (byte) 0xff);
    byte[] out = new byte[data.length];
    try (FastInflater fast = new FastInflater()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(false, fast.inflate(bad, 0, bad.length, out, 0, data.length));
        assertTrue(fast.inflate(good, 0, good.length, out, 0, data.length));
        assertArrayEquals(data, out);
      }
    }
  }

  /** Bytes of which about one in {@code 2^alike} differs from the one four before it. */
  private static byte[] data(long seed, int size, int alike) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] data = new byte[size];
    for (int i = 0; i < size; i++) {
      boolean fresh = i < 4 || random.nextInt(1 << alike) == 0;
      data[i] = fresh ? (byte) random.nextInt(256) : data[i - 4];
    }
    return data;
  }

  private static byte[] zlib(byte[] data, int level) {
    Deflater deflater = new Deflater(level);
    deflater.setInput(data);
    deflater.finish();
    byte[] out = new byte[data.length + data.length / 1000 + 100];
    int size = deflater.deflate(out);
    assertTrue(deflater.finished());
    deflater.end();
    return Arrays.copyOf(out, size);
  }
}
