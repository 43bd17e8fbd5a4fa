package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Philox 4x32-10: known answers of its authors, and the distribution of the normal numbers. */
class CounterRandomTest {
  /** The three known answers of Random123's kat_vectors for philox4x32, 10 rounds. */
  @Test
  void wordsAreThoseOfRandom123() {
    assertArrayEquals(
        new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        new CounterRandom(0).words(0, 0, 0, 0));
    assertArrayEquals(
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        new CounterRandom(-1).words(-1, -1, -1, -1));
    assertArrayEquals(
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
        new CounterRandom(0x299f31d0_a4093822L)
            .words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344));
  }

  @Test
  void numbersAreAFunctionOfTheirPlace() {
    CounterRandom random = new CounterRandom(7);
    double[] all = new double[9];
    random.normals(1L << 40, 3, all, 0, 9);
    double[] some = new double[12];
    random.normals(1L << 40, 3, some, 2, 5);
    assertArrayEquals(Arrays.copyOf(all, 5), Arrays.copyOfRange(some, 2, 7));
    assertEquals(0, some[7]);
    for (double[] other :
        new double[][] {normals(8, 1L << 40, 3), normals(7, 0, 3), normals(7, 1L << 40, 4)}) {
      assertNotEquals(all[0], other[0]);
    }
  }

  private static double[] normals(long seed, long shower, int stream) {
    double[] values = new double[2];
    new CounterRandom(seed).normals(shower, stream, values, 0, 2);
    return values;
  }

  @Test
  void momentsAndTailsAreThoseOfTheNormalDistribution() {
    int count = 1_000_000;
    double[] values = new double[count];
    CounterRandom random = new CounterRandom(99);
    for (int shower = 0; shower < 1000; shower++) {
      random.normals(shower, 0, values, shower * 1000, 1000);
    }
    double mean = Arrays.stream(values).sum() / count;
    double square = Arrays.stream(values).map(x -> x * x).sum() / count;
    double fourth = Arrays.stream(values).map(x -> x * x * x * x).sum() / count;
    // Four standard deviations each: 1, sqrt(2) and sqrt(96) over sqrt(n).
    assertEquals(0, mean, 4e-3);
    assertEquals(1, square, 4 * Math.sqrt(2) * 1e-3);
    assertEquals(3, fourth, 4 * Math.sqrt(96) * 1e-3);
    long beyond = Arrays.stream(values).filter(x -> Math.abs(x) > 3).count();
    assertEquals(2699.8, beyond, 4 * Math.sqrt(2699.8));
    double neighbours = 0;
    for (int i = 1; i < count; i++) {
      neighbours += values[i] * values[i - 1];
    }
    assertEquals(0, neighbours / count, 4e-3);
    assertTrue(Arrays.stream(values).allMatch(Double::isFinite));
  }
}
