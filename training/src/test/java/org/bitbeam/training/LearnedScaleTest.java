package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.WeightQuantiser;
import org.junit.jupiter.api.Test;

class LearnedScaleTest {
  private static final Plan LEARNED = new Plan(List.of(), LayerPrecision.TERNARY_LEARNED);
  private static final Plan TERNARY = new Plan(List.of(), LayerPrecision.TERNARY);
  private static final ParticleFlowNetwork NETWORK = new ParticleFlowNetwork(13, 16);

  /** By hand: levels 0.6, -1.8, 0.1, 1.2 and -1 of a scale of 0.5. */
  @Test
  void theGradientIsThatOfLsq() {
    float[] weights = {0.3f, -0.9f, 0.05f, 0.6f, -0.5f};
    float[] gradients = {1, 2, 3, 4, 5};
    double sum = 1 * (1 - 0.6) + 2 * -1 + 3 * (0 - 0.1) + 4 * 1 + 5 * -1;
    double expected = 0.5 * sum / Math.sqrt(5);
    assertEquals(expected, LearnedScale.gradient(weights, 0.5f, gradients), 1e-6);
    assertEquals(0.47f, LearnedScale.of(weights, 0), 1e-6);
    assertEquals(0.94f, LearnedScale.of(weights, (float) Math.log(2)), 1e-6);
  }

  /**
   * Of a step: weights have the straight-through gradient of all ternary layers, the scale LSQ's,
   * and with the scale of the mean outputs are those of {@code ternary}.
   */
  @Test
  void aStepHasTheGradientsOfBoth() {
    Torch.assume();
    float[] weights = {0.3f, -0.9f, 0.05f, 0.6f, 0.2f, -0.1f, 0.7f, -0.4f};
    float[] x = {127, 64, -32, 16}; // codes of a row, as they are
    for (float logarithm : new float[] {0, 0.3f, -0.7f}) {
      Parameters parameters =
          Parameters.of(
              List.of(
                  new Parameter("l.weight", new int[] {4, 2}, weights, true),
                  new Parameter("l.scale", new int[] {1}, new float[] {logarithm}, true)));
      float scale = (float) (3.25 / 8 * Math.exp(logarithm));
      float[] effective = WeightQuantiser.ternary(weights, scale);
      float[] out = {2, -3};
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray row = manager.create(x, new Shape(1, 4));
        TorchOperations operations = new TorchOperations(manager, parameters, LEARNED, true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDArray y = operations.product("l", row, 4, 2);
          double[] expected = new double[2];
          for (int i = 0; i < weights.length; i++) {
            expected[i % 2] += (double) x[i / 2] * effective[i];
          }
          assertEquals(expected[0], y.toFloatArray()[0], 1e-4);
          assertEquals(expected[1], y.toFloatArray()[1], 1e-4);
          if (logarithm == 0) {
            TorchOperations plain = new TorchOperations(manager, parameters, TERNARY, false);
            assertArrayEquals(
                plain.product("l", row, 4, 2).toFloatArray(), y.toFloatArray(), 1e-4f);
          }
          collector.backward(y.mul(manager.create(out, new Shape(1, 2))).sum());
        }
        float[] straight = new float[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
          straight[i] = x[i / 2] * out[i % 2];
          double level = weights[i] / scale;
          double slope = level <= -1 ? -1 : level >= 1 ? 1 : Math.rint(level) - level;
          sum += straight[i] * slope;
        }
        assertArrayEquals(straight, operations.gradient("l.weight"), 1e-3f);
        float[] found = operations.gradient("l.scale");
        assertEquals(1, found.length);
        assertEquals(scale * sum / Math.sqrt(8), found[0], 1e-3);
      }
    }
  }

  /** A float network starts one with learnt scales; names that differ otherwise are refused. */
  @Test
  void floatTwinsStartIt() {
    Parameters twin = Parameters.initial(NETWORK, 1);
    Parameters learnt = Parameters.initial(NETWORK, Bayesian.NONE, LEARNED, 2);
    learnt.get("phi.0.scale").values()[0] = 7;
    learnt.set("twin", twin);
    assertArrayEquals(twin.get("phi.1.weight").values(), learnt.get("phi.1.weight").values());
    assertEquals(7, learnt.get("phi.0.scale").values()[0]);
    Parameters other = Parameters.initial(NETWORK, Bayesian.NONE, LEARNED, 3);
    other.set("its own kind", learnt);
    assertEquals(7, other.get("phi.0.scale").values()[0]);
    assertThrows(IllegalArgumentException.class, () -> twin.set("more", learnt));
    // Others begin as without.
    assertArrayEquals(
        Parameters.initial(NETWORK, 2).get("rho.2.weight").values(),
        Parameters.initial(NETWORK, Bayesian.NONE, LEARNED, 2).get("rho.2.weight").values());
  }

  /** Exported as a plain ternary layer with the scale that was learnt. */
  @Test
  void exportedNetworksHaveTheScale() {
    Torch.assume();
    Plan plan =
        new Plan(List.of(new Rule("phi.0", LayerPrecision.FLOAT)), LayerPrecision.TERNARY_LEARNED);
    Parameters parameters = Parameters.initial(NETWORK, Bayesian.NONE, plan, 4);
    int scales = 0;
    for (Parameter p : parameters.all()) {
      if (p.name().endsWith(LearnedScale.SUFFIX)) {
        p.values()[0] = 0.1f * ++scales - 0.3f;
      }
    }
    assertEquals(5, scales);
    byte[] onnx = TrainingTask.onnx(NETWORK, parameters, plan);
    assertEquals(5, ModelReport.of("pfn", onnx, 100, 5).bitLayers());
    int jets = 100;
    Map<String, Tensor> inputs = inputs(jets);
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchOperations operations =
          new TorchOperations(manager, parameters, plan, false).counting(jets, 1e-3f, 1e-3f);
      float[] expected =
          NETWORK.apply(operations, TorchOperations.arrays(manager, inputs)).toFloatArray();
      float[] atBoundaries = operations.atBoundaries();
      int clear = 0;
      for (byte[] form : List.of(onnx, NetworkExport.integerProducts("pfn", onnx))) {
        for (String backend : List.of("reference", "bit", "ort")) {
          try (Network network =
              Backends.standard().get(backend).load("pfn", form, BackendOptions.DEFAULT)) {
            float[] found =
                Objects.requireNonNull(network.run(inputs).get(NETWORK.output())).floats();
            for (int i = 0; i < found.length; i++) {
              if (atBoundaries[i / 2] == 0) {
                clear++;
                assertEquals(expected[i], found[i], 1e-5, backend + ", value " + i);
              }
            }
          }
        }
      }
      assertTrue(clear > 100, clear + " clear");
      byte[] mean = TrainingTask.onnx(NETWORK, parameters, TERNARY);
      assertNotEquals(Arrays.hashCode(mean), Arrays.hashCode(onnx));
    }
  }

  /** Jets of five constituents. */
  private static Map<String, Tensor> inputs(int jets) {
    Random random = new Random(6);
    float[] values = new float[jets * 13 * 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    float[] mask = new float[jets * 5];
    Arrays.fill(mask, 1);
    return Map.of(
        ParticleFlowNetwork.FEATURES,
        Tensor.of(values, jets, 13, 5),
        ParticleFlowNetwork.MASK,
        Tensor.of(mask, jets, 1, 5));
  }

  /** The scales move in a training, and differ from layer to layer. */
  @Test
  void scalesAreTrained() {
    Torch.assume();
    Parameters parameters = Parameters.initial(NETWORK, Bayesian.NONE, LEARNED, 4);
    AdamW optimiser = new AdamW(parameters, 0);
    int jets = 64;
    FeatureStream none = new FeatureStream(List.of(), new boolean[0], 0);
    TrainingLoop loop =
        new TrainingLoop(
            NETWORK,
            new ClassObjective(),
            LEARNED,
            new TrainingOptions(1, 64, 1e-2, "constant", 0, 0, 0, 0, 0, 1),
            none,
            none,
            Optional.empty(),
            null);
    Map<String, Tensor> inputs = inputs(jets);
    float[] features = inputs.get(ParticleFlowNetwork.FEATURES).floats();
    float[] truth = new float[jets];
    for (int i = 0; i < jets; i++) {
      truth[i] = features[i * 65] > 0 ? 1 : 0;
    }
    JetBatch batch = new JetBatch(inputs, truth);
    double before = loop.gradients(parameters, batch).loss();
    double after = before;
    for (int step = 0; step < 60; step++) {
      TrainingLoop.Step result = loop.gradients(parameters, batch);
      after = result.loss();
      optimiser.step(parameters, result.gradients(), 1e-2);
    }
    assertTrue(after < 0.7 * before, before + " to " + after);
    Set<Float> learnt = new LinkedHashSet<>();
    for (Parameter p : parameters.all()) {
      if (p.name().endsWith(LearnedScale.SUFFIX)) {
        learnt.add(p.values()[0]);
      }
    }
    assertEquals(6, learnt.size(), learnt.toString());
    assertTrue(learnt.stream().anyMatch(scale -> Math.abs(scale) > 0.05), learnt.toString());
  }
}
