package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.WeightQuantiser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that are normal variables: the divergence, what is drawn, gradients. */
class BayesianTest {
  private static final float[] MEANS = {0.5f, -0.25f, 0, 1.5f, -2, 0.125f};
  private static final float[] LOG_VARIANCES = {-1, -2, -3, 0.5f, -0.25f, -4};
  private static final CounterRandom RANDOM = new CounterRandom(5);
  private static final long STEP = 3;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  /** A layer of two inputs and three outputs. */
  private static Parameters parameters() {
    return Parameters.of(
        List.of(
            new Parameter("l.weight", new int[] {2, 3}, MEANS.clone(), true),
            new Parameter("l.bias", new int[] {3}, new float[] {0.1f, 0.2f, 0.3f}, true),
            new Parameter("l.logVariance", new int[] {2, 3}, LOG_VARIANCES.clone(), true)));
  }

  private static Bayesian layer(double precision) {
    return Bayesian.of(List.of("l"), precision);
  }

  /** Numbers of PyTorch's kl_divergence(Normal(m, s), Normal(0, p ** -0.5)).sum(), in double. */
  @ParameterizedTest
  @CsvSource({"1, 6.663482242718093", "5000, 23918.73463401622", "0.5, 6.3486826630388835"})
  void divergenceIsThatOfPyTorch(double precision, double expected) {
    assertEquals(expected, layer(precision).divergence(parameters()), 1e-12 * expected);
  }

  @Test
  void divergencesGradientIsThatOfFiniteDifferences() {
    Bayesian bayesian = layer(7);
    Parameters parameters = parameters();
    Map<String, float[]> gradients = new HashMap<>();
    gradients.put("l.weight", new float[6]);
    gradients.put("l.logVariance", new float[6]);
    bayesian.addGradients(parameters, gradients, 0.25);
    for (String name : gradients.keySet()) {
      float[] values = parameters.get(name).values();
      for (int i = 0; i < values.length; i++) {
        float before = values[i];
        values[i] = before + 0x1p-10f;
        double above = bayesian.divergence(parameters);
        values[i] = before - 0x1p-10f;
        double below = bayesian.divergence(parameters);
        values[i] = before;
        assertEquals(0.25 * (above - below) / 0x1p-9, gradients.get(name)[i], 1e-5, name + " " + i);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> layer(0));
  }

  private static TorchOperations operations(
      NDManager manager, Parameters parameters, LayerPrecision precision, boolean isTraining) {
    return new TorchOperations(
            manager, parameters, new Plan(List.of(), precision), isTraining, DataType.FLOAT64)
        .drawing(layer(1), RANDOM, STEP);
  }

  /** Mean and variance of 20,000 outputs, errors 0.7 % and 1 %. */
  @Test
  void outputsOfFloatLayersHaveMeanAndVarianceOfTheWeights() {
    int rows = 20_000;
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x =
          manager.create(new double[] {0.5, -2}).reshape(1, 2).broadcast(new Shape(rows, 2));
      Parameters parameters = parameters();
      double[] drawn =
          operations(manager, parameters, LayerPrecision.FLOAT, true)
              .product("l", x, 2, 3)
              .toDoubleArray();
      double[] means =
          operations(manager, parameters, LayerPrecision.FLOAT, false)
              .product("l", x, 2, 3)
              .toDoubleArray();
      for (int k = 0; k < 3; k++) {
        double mean = 0.5 * MEANS[k] - 2 * MEANS[k + 3];
        double variance =
            0.25 * Math.exp(LOG_VARIANCES[k]) + 4 * Math.exp(LOG_VARIANCES[k + 3]) + 1e-8;
        assertEquals(mean, means[k], 1e-6);
        double sum = 0;
        double squares = 0;
        for (int row = 0; row < rows; row++) {
          double off = drawn[3 * row + k] - mean;
          sum += off / rows;
          squares += off * off / rows;
        }
        assertEquals(0, sum, 5 * Math.sqrt(variance / rows));
        assertEquals(variance, squares, 0.05 * variance);
      }
    }
  }

  private static double loss(Parameters parameters, Map<String, float[]> gradients) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new double[] {0.5, -2, 1, 0.25, -0.75, 3}, new Shape(3, 2));
      TorchOperations operations = operations(manager, parameters, LayerPrecision.FLOAT, true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = operations.linear("l", x, 2, 3);
        NDArray loss = y.mul(y).sum();
        collector.backward(loss);
        parameters.trained().forEach(p -> gradients.put(p.name(), operations.gradient(p.name())));
        return loss.toDoubleArray()[0];
      }
    }
  }

  @Test
  void gradientsOfFloatLayersAreThoseOfFiniteDifferences() {
    Parameters parameters = parameters();
    Map<String, float[]> gradients = new HashMap<>();
    loss(parameters, gradients);
    for (Parameter parameter : parameters.trained()) {
      float[] found = gradients.get(parameter.name()).clone();
      for (int i = 0; i < found.length; i++) {
        float before = parameter.values()[i];
        parameter.values()[i] = before + 0x1p-8f;
        double above = loss(parameters, new HashMap<>());
        parameter.values()[i] = before - 0x1p-8f;
        double below = loss(parameters, new HashMap<>());
        parameter.values()[i] = before;
        double expected = (above - below) / 0x1p-7;
        assertEquals(expected, found[i], 1e-4 * Math.max(1, Math.abs(expected)), parameter.name());
      }
    }
  }

  /** Weights are drawn, then quantised; the gradient passes straight through to both. */
  @Test
  void weightsOfTernaryLayersAreDrawnThenQuantised() {
    double[] noise = new double[6];
    RANDOM.normals(STEP, 0, noise, 0, 6);
    float[] weights = new float[6];
    for (int i = 0; i < 6; i++) {
      weights[i] = (float) (MEANS[i] + (float) (Math.exp(LOG_VARIANCES[i] / 2) * (float) noise[i]));
    }
    float[] quantised = WeightQuantiser.quantise(weights, 3, LayerPrecision.TERNARY);
    Parameters parameters = parameters();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new double[] {1, 0, 0, 1}, new Shape(2, 2));
      TorchOperations operations = operations(manager, parameters, LayerPrecision.TERNARY, true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = operations.product("l", x, 2, 3);
        double[] found = y.toDoubleArray();
        for (int i = 0; i < 6; i++) {
          assertEquals(quantised[i], found[i], 1e-6);
        }
        collector.backward(y.mul(y).sum());
        float[] ofWeights = operations.gradient("l.weight");
        float[] ofLogVariances = operations.gradient("l.logVariance");
        for (int i = 0; i < 6; i++) {
          assertEquals(2 * quantised[i], ofWeights[i], 1e-5);
          double spread = Math.exp(LOG_VARIANCES[i] / 2) * noise[i];
          assertEquals(ofWeights[i] * spread / 2, ofLogVariances[i], 1e-5);
        }
      }
      NDArray mean =
          operations(manager, parameters, LayerPrecision.TERNARY, false).product("l", x, 2, 3);
      float[] expected = WeightQuantiser.quantise(MEANS, 3, LayerPrecision.TERNARY);
      assertArrayEquals(expected, mean.toType(DataType.FLOAT32, false).toFloatArray(), 1e-6f);
    }
  }
}
