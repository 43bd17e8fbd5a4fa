package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
 * P-DAT against PyTorch's logits and gradients for the weights and features of the fixtures
 * (tools/make_pdat_golden.py): jets of 1 to 24 constituents, padded, and without padding.
 */
class PdatNetworkTest {
  private static final PdatSizes SIZES = new PdatSizes(24, 16, 4, List.of(8, 6), 32, 16);
  private static final Path FEATURES = Path.of("../physics/src/test/resources/pdat/features_small");
  private static final int JETS = 20;
  private static final int LENGTH = 24;
  private static final int NEIGHBOURS = 6;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static Tensor golden(String name) throws IOException {
    String path = "pdat/" + name + ".npy";
    try (InputStream in = PdatNetworkTest.class.getResourceAsStream(path)) {
      return Npy.parse(path, in.readAllBytes());
    }
  }

  private static float[] feature(String name) throws IOException {
    return Npy.parse(name, Files.readAllBytes(FEATURES.resolve(name + ".npy"))).floats();
  }

  /** Features of jets, those of the constituents that are not there overwritten, or cut off. */
  private static Map<String, Tensor> jets(int[] chosen, int length, boolean isMasked)
      throws IOException {
    float[] points = new float[chosen.length * length * NEIGHBOURS * 8];
    float[] pairs = new float[chosen.length * length * length * 6];
    float[] jet = new float[chosen.length * 121];
    float[] mask = new float[chosen.length * length];
    for (int row = 0; row < chosen.length; row++) {
      int count = isMasked ? (int) golden("counts").getDouble(chosen[row]) : LENGTH;
      System.arraycopy(feature("jet"), chosen[row] * 121, jet, row * 121, 121);
      Arrays.fill(mask, row * length, row * length + count, 1);
      for (int i = 0; i < length; i++) {
        int values = NEIGHBOURS * 8;
        int to = (row * length + i) * values;
        if (i < count) {
          System.arraycopy(
              feature("points"), (chosen[row] * LENGTH + i) * values, points, to, values);
        }
        for (int j = 0; j < count && i < count; j++) {
          System.arraycopy(
              feature("pairs"),
              ((chosen[row] * LENGTH + i) * LENGTH + j) * 6,
              pairs,
              ((row * length + i) * length + j) * 6,
              6);
        }
      }
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("points", Tensor.of(points, chosen.length, length, NEIGHBOURS, 8));
    inputs.put("pairs", Tensor.of(pairs, chosen.length, length, length, 6));
    inputs.put("jet", Tensor.of(jet, chosen.length, 11, 11));
    if (isMasked) {
      inputs.put("mask", Tensor.of(mask, chosen.length, length));
    }
    return inputs;
  }

  private static int[] all() {
    int[] all = new int[JETS];
    Arrays.setAll(all, i -> i);
    return all;
  }

  /** A network of the fixtures: what it is and its parameters. */
  private record Case(
      TrainableNetwork network, Plan plan, Parameters parameters, Tensor outputs, boolean masked) {
    static Case of(String name, String plan) throws IOException {
      boolean masked = name.startsWith("masked");
      PdatSystem system = PdatSystem.of(LENGTH, NEIGHBOURS, masked, SIZES, PdatDropout.NONE);
      String json = Objects.requireNonNull(system.plans().get(plan));
      Plan precisions =
          Plan.parse(name, new com.fasterxml.jackson.databind.ObjectMapper().readTree(json));
      Parameters parameters = Parameters.initial(system.network(), 1);
      float[] values = golden(name + ".parameters").floats();
      int at = 0;
      for (Parameter p : parameters.all()) {
        System.arraycopy(values, at, p.values(), 0, p.values().length);
        at += p.values().length;
      }
      assertEquals(values.length, at);
      return new Case(system.network(), precisions, parameters, golden(name + ".output"), masked);
    }

    TrainingLoop loop() {
      TrainingOptions options = new TrainingOptions(1, 16, 1e-3, "constant", 0, 0, 0, 0, 0, 1);
      FeatureStream none = new FeatureStream(List.of(), new boolean[0], 0);
      return new TrainingLoop(
          network, new ClassObjective(), plan, options, none, none, Optional.empty(), null);
    }

    /** Ternary networks: a code at a rounding boundary moves a jet by at most 2e-3 of the range. */
    void check(String label, float[] found) {
      if (plan.otherwise() == LayerPrecision.FLOAT && plan.rules().isEmpty()) {
        assertArrayEquals(outputs.floats(), found, 1e-5f, label);
        return;
      }
      int near = 0;
      double range = 0;
      for (int i = 0; i < found.length; i++) {
        near += Math.abs(outputs.getDouble(i) - found[i]) <= 1e-5 ? 1 : 0;
        range = Math.max(range, Math.abs(outputs.getDouble(i)));
      }
      System.out.printf("%s: %d of %d within 1e-5%n", label, near, found.length);
      assertArrayEquals(outputs.floats(), found, (float) (2e-3 * range), label);
      assertTrue(near >= 0.8 * found.length, label + ": " + near);
    }

    JetBatch batch() throws IOException {
      return new JetBatch(jets(all(), LENGTH, masked), golden("truth").floats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "float, float, 1e-3",
    "bit, bit, 0.02",
    "masked-float, float, 1e-3",
    "masked-bit-edges, bit-edges, 0.05"
  })
  void outputsAndGradientsAreThoseOfPyTorch(String name, String plan, double apart)
      throws IOException {
    Case fixture = Case.of(name, plan);
    float[] outputs = fixture.loop().outputs(fixture.parameters(), fixture.batch());
    fixture.check(name, outputs);

    float[] expected = golden(name + ".step").floats();
    TrainingLoop.Step step = fixture.loop().gradients(fixture.parameters(), fixture.batch());
    // A code at a rounding boundary moves all gradients: PyTorch's own in single and in double
    // precision are 0.7 % (bit) and 3.5 % (bit-edges) apart, as tools/make_pdat_golden.py prints.
    boolean isFloat = plan.equals("float");
    assertEquals(expected[0], step.loss(), isFloat ? 1e-5 : 1e-3);
    int at = 1;
    for (Parameter p : fixture.parameters().all()) {
      float[] found =
          p.isTrained() ? step.gradients().get(p.name()) : step.statistics().get(p.name());
      Objects.requireNonNull(found, p.name());
      double largest = 0.01;
      double size = 0;
      double off = 0;
      for (int i = 0; i < found.length; i++) {
        largest = Math.max(largest, Math.abs(expected[at + i]));
        size += expected[at + i] * expected[at + i];
        off += (expected[at + i] - found[i]) * (expected[at + i] - found[i]);
      }
      for (int i = 0; i < found.length && isFloat; i++) {
        assertEquals(expected[at + i], found[i], 5e-4 * largest, p.name() + "[" + i + "]");
      }
      assertTrue(
          Math.sqrt(off) <= apart * Math.max(0.01, Math.sqrt(size)),
          p.name() + ": " + Math.sqrt(off) + " of " + Math.sqrt(size));
      at += found.length;
    }
    assertEquals(expected.length, at);
  }

  /** Both forms of the exported network, on every backend; each attention is there twice. */
  @ParameterizedTest
  @CsvSource({
    "float, float, 0",
    "bit, bit, 22",
    "masked-float, float, 0",
    "masked-bit-edges, bit-edges, 29"
  })
  void exportedNetworksGiveTheSameAndTheirTernaryLayersAreRecognised(
      String name, String plan, int bitLayers) throws IOException {
    Case fixture = Case.of(name, plan);
    byte[] onnx = TrainingTask.onnx(fixture.network(), fixture.parameters(), fixture.plan());
    assertEquals(bitLayers, ModelReport.of(name, onnx, JETS, LENGTH).bitLayers());
    for (byte[] form : List.of(onnx, NetworkExport.integerProducts(name, onnx))) {
      for (String backend : List.of("reference", "bit", "ort")) {
        try (Network network =
            Backends.standard().get(backend).load(name, form, BackendOptions.DEFAULT)) {
          float[] outputs =
              Objects.requireNonNull(network.run(fixture.batch().inputs()).get("logits")).floats();
          fixture.check(name + ", " + backend, outputs);
        }
      }
    }
  }

  /** Without padding a jet's logits depend neither on the jets beside it nor on the length. */
  @Test
  void masksMakePaddingInvisible() throws IOException {
    Case fixture = Case.of("masked-bit-edges", "bit-edges");
    for (int jet = 0; jet < JETS; jet++) {
      int count = (int) golden("counts").getDouble(jet);
      float[] outputs =
          fixture
              .loop()
              .outputs(
                  fixture.parameters(),
                  new JetBatch(jets(new int[] {jet}, count, true), new float[1]));
      for (int i = 0; i < 2; i++) {
        assertEquals(fixture.outputs().getDouble(2 * jet + i), outputs[i], 2e-3, "jet " + jet);
      }
    }
  }

  /** Rows of weights, each of the two nearest of the 11, that add up to one. */
  @Test
  void interpolationReproducesStraightLines() {
    for (int size : List.of(1, 5, 11, 16, 64)) {
      float[] matrix = PdatNetwork.interpolation(size);
      for (int i = 0; i < size; i++) {
        double sum = 0;
        double line = 0;
        for (int k = 0; k < 11; k++) {
          sum += matrix[i * 11 + k];
          line += k * matrix[i * 11 + k];
        }
        double place = Math.max(0, Math.min(10, (i + 0.5) * 11 / size - 0.5));
        assertEquals(1, sum, 1e-6);
        assertEquals(place, line, 1e-5);
      }
    }
    assertTrue(PdatNetwork.interpolation(11)[0] == 1);
  }
}
