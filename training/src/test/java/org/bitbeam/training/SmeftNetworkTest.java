package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * SMEFTNet against PyTorch's outputs and gradients for the weights and jets of the fixtures
 * (tools/make_smeftnet_golden.py): jets of one constituent, with a constituent on the axis, with
 * and without padding.
 */
class SmeftNetworkTest {
  private static final List<List<Integer>> MESSAGES = List.of(List.of(10, 10), List.of(10, 10));
  private static final List<Integer> READOUT = List.of(32, 32);

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static Tensor golden(String name) throws IOException {
    String path = "smeftnet/" + name + ".npy";
    try (InputStream in = SmeftNetworkTest.class.getResourceAsStream(path)) {
      return Npy.parse(path, in.readAllBytes());
    }
  }

  private static Map<String, Tensor> jets() throws IOException {
    return Map.of("pt", golden("pt"), "angles", golden("angles"), "scalars", golden("scalars"));
  }

  /** A network of the fixtures: what it is and its parameters. */
  private record Case(TrainableNetwork network, Plan plan, Parameters parameters, Tensor outputs) {
    static Case of(String name, String plan, String weighting) throws IOException {
      EftTask task = new EftTask(40, new EftTask.Sizes(MESSAGES, READOUT, weighting, "published"));
      Plan precisions = Plan.parse(name, task.planJson(plan));
      TrainableNetwork network = task.network(precisions);
      Parameters parameters = Parameters.initial(network, 1);
      float[] values = golden(name + ".parameters").floats();
      int at = 0;
      for (Parameter p : parameters.all()) {
        System.arraycopy(values, at, p.values(), 0, p.values().length);
        at += p.values().length;
      }
      assertEquals(values.length, at);
      return new Case(network, precisions, parameters, golden(name + ".output"));
    }

    TrainingLoop loop() {
      TrainingOptions options = new TrainingOptions(1, 16, 1e-3, "constant", 0, 0, 0, 0, 0, 1);
      FeatureStream none = new FeatureStream(List.of(), new boolean[0], 0);
      return new TrainingLoop(
          network,
          new AngleObjective(SmeftNetwork.OUTPUTS),
          plan,
          options,
          none,
          none,
          Optional.empty(),
          null);
    }

    int bitLayers() {
      return (int)
          parameters.trained().stream()
              .map(Parameter::name)
              .filter(name -> name.endsWith(".weight") && !name.contains("norm"))
              .filter(name -> !name.startsWith("scalars"))
              .map(name -> name.substring(0, name.length() - ".weight".length()))
              .filter(layer -> plan.of(layer) == LayerPrecision.TERNARY)
              .count();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2x10_float, float, uniform, 0",
    "2x10_float_ptweighted, float, pt, 0",
    "2x10_bit30, bit30, uniform, 4",
    "2x10_bit70, bit70, uniform, 3",
    "2x10_bit100, bit100, uniform, 7"
  })
  void outputsAndGradientsAreThoseOfPyTorch(
      String name, String plan, String weighting, int bitLayers) throws IOException {
    Case fixture = Case.of(name, plan, weighting);
    assertEquals(bitLayers, fixture.bitLayers());
    JetBatch batch = new JetBatch(jets(), golden("truth").floats());
    float[] outputs = fixture.loop().outputs(fixture.parameters(), batch);
    assertArrayEquals(fixture.outputs().floats(), outputs, 5e-6f);

    float[] expected = golden(name + ".step").floats();
    TrainingLoop.Step step = fixture.loop().gradients(fixture.parameters(), batch);
    assertEquals(expected[0], step.loss(), 1e-5);
    int at = 1;
    for (Parameter p : fixture.parameters().all()) {
      float[] found =
          p.isTrained() ? step.gradients().get(p.name()) : step.statistics().get(p.name());
      Objects.requireNonNull(found, p.name());
      double largest = 0.01;
      for (int i = 0; i < found.length; i++) {
        largest = Math.max(largest, Math.abs(expected[at + i]));
      }
      for (int i = 0; i < found.length; i++) {
        assertEquals(expected[at + i], found[i], 2e-4 * largest, p.name() + "[" + i + "]");
      }
      at += found.length;
    }
    assertEquals(expected.length, at);
  }

  /** Both forms of the exported network, on every backend, in as few constituents as there are. */
  @ParameterizedTest
  @CsvSource({
    "2x10_float, float, uniform, 0",
    "2x10_float_ptweighted, float, pt, 0",
    "2x10_bit30, bit30, uniform, 4",
    "2x10_bit70, bit70, uniform, 3",
    "2x10_bit100, bit100, uniform, 7"
  })
  void exportedNetworksGiveTheSameAndTheirTernaryLayersAreRecognised(
      String name, String plan, String weighting, int bitLayers) throws IOException {
    Case fixture = Case.of(name, plan, weighting);
    byte[] onnx = TrainingTask.onnx(fixture.network(), fixture.parameters(), fixture.plan());
    assertEquals(bitLayers, ModelReport.of(name, onnx, 16, 40).bitLayers());
    for (byte[] form : List.of(onnx, NetworkExport.integerProducts(name, onnx))) {
      for (String backend : List.of("reference", "bit", "ort")) {
        try (Network network =
            Backends.standard().get(backend).load(name, form, BackendOptions.DEFAULT)) {
          float[] outputs = Objects.requireNonNull(network.run(jets()).get("output")).floats();
          // No code of these jets lies at a rounding boundary.
          assertArrayEquals(fixture.outputs().floats(), outputs, 1e-5f, backend);
        }
      }
    }
  }

  /** A jet's output does not depend on how far it is padded, nor on the jets beside it. */
  @Test
  void paddingDoesNotMatter() throws IOException {
    Case fixture = Case.of("2x10_bit100", "bit100", "uniform");
    float[] pt = golden("pt").floats();
    float[] angles = golden("angles").floats();
    for (int jet = 0; jet < 16; jet++) {
      int count = 0;
      while (count < 40 && pt[jet * 40 + count] > 0) {
        count++;
      }
      float[] vectors = java.util.Arrays.copyOfRange(angles, jet * 80, jet * 80 + 2 * count);
      Map<String, Tensor> alone =
          Map.of(
              "pt",
              Tensor.of(java.util.Arrays.copyOfRange(pt, jet * 40, jet * 40 + count), 1, count),
              "angles",
              Tensor.of(vectors, 1, count, 2),
              "scalars",
              Tensor.of(new float[] {golden("scalars").floats()[jet]}, 1, 1));
      float[] outputs =
          fixture.loop().outputs(fixture.parameters(), new JetBatch(alone, new float[1]));
      for (int i = 0; i < 3; i++) {
        assertEquals(fixture.outputs().getDouble(3 * jet + i), outputs[i], 1e-5, "jet " + jet);
      }
    }
  }

  /** Turned jets have turned vectors, at any precision. */
  @ParameterizedTest
  @CsvSource({"2x10_float, float", "2x10_bit30, bit30"})
  void turningAJetTurnsItsVector(String name, String plan) throws IOException {
    Case fixture = Case.of(name, plan, "uniform");
    SplittableRandom random = new SplittableRandom(3);
    float[] plane = golden("angles").floats();
    for (int trial = 0; trial < 10; trial++) {
      double turn = random.nextDouble(-Math.PI, Math.PI);
      float[] turned = new float[plane.length];
      for (int i = 0; i < plane.length; i += 2) {
        turned[i] = (float) (Math.cos(turn) * plane[i] - Math.sin(turn) * plane[i + 1]);
        turned[i + 1] = (float) (Math.sin(turn) * plane[i] + Math.cos(turn) * plane[i + 1]);
      }
      Map<String, Tensor> inputs =
          Map.of(
              "pt",
              golden("pt"),
              "angles",
              Tensor.of(turned, 16, 40, 2),
              "scalars",
              golden("scalars"));
      float[] outputs =
          fixture.loop().outputs(fixture.parameters(), new JetBatch(inputs, new float[16]));
      double worst = 0;
      for (int jet = 0; jet < 16; jet++) {
        double x = fixture.outputs().getDouble(3 * jet + 1);
        double y = fixture.outputs().getDouble(3 * jet + 2);
        double offX = Math.cos(turn) * x - Math.sin(turn) * y - outputs[3 * jet + 1];
        double offY = Math.sin(turn) * x + Math.cos(turn) * y - outputs[3 * jet + 2];
        worst = Math.max(worst, Math.hypot(offX, offY));
      }
      // Ternary: the last bit of an angle may turn a code at a rounding boundary.
      assertTrue(worst < (plan.equals("float") ? 1e-5 : 2e-3), name + ": " + worst);
    }
  }
}
