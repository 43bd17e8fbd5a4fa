package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is dropped, what it depends on, and the gradient of what is left. */
class DropoutTest {
  private static final int ROWS = 40_000;
  private static final double SHARE = 0.3;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static TorchOperations operations(
      NDManager manager, long seed, long step, boolean isTraining) {
    Parameter weight = new Parameter("l.weight", new int[] {1, 1}, new float[] {2}, true);
    return new TorchOperations(
            manager,
            Parameters.of(List.of(weight)),
            new Plan(List.of(), LayerPrecision.FLOAT),
            isTraining)
        .drawing(Bayesian.NONE, new CounterRandom(seed), step);
  }

  private static float[] dropped(TorchOperations operations, NDManager manager, double share) {
    return operations.dropout(manager.ones(new Shape(ROWS, 1)), share).toFloatArray();
  }

  /** A share of 0.3 within five errors, and the mean stays: others are 1 / 0.7. */
  @Test
  void dropsTheShareAndScalesTheRest() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] found = dropped(operations(manager, 1, 0, true), manager, SHARE);
      int zeros = 0;
      for (float value : found) {
        assertEquals(value == 0 ? 0 : 1 / 0.7, value, 1e-6);
        zeros += value == 0 ? 1 : 0;
      }
      assertEquals(SHARE, (double) zeros / ROWS, 5 * Math.sqrt(SHARE * (1 - SHARE) / ROWS));
    }
  }

  @Test
  void isAFunctionOfSeedStepAndPlace() {
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchOperations operations = operations(manager, 1, 7, true);
      float[] first = dropped(operations, manager, SHARE);
      assertFalse(Arrays.equals(first, dropped(operations, manager, SHARE)), "two places");
      assertArrayEquals(first, dropped(operations(manager, 1, 7, true), manager, SHARE));
      for (long[] other : new long[][] {{1, 8}, {2, 7}}) {
        float[] found = dropped(operations(manager, other[0], other[1], true), manager, SHARE);
        assertFalse(Arrays.equals(first, found), Arrays.toString(other));
      }
    }
  }

  @Test
  void validationAndAShareOfZeroDropNothing() {
    float[] ones = new float[ROWS];
    Arrays.fill(ones, 1);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertArrayEquals(ones, dropped(operations(manager, 1, 0, false), manager, SHARE));
      assertArrayEquals(ones, dropped(operations(manager, 1, 0, true), manager, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> new PdatDropout(1, 0));
    assertThrows(IllegalArgumentException.class, () -> new PdatDropout(0, -0.1));
  }

  /** y = d (w x): dy/dw = d x of the rows that are left. */
  @Test
  void gradientIsThatOfWhatIsLeft() {
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchOperations operations = operations(manager, 3, 5, true);
      NDArray x = manager.arange(0f, 8f).reshape(8, 1);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = operations.dropout(operations.product("l", x, 1, 1), SHARE);
        float[] values = y.toFloatArray();
        collector.backward(y.sum());
        double expected = 0;
        for (float value : values) {
          expected += value / 2;
        }
        assertEquals(expected, operations.gradient("l.weight")[0], 1e-5);
      }
    }
  }
}
