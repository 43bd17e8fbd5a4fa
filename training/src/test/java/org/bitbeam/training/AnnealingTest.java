package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.WeightQuantiser;
import org.junit.jupiter.api.Test;

class AnnealingTest {
  private static float[] weights() {
    Random random = new Random(1);
    float[] weights = new float[1000];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return weights;
  }

  @Test
  void theWayGoesFromTheWeightsToTheQuantisedOnes() {
    float[] weights = weights();
    float[] quantised = WeightQuantiser.quantise(weights, 10, LayerPrecision.TERNARY);
    assertArrayEquals(weights, Annealing.soften(weights, quantised, 1), 1e-6f);
    float[] end = Annealing.soften(weights, quantised, 1e-9);
    int off = 0;
    for (int i = 0; i < end.length; i++) {
      off += Math.abs(end[i] - quantised[i]) > 1e-6 ? 1 : 0;
    }
    assertEquals(0, off);
    assertEquals(1, Annealing.softness(0, 100));
    assertEquals(0.5, Annealing.softness(50, 100), 1e-12);
    assertEquals(0, Annealing.softness(100, 100));
    assertEquals(0, Annealing.softness(0, 0));
  }

  /** With beta = 1 and half of the way: flat for a quarter on both sides, then of slope 2. */
  @Test
  void theMapIsThatOfThePublication() {
    float[] weights = {0.1f, 0.24f, 0.375f, 0.5f, 0.7f, 0.76f, 0.9f, 2f, -0.375f, -3f};
    float[] quantised = {0, 0, 0, 0, 1, 1, 1, 1, 0, -1};
    float[] expected = {0, 0, 0.25f, 0.5f, 0.9f, 1, 1, 1.5f, -0.25f, -2f};
    assertArrayEquals(expected, Annealing.soften(weights, quantised, 0.5), 1e-6f);
  }

  /** The map never turns back: an order of weights stays one. */
  @Test
  void theMapIsMonotonous() {
    float[] weights = weights();
    Arrays.sort(weights);
    float[] quantised = WeightQuantiser.quantise(weights, 10, LayerPrecision.TERNARY);
    for (double softness = 0.05; softness <= 1; softness += 0.05) {
      float[] soft = Annealing.soften(weights, quantised, softness);
      for (int i = 1; i < soft.length; i++) {
        assertTrue(soft[i] >= soft[i - 1] - 1e-6f, softness + ", " + i);
      }
    }
  }

  /**
   * A training step sees the soft weights, and its gradients go to the weights; others see hard
   * ones.
   */
  @Test
  void layersAreSoftInTrainingOnly() {
    Torch.assume();
    float[] weights = {0.3f, -0.9f, 0.05f, 0.6f}; // beta 0.4625
    Parameters parameters =
        Parameters.of(List.of(new Parameter("l.weight", new int[] {4, 1}, weights, true)));
    Plan plan = new Plan(List.of(), LayerPrecision.TERNARY);
    float[] hard = WeightQuantiser.quantise(weights, 1, LayerPrecision.TERNARY);
    float[] x = {127, 64, -32, 16}; // codes of a row, as they are
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray row = manager.create(x, new Shape(1, 4));
      TorchOperations used = new TorchOperations(manager, parameters, plan, false).softened(0.5);
      assertEquals(product(x, hard), used.product("l", row, 4, 1).getFloat(), 1e-4);
      TorchOperations trained = new TorchOperations(manager, parameters, plan, true).softened(0.5);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = trained.product("l", row, 4, 1);
        assertEquals(product(x, Annealing.soften(weights, hard, 0.5)), y.sum().getFloat(), 1e-4);
        collector.backward(y.sum());
        assertArrayEquals(x, trained.gradient("l.weight"), 1e-4f);
      }
    }
  }

  private static double product(float[] x, float[] weights) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * weights[i];
    }
    return sum;
  }
}
