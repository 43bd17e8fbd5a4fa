package org.bitbeam.root.internal.ntuple;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HalfTest {
  /** Every half comes back, and what lies between two goes to the nearer one, at ties the even. */
  @Test
  void nearestOfAllHalves() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float value = PageDecoder.half((short) bits);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(PageDecoder.half(ColumnPages.half(value))));
        continue;
      }
      assertEquals((short) bits, ColumnPages.half(value));
      int magnitude = bits & 0x7fff;
      if (magnitude < 0x7bff) {
        float next = PageDecoder.half((short) (bits + 1));
        float middle = (value + next) / 2; // exact: a float has 13 bits more
        short even = (short) ((bits & 1) == 0 ? bits : bits + 1);
        assertEquals(even, ColumnPages.half(middle));
        boolean grows = next > value;
        assertEquals(
            (short) bits, ColumnPages.half(grows ? Math.nextDown(middle) : Math.nextUp(middle)));
        assertEquals(
            (short) (bits + 1),
            ColumnPages.half(grows ? Math.nextUp(middle) : Math.nextDown(middle)));
      }
    }
    assertEquals(0x7c00, ColumnPages.half(65520f)); // from here infinity is nearer (IEEE 754)
    assertEquals(0x7bff, ColumnPages.half(Math.nextDown(65520f)));
    assertEquals((short) 0xfc00, ColumnPages.half(-1e30f));
    assertEquals(0, ColumnPages.half(Float.MIN_VALUE));
  }
}
