package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.NamedGeometries;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CaloDREAM's networks against PyTorch's numbers (tools/make_calodream_golden.py). */
class CaloDreamNetworkTest {
  private static final CaloDreamTask.Sizes SMALL =
      new CaloDreamTask.Sizes(List.of(2, 1, 3), 12, 2, 2, 20, 8, 2, 1, 12, 10, 6);
  private static final CaloDreamTask.Sizes PUBLISHED =
      new CaloDreamTask.Sizes(List.of(3, 16, 1), 480, 6, 6, 1920, 64, 4, 4, 512, 512, 6);
  private static final CaloDreamTask.Solvers SOLVERS =
      new CaloDreamTask.Solvers("rk4-3/8:0.02", "rk4-3/8:0.05");

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  /** Four layers of two sectors and three rings. */
  private static CaloGeometry geometry() {
    List<CaloGeometry.Layer> layers = new ArrayList<>();
    for (int id = 0; id < 4; id++) {
      layers.add(new CaloGeometry.Layer(id, List.of(0.0, 1.0, 2.0, 3.0), 2));
    }
    return new CaloGeometry("four", layers);
  }

  private static CaloDreamTask task(String plan) throws IOException {
    return new CaloDreamTask(geometry(), SMALL, SOLVERS, plan);
  }

  private static Tensor golden(String name) throws IOException {
    String path = "calodream/" + name + ".npy";
    try (InputStream in = CaloDreamNetworkTest.class.getResourceAsStream(path)) {
      return Npy.parse(path, in.readAllBytes());
    }
  }

  private static VelocityErrors network() throws IOException {
    VelocityErrors network = task("default").network();
    List<Float> frequencies = new ArrayList<>();
    for (float f : golden("frequencies").floats()) {
      frequencies.add(f);
    }
    return new VelocityErrors(
        network.transformer(), new EnergyVelocity(8, 10, 6, frequencies), network.shape());
  }

  private static Parameters parameters() throws IOException {
    Parameters parameters = Parameters.initial(network(), 1);
    float[] values = golden("parameters").floats();
    int at = 0;
    for (Parameter p : parameters.all()) {
      System.arraycopy(values, at, p.values(), 0, p.values().length);
      at += p.values().length;
    }
    assertEquals(values.length, at);
    return parameters;
  }

  private static JetBatch batch() throws IOException {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TrainableNetwork.Input input : network().inputs()) {
      inputs.put(input.name(), golden(input.name()));
    }
    return new JetBatch(inputs, new float[golden("data").shape()[0]]);
  }

  private static TrainingLoop loop(String plan) throws IOException {
    FeatureStream none = new FeatureStream(List.of(), new boolean[0], 0);
    return new TrainingLoop(
        network(),
        new VelocityObjective("velocityError"),
        task(plan).plan(),
        new TrainingOptions(1, 16, 1e-3, "constant", 0, 0, 0, 0, 0, 1),
        none,
        none,
        Optional.empty(),
        null);
  }

  /** A code at a rounding boundary may differ: of the range of the output. */
  private static double tolerance(String plan) {
    return plan.equals("default") ? 1e-5 : 2e-3;
  }

  private static void close(String what, float[] expected, float[] found, double ofRange) {
    double range = 0;
    for (float e : expected) {
      range = Math.max(range, Math.abs(e));
    }
    assertArrayEquals(expected, found, (float) (ofRange * range), what);
  }

  @ParameterizedTest
  @CsvSource({
    "default, float, 1e-4",
    "bit-noemb, bit-noemb, 0.01",
    "bit-aggressive, bit-aggressive, 0.01"
  })
  void errorsAndGradientsAreThoseOfPyTorch(String plan, String name, double apart)
      throws IOException {
    TrainingLoop loop = loop(plan);
    close(
        name,
        golden(name + ".errors").floats(),
        loop.outputs(parameters(), batch()),
        tolerance(plan));
    TrainingLoop.Step step = loop.gradients(parameters(), batch());
    float[] expected = golden(name + ".step").floats();
    assertEquals(expected[0], step.loss(), tolerance(plan));
    int at = 1;
    for (Parameter p : parameters().all()) {
      float[] found = Objects.requireNonNull(step.gradients().get(p.name()), p.name());
      double size = 0;
      double off = 0;
      for (int i = 0; i < found.length; i++) {
        size += expected[at + i] * expected[at + i];
        off += (expected[at + i] - found[i]) * (expected[at + i] - found[i]);
      }
      assertTrue(
          Math.sqrt(off) <= apart * Math.max(0.01, Math.sqrt(size)),
          p.name() + ": " + Math.sqrt(off) + " of " + Math.sqrt(size));
      at += found.length;
    }
    assertEquals(expected.length, at);
  }

  /** Both forms of the exported networks on every backend; ternary layers are recognised. */
  @ParameterizedTest
  @CsvSource({
    "default, float, 0 0 0",
    "bit-noemb, bit-noemb, 0 6 8",
    "bit-aggressive, bit-aggressive, 0 6 14"
  })
  void exportedNetworksGiveTheNumbersOfPyTorch(String plan, String name, String bitLayers)
      throws IOException {
    CaloDreamTask task = task(plan);
    VelocityErrors network = network();
    Map<TrainableNetwork, String> parts = new LinkedHashMap<>();
    parts.put(network.transformer(), "embeddings");
    parts.put(network.energies(), "energies");
    parts.put(network.shape(), "shape");
    List<String> counts = new ArrayList<>();
    // States between noise and data are made by the training's network, outputs by PyTorch.
    Map<String, Map<String, Tensor>> inputs = new LinkedHashMap<>();
    task.probes(parameters(), batch())
        .forEach((part, probe) -> inputs.put(part.name(), new LinkedHashMap<>(probe.inputs())));
    Objects.requireNonNull(inputs.get("energy-velocity"))
        .put(EnergyVelocity.EMBEDDING, Tensor.of(golden(name + ".embeddings").floats(), 5 * 4, 8));
    for (Map.Entry<TrainableNetwork, String> part : parts.entrySet()) {
      String role = part.getKey().name();
      byte[] onnx = task.part(part.getKey(), parameters()).onnx();
      counts.add(Long.toString(ModelReport.of(role, onnx, 2, 2).bitLayers()));
      for (byte[] form : List.of(onnx, NetworkExport.integerProducts(role, onnx))) {
        for (String backend : List.of("reference", "bit", "ort")) {
          try (Network loaded =
              Backends.standard().get(backend).load(role, form, BackendOptions.DEFAULT)) {
            float[] found =
                loaded
                    .run(Objects.requireNonNull(inputs.get(role)))
                    .values()
                    .iterator()
                    .next()
                    .floats();
            close(
                role + ", " + backend,
                golden(name + "." + part.getValue()).floats(),
                found,
                tolerance(plan));
          }
        }
      }
    }
    assertEquals(bitLayers, String.join(" ", counts));
  }

  /** The published numbers of parameters, all and ternary (specs/models.md 5.2 to 5.4). */
  @Test
  void parametersAreAsPublished() throws IOException {
    CaloGeometry ds2 = NamedGeometries.find("ds2").orElseThrow();
    Map<String, Integer> ternary =
        Map.of("bit-noemb", 1_575_936 + 16_614_720, "float-aggressive", 17_269_008);
    for (Map.Entry<String, Integer> variant : ternary.entrySet()) {
      CaloDreamTask task = new CaloDreamTask(ds2, PUBLISHED, SOLVERS, variant.getKey());
      int all = 0;
      int bit = 0;
      for (Parameter p : Parameters.initial(task.network(), 1).all()) {
        String layer = p.name().substring(0, Math.max(0, p.name().lastIndexOf('.')));
        boolean isNorm = layer.contains(".norm");
        all += p.values().length;
        bit +=
            !isNorm && task.plan().of(layer) == org.bitbeam.runtime.LayerPrecision.TERNARY
                ? p.values().length
                : 0;
      }
      assertEquals(2_384_705 + 26_042_688, all);
      assertEquals(variant.getValue(), bit, variant.getKey());
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    CaloGeometry tiny = NamedGeometries.find("tiny").orElseThrow();
    assertRefused(
        "other sectors or rings", () -> new CaloDreamTask(tiny, SMALL, SOLVERS, "default"));
    assertRefused(
        "does not divide",
        () ->
            new CaloDreamTask(
                geometry(),
                new CaloDreamTask.Sizes(List.of(3, 1, 3), 12, 2, 2, 20, 8, 2, 1, 12, 10, 6),
                SOLVERS,
                "default"));
    assertRefused(
        "energy width 4",
        () ->
            new CaloDreamTask(
                geometry(),
                new CaloDreamTask.Sizes(List.of(2, 1, 3), 12, 2, 2, 20, 4, 2, 1, 12, 10, 6),
                SOLVERS,
                "default"));
    assertRefused(
        "shape.*.nothing",
        () -> task("{\"layers\":[{\"match\":\"shape.*.nothing\",\"precision\":\"ternary\"}]}"));
    assertRefused("no plan", () -> task("full"));
    assertRefused("METHOD:STEP", () -> new CaloDreamTask.Solvers("euler", "euler:0.1"));
    assertRefused("no solver", () -> new CaloDreamTask.Solvers("leap:0.1", "euler:0.1"));
    assertRefused(
        "heads", () -> new CaloDreamTask.Sizes(List.of(2, 1, 3), 12, 5, 2, 20, 8, 2, 1, 12, 10, 6));
  }

  private static void assertRefused(
      String message, org.junit.jupiter.api.function.Executable executable) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, executable);
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
