package org.bitbeam.root.internal.ntuple;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Beside the definition: byte k of number i of a page lies at {@code k * elements + i}. */
class SplitBytesTest {
  @Property(tries = 200)
  void numbersComeTogether(
      @ForAll @IntRange(max = 40) int at,
      @ForAll @IntRange(max = 20) int skip,
      @ForAll @IntRange(max = 2100) int count,
      @ForAll @IntRange(max = 20) int rest,
      @ForAll long seed) {
    int elements = skip + count + rest;
    byte[] page = new byte[at + Long.BYTES * elements];
    new java.util.Random(seed).nextBytes(page);
    ByteBuffer ints = joined(page, at, skip, count, elements, Integer.BYTES);
    ByteBuffer longs = joined(page, at, skip, count, elements, Long.BYTES);

    int[] asInts = new int[count + 3];
    SplitBytes.ints(page, at + skip, elements, count, asInts, 2);
    float[] asFloats = new float[count + 3];
    SplitBytes.floats(page, at + skip, elements, count, asFloats, 2);
    long[] asLongs = new long[count + 3];
    SplitBytes.longs(page, at + skip, elements, count, asLongs, 2);
    double[] asDoubles = new double[count + 3];
    SplitBytes.doubles(page, at + skip, elements, count, asDoubles, 2);

    for (int i = 0; i < count; i++) {
      assertEquals(ints.getInt(Integer.BYTES * i), asInts[2 + i]);
      assertEquals(ints.getInt(Integer.BYTES * i), Float.floatToRawIntBits(asFloats[2 + i]));
      assertEquals(longs.getLong(Long.BYTES * i), asLongs[2 + i]);
      assertEquals(longs.getLong(Long.BYTES * i), Double.doubleToRawLongBits(asDoubles[2 + i]));
    }
    // Nothing beside them.
    assertArrayEquals(new int[2], new int[] {asInts[1], asInts[2 + count]});
    assertArrayEquals(new long[2], new long[] {asLongs[1], asLongs[2 + count]});
  }

  private static ByteBuffer joined(
      byte[] page, int at, int skip, int count, int elements, int width) {
    ByteBuffer joined = ByteBuffer.allocate(width * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < width; k++) {
        joined.put(page[at + k * elements + skip + i]);
      }
    }
    return joined;
  }
}
