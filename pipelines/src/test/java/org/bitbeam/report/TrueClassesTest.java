package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class TrueClassesTest {
  @Test
  void otherClassesAndMissingScoresAreLeftOut() {
    TrueClasses.Labelled chosen =
        TrueClasses.QUARKS_AGAINST_GLUONS.choose(
            new double[] {0.1, 0.2, Double.NaN, 0.4}, new double[] {21, -3, 1, 5});
    assertArrayEquals(new boolean[] {false, true, true}, chosen.isSignal());
    assertArrayEquals(new double[] {0.2}, chosen.of(true));
    assertArrayEquals(new double[] {0.1}, chosen.of(false));
  }
}
