package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What backends make of bundles on the validation sample, and what the training found. */
final class Checks {
  private Checks() {}

  /**
   * The same metric but for rounding.
   *
   * @param share of the statistical error that codes at rounding boundaries may cost
   */
  static void same(TrainingCheck check, double trained, int events, double share) {
    System.out.println(check);
    assertEquals(trained, check.training(), 1e-12 * Math.abs(trained), check.toString());
    assertEquals(events, check.events(), check.toString());
    assertTrue(check.error() > 0, check.toString());
    assertEquals(trained, check.found(), share * check.error(), check.toString());
    assertTrue(check.agrees(), check.toString());
  }
}
