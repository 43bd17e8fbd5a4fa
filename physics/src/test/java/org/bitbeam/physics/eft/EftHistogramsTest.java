package org.bitbeam.physics.eft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EftHistogramsTest {
  private static final WilsonBasis BASIS = new WilsonBasis(List.of("cW"), 2, "Warsaw", 1);
  private static final String LINEAR = BASIS.terms().get(0);
  private static final List<EftHistograms.Axis> AXES =
      List.of(new EftHistograms.Axis(LINEAR, 4, -1, 1), new EftHistograms.Axis("weight", 2, 0, 4));

  @Test
  void edgesBelongToTheBinAbove() {
    EftHistograms filled = new EftHistograms(BASIS, AXES);
    for (double value : new double[] {-1.1, -1, -0.5, 0, 0.4, 0.9, 1, 7}) {
      filled.add(new double[] {value, 9}, 2);
    }
    filled.add(new double[] {Double.NaN, 1}, 1);
    assertArrayEquals(new double[] {2, 2, 2, 4, 2, 4}, filled.sums(0));
    assertArrayEquals(new double[] {4, 4, 4, 8, 4, 8}, filled.squaredErrors(0));
    assertArrayEquals(new double[] {0, 0, 16, 0}, filled.sums(1));
    assertEquals(8, filled.events());
    assertEquals(1, filled.skipped());
  }

  @Property(tries = 100)
  void partsMergeToTheSameBits(@ForAll long seed) {
    java.util.SplittableRandom random = new java.util.SplittableRandom(seed);
    EftHistograms whole = new EftHistograms(BASIS, AXES);
    EftHistograms[] parts = new EftHistograms[3];
    java.util.Arrays.setAll(parts, i -> new EftHistograms(BASIS, AXES));
    for (int i = 0; i < 200; i++) {
      double[] event = {random.nextDouble(-1.5, 1.5), 0};
      double weight = random.nextDouble(-1, 5) * Math.pow(10, random.nextInt(-12, 12));
      whole.add(event, weight);
      parts[random.nextInt(3)].add(event, weight);
    }
    EftHistograms merged = new EftHistograms(BASIS, AXES);
    for (int i : new int[] {2, 0, 1}) {
      merged.add(parts[i]);
    }
    for (int axis = 0; axis < 2; axis++) {
      assertArrayEquals(whole.sums(axis), merged.sums(axis));
      assertArrayEquals(whole.squaredErrors(axis), merged.squaredErrors(axis));
    }
    assertEquals(whole.events(), merged.events());
  }

  @Test
  void quantitiesThatDoNotExistAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new EftHistograms(BASIS, List.of(new EftHistograms.Axis("cHq", 4, -1, 1))));
    assertTrue(e.getMessage().contains(LINEAR), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new EftHistograms.Axis(LINEAR, 4, 1, 1));
  }
}
