package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntToLongFunction;
import org.bitbeam.runtime.CodeProducts;
import org.junit.jupiter.api.Test;

/** Made-up times: when, and for which way, a trial decides. */
class ShapeTrialTest {
  private static final int WEIGHTS = 1 << 14;
  private static final List<CodeProducts> WAYS =
      List.of(CodeProducts.LOOKED_UP, CodeProducts.MULTIPLIED);

  /** A decision, after so many calls. */
  private record Decided(CodeProducts way, int calls) {}

  /** What is chosen when the first way takes these ns in its calls, and the second one 100. */
  private static Decided decided(double compiled, IntToLongFunction nanos) {
    ShapeTrial trial = new ShapeTrial("shape", WEIGHTS, WAYS, compiled);
    int[] each = new int[2];
    int calls = 0;
    while (trial.chosen() == null) {
      CodeProducts way = trial.next();
      int i = WAYS.indexOf(way);
      trial.took(way, 1, i == 0 ? nanos.applyAsLong(each[0]) : 100);
      each[i]++;
      calls++;
    }
    return new Decided(trial.chosen(), calls);
  }

  @Test
  void theFasterOfTwoSteadyWaysIsChosenAfterSomeCalls() {
    int least = 2 * ShapeTrial.CALLS;
    assertEquals(new Decided(CodeProducts.LOOKED_UP, least), decided(8, call -> 50));
    assertEquals(new Decided(CodeProducts.MULTIPLIED, least), decided(8, call -> 150));
  }

  @Test
  void aWayThatStillGetsFasterIsWaitedFor() {
    Decided found = decided(8, call -> Math.max(50, Math.round(2000 * Math.pow(0.97, call))));
    assertEquals(CodeProducts.LOOKED_UP, found.way());
    assertTrue(found.calls() > 200, found.toString());
  }

  /** 4,000 ns are 4 multiply-accumulates per ns: not compiled. */
  @Test
  void aWayThatIsNotCompiledIsWaitedForButNotForEver() {
    assertEquals(CodeProducts.LOOKED_UP, decided(8, call -> call < 300 ? 4000 : 50).way());
    assertEquals(
        new Decided(CodeProducts.MULTIPLIED, ShapeTrial.MAX_CALLS), decided(8, call -> 4000));
    assertEquals(
        new Decided(CodeProducts.MULTIPLIED, 2 * ShapeTrial.CALLS), decided(1, call -> 4000));
  }
}
