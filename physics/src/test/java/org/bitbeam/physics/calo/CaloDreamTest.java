package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CaloDREAM in its quantised variants against PyTorch. */
class CaloDreamTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] ENERGY = {"energy_float", "energy_full"};
  private static final String[] SHAPE = {
    "shape_float", "shape_qkv", "shape_full", "shape_noemb", "shape_aggressive"
  };

  private static CaloFixtures fixtures() {
    return CaloFixtures.of("calodream");
  }

  /** Fixtures as a bundle. */
  private static ModelBundle bundle(
      String energy, String shape, String exporter, Consumer<ObjectNode> edit) throws IOException {
    CaloFixtures fixtures = fixtures();
    JsonNode index = fixtures.index();
    ObjectNode geometry = JSON.createObjectNode().put("name", "test");
    ArrayNode layers = geometry.putArray("layers");
    for (int layer = 0; layer < index.get("shape").get(0).asInt(); layer++) {
      ArrayNode radii =
          layers.addObject().put("sectors", index.get("shape").get(1).asInt()).putArray("radii");
      for (int i = 0; i <= index.get("shape").get(2).asInt(); i++) {
        radii.add(4.65 * i);
      }
    }
    ObjectNode stage = JSON.createObjectNode().put("kind", "calo-diffusion");
    stage
        .putObject("energy")
        .put("mean", "energy_mean.npy")
        .put("deviation", "energy_std.npy")
        .putObject("solver")
        .put("method", "rk4-3/8")
        .put("step", index.get("energy_net").get("step").asDouble());
    stage
        .putObject("shape")
        .put("mean", "voxel_mean.npy")
        .put("deviation", "voxel_std.npy")
        .put("fractionMean", "fraction_mean.npy")
        .put("fractionDeviation", "fraction_std.npy")
        .putObject("solver")
        .put("method", "rk4-3/8")
        .put("step", index.get("step").asDouble());
    edit.accept(stage);
    BundleWriter bundle = new BundleWriter(energy + "+" + shape, "1", "", "CC0-1.0", stage);
    bundle.file("geometry.json", JSON.writeValueAsBytes(geometry));
    for (JsonNode file : index.get("statistics")) {
      String path = file.asText();
      bundle.file(path.substring(path.indexOf('/') + 1), fixtures.bytes(path));
    }
    for (String[] role :
        new String[][] {
          {"energy-embedding", energy + "/embedding."},
          {"energy-velocity", energy + "/velocity."},
          {"shape-velocity", shape + "/velocity."}
        }) {
      String file = role[1] + exporter + ".onnx";
      if (!Files.exists(fixtures.folder().resolve(file))) {
        file = role[1] + "script.onnx";
      }
      bundle.model(role[0], role[0] + ".onnx", fixtures.bytes(file));
    }
    return bundle.bundle();
  }

  private record Loaded(CaloDream model, CaloFixtures.Networks networks) implements AutoCloseable {
    @Override
    public void close() {
      networks.close();
    }
  }

  private static Loaded load(String energy, String shape, String exporter, String backend)
      throws IOException {
    return load(bundle(energy, shape, exporter, stage -> {}), backend, StageCounter.NONE);
  }

  private static Loaded load(ModelBundle bundle, String backend, StageCounter counter) {
    CaloFixtures.Networks networks = CaloFixtures.load(bundle, backend);
    return new Loaded(CaloDream.of(bundle, networks.byRole(), counter), networks);
  }

  /**
   * What the samples of an entry may deviate by, of their range. README of the fixtures: float
   * networks 1e-5; bit networks about the measured noise of two correct programs.
   */
  private static double tolerance(String name, String exporter) throws IOException {
    for (JsonNode entry : fixtures().index().get("models")) {
      if (entry.get("name").asText().equals(name)) {
        double measured = entry.at("/ort_vs_eager/" + exporter + "/sample/over_range").asDouble(0);
        return Math.max(1e-5, 4 * measured);
      }
    }
    throw new AssertionError(name);
  }

  private static Stream<DynamicTest> onAll(String[] names, Check check) throws IOException {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of("script", "dynamo")
                    .filter(
                        exporter ->
                            Files.exists(
                                fixtures()
                                    .folder()
                                    .resolve(name + "/velocity." + exporter + ".onnx")))
                    .flatMap(
                        exporter ->
                            Stream.of("ort", "bit")
                                .map(
                                    backend ->
                                        DynamicTest.dynamicTest(
                                            name + " " + exporter + " on " + backend,
                                            () -> check.of(name, exporter, backend)))));
  }

  private interface Check {
    void of(String name, String exporter, String backend) throws IOException;
  }

  @TestFactory
  Stream<DynamicTest> energiesAreThoseOfPyTorch() throws IOException {
    return onAll(
        ENERGY,
        (name, exporter, backend) -> {
          try (Loaded loaded = load(name, "shape_float", exporter, backend)) {
            double[] noise = fixtures().array("common/energy_noise.npy");
            loaded.model().sampleEnergies(fixtures().array("common/e_inc.npy"), noise);
            CaloFixtures.assertClose(
                "u", fixtures().array(name + "/sample.npy"), noise, tolerance(name, exporter));
          }
        });
  }

  /** Logarithms u / (1 - u) of the shares under which the shapes of the fixtures were made. */
  private static double[][] logits(int showers) throws IOException {
    double[] u = fixtures().array("conditioning/fractions.npy");
    int layers = u.length / showers;
    double[][] logits = new double[showers][layers];
    for (int i = 0; i < u.length; i++) {
      double x = (i % layers == 0 ? 0.35 : 1) * u[i] * (1 - 2e-6) + 1e-6;
      logits[i / layers][i % layers] = Math.log(x / (1 - x));
    }
    return logits;
  }

  @TestFactory
  Stream<DynamicTest> shapesAreThoseOfPyTorch() throws IOException {
    return onAll(
        SHAPE,
        (name, exporter, backend) -> {
          try (Loaded loaded = load("energy_full", name, exporter, backend)) {
            double[] energies = fixtures().array("common/e_inc.npy");
            double[] noise = fixtures().array("common/shape_noise.npy");
            loaded.model().sampleShapes(energies, logits(energies.length), noise);
            double tolerance = tolerance(name, exporter);
            CaloFixtures.assertClose(
                "shapes", fixtures().array(name + "/sample.npy"), noise, tolerance);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> showersAreThoseOfPyTorch() throws IOException {
    return onAll(
        new String[] {"shape_noemb"},
        (name, exporter, backend) -> {
          try (Loaded loaded = load("energy_full", name, exporter, backend)) {
            double[] voxels =
                loaded
                    .model()
                    .sample(
                        fixtures().array("common/e_inc.npy"),
                        fixtures().array("common/energy_noise.npy"),
                        fixtures().array("common/shape_noise.npy"));
            // The noise of the energies, 1e-4 of their logarithms, goes through both networks.
            for (String golden : new String[] {"voxels", "voxels64"}) {
              CaloFixtures.assertClose(
                  golden, fixtures().array(name + "/" + golden + ".npy"), voxels, 2e-3);
            }
          }
        });
  }

  /** The same network with patches, positions and adaLN around it: make_outside_shape.py. */
  private static Loaded outside(String backend, Consumer<ObjectNode> edit) throws IOException {
    ModelBundle whole = bundle("energy_full", "shape_noemb", "script", stage -> {});
    ObjectNode stage = whole.stage().deepCopy();
    ObjectNode shape = (ObjectNode) stage.get("shape");
    shape.put("velocity", "shape-core").put("conditioning", "shape-conditioning");
    shape.put("positions", "positions.npy");
    fixtures().index().get("patch").forEach(shape.putArray("patching")::add);
    edit.accept(stage);
    BundleWriter writer = new BundleWriter("outside", "1", "", "CC0-1.0", stage);
    for (String file : List.of("energy-embedding", "energy-velocity")) {
      writer.model(file, file + ".onnx", whole.file(file + ".onnx"));
    }
    for (JsonNode file : fixtures().index().get("statistics")) {
      String path = file.asText();
      writer.file(path.substring(path.indexOf('/') + 1), fixtures().bytes(path));
    }
    writer.file("geometry.json", whole.file("geometry.json"));
    writer.file("positions.npy", resource("positions.npy"));
    writer.model("shape-core", "core.onnx", resource("velocity.onnx"));
    writer.model("shape-conditioning", "conditioning.onnx", resource("conditioning.onnx"));
    return load(writer.bundle(), backend, StageCounter.NONE);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = CaloDreamTest.class.getResourceAsStream("/calo/outside/" + name)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @CsvSource({"ort", "bit"})
  void partsAroundTheNetworkAreThoseWithinIt(String backend) throws IOException {
    double[] energies = fixtures().array("common/e_inc.npy");
    double[][] shapes = new double[2][];
    try (Loaded whole = load("energy_full", "shape_noemb", "script", backend);
        Loaded outside = outside(backend, stage -> {})) {
      for (Loaded loaded : List.of(whole, outside)) {
        double[] noise = fixtures().array("common/shape_noise.npy");
        loaded.model().sampleShapes(energies, logits(energies.length), noise);
        shapes[loaded == whole ? 0 : 1] = noise;
        double tolerance = tolerance("shape_noemb", "script");
        CaloFixtures.assertClose(
            "shapes", fixtures().array("shape_noemb/sample.npy"), noise, tolerance);
      }
      // Positions of numpy have other last digits, which flip codes of quantised activations.
      CaloFixtures.assertClose("shapes", shapes[0], shapes[1], 5e-5);
      double[] all =
          outside
              .model()
              .sample(energies, new CounterRandom(3), numbers(energies), new int[energies.length]);
      double[] one =
          outside
              .model()
              .sample(new double[] {energies[1]}, new CounterRandom(3), new long[] {1}, new int[1]);
      assertArrayEquals(Arrays.copyOfRange(all, one.length, 2 * one.length), one);
    }
  }

  private static long[] numbers(double[] energies) {
    return LongStream.range(0, energies.length).toArray();
  }

  @Test
  void partsThatDoNotFitAreRefused() {
    fixtures(); // skips where they are absent
    for (Consumer<ObjectNode> edit :
        List.<Consumer<ObjectNode>>of(
            stage -> part(stage, "shape").putArray("patching").add(3).add(8).add(2),
            stage -> part(stage, "shape").putArray("patching").add(3),
            stage -> part(stage, "shape").remove("positions"),
            stage -> part(stage, "shape").remove("conditioning"),
            stage -> part(stage, "shape").put("conditioning", "energy-velocity"),
            stage -> part(stage, "shape").put("conditioning", "nowhere"))) {
      assertThrows(IllegalArgumentException.class, () -> outside("ort", edit).close());
    }
  }

  @Test
  void postProcessingIsThatOfTheReference() throws IOException {
    try (Loaded loaded = load("energy_full", "shape_float", "script", "ort")) {
      ShareScaling scaling = loaded.model().scaling();
      double[] energies = fixtures().array("common/e_inc.npy");
      double[] sampled = fixtures().array("shape_float/sample.npy");
      double[][] logits = logits(energies.length);
      double[] voxels = new double[sampled.length];
      int length = voxels.length / energies.length;
      for (int i = 0; i < energies.length; i++) {
        scaling.toVoxels(sampled, i * length, logits[i], energies[i], voxels, i * length);
      }
      double[] expected = fixtures().array("shape_float/voxels.npy");
      CaloFixtures.assertClose("voxels", expected, voxels, 1e-9);
      for (int i = 0; i < voxels.length; i++) {
        assertEquals(expected[i] == 0, voxels[i] == 0, "voxel " + i);
        assertTrue(voxels[i] == 0 || voxels[i] >= 15.15e-3, "voxel " + i);
      }
      sampled[5] = Double.NaN;
      scaling.toVoxels(sampled, 0, logits[0], energies[0], voxels, 0);
      assertTrue(Double.isNaN(voxels[5]));
    }
  }

  @Test
  void preprocessingIsThatOfTheReference() throws IOException {
    try (Loaded loaded = load("energy_full", "shape_float", "script", "ort")) {
      ShareScaling scaling = loaded.model().scaling();
      double[] energies = fixtures().array("preprocessing/e_inc.npy");
      double[] voxels = fixtures().array("preprocessing/voxels.npy");
      double[] energyTargets = fixtures().array("preprocessing/energy_target.npy");
      double[] shapeTargets = fixtures().array("preprocessing/shape_target.npy");
      double[] conditions = fixtures().array("preprocessing/condition.npy");
      int length = voxels.length / energies.length;
      int layers = scaling.layers();
      float[] condition = new float[conditions.length];
      for (int i = 0; i < energies.length; i++) {
        double[] shower = Arrays.copyOfRange(voxels, i * length, (i + 1) * length);
        double[] all = scaling.logits(shower, energies[i]);
        double[] u = Arrays.copyOfRange(all, length, all.length);
        for (int k = 0; k < length; k++) {
          assertEquals(shapeTargets[i * length + k], scaling.voxels().standardise(all[k], k), 2e-6);
        }
        for (int k = 0; k < layers; k++) {
          assertEquals(
              energyTargets[i * layers + k], scaling.energies().standardise(u[k], k), 1e-6);
        }
        scaling.condition(energies[i], u, condition, i * (layers + 1));
        // And back: sums and edges are rounded.
        double[] back = new double[length];
        scaling.toVoxels(standardised(scaling, all, length), 0, u, energies[i], back, 0);
        for (int k = 0; k < length; k++) {
          assertEquals(
              shower[k],
              back[k] == 0 && shower[k] < 15.15e-3 ? shower[k] : back[k],
              1e-6 * shower[k] + 1e-2);
        }
      }
      for (int i = 0; i < condition.length; i++) {
        assertEquals(conditions[i], condition[i], 2e-6, "condition " + i);
      }
    }
  }

  private static double[] standardised(ShareScaling scaling, double[] logits, int length) {
    double[] values = new double[length];
    Arrays.setAll(values, k -> scaling.voxels().standardise(logits[k], k));
    return values;
  }

  @ParameterizedTest
  @CsvSource({"ort, rk4-3/8", "bit, rk4-3/8", "ort, dormand-prince", "bit, dormand-prince"})
  void showersDependOnNumberAndSeedAlone(String backend, String method) throws IOException {
    ModelBundle bundle =
        bundle(
            "energy_full",
            "shape_noemb",
            "script",
            stage -> {
              for (String part : new String[] {"energy", "shape"}) {
                ((ObjectNode) stage.get(part))
                    .putObject("solver")
                    .put("method", method)
                    .put("step", 0.125)
                    .put("rtol", 1e-3)
                    .put("atol", 1e-3);
              }
            });
    try (Loaded loaded = load(bundle, backend, StageCounter.NONE)) {
      double[] energies = {1e3, 5e3, 2e4, 1e5, 7e5};
      long[] showers = {0, 1, 2, 3, 1L << 33};
      int[] particles = {0, 1, 0, 2, 0};
      CaloDream model = loaded.model();
      double[] all = model.sample(energies, new CounterRandom(4), showers, particles);
      int voxels = model.geometry().voxels();
      assertTrue(Arrays.stream(all).sum() > 1e3);
      for (int[] part : new int[][] {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {0, 3}, {3, 5}}) {
        double[] some =
            model.sample(
                Arrays.copyOfRange(energies, part[0], part[1]),
                new CounterRandom(4),
                Arrays.copyOfRange(showers, part[0], part[1]),
                Arrays.copyOfRange(particles, part[0], part[1]));
        assertArrayEquals(
            Arrays.copyOfRange(all, part[0] * voxels, part[1] * voxels),
            some,
            Arrays.toString(part));
      }
      double[] other = model.sample(energies, new CounterRandom(5), showers, particles);
      assertTrue(!Arrays.equals(all, other));
      assertEquals(
          0, model.sample(new double[0], new CounterRandom(4), new long[0], new int[0]).length);
    }
  }

  @Test
  void evaluationsAreCounted() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    ModelBundle bundle = bundle("energy_float", "shape_float", "script", stage -> {});
    try (Loaded loaded =
        load(bundle, "ort", (name, amount) -> counts.merge(name, amount, Long::sum))) {
      assertTrue(Double.isNaN(loaded.model().evaluations().perShower()));
      loaded
          .model()
          .sample(new double[] {1e4, 1e5}, new CounterRandom(4), new long[] {0, 1}, new int[2]);
      // 50 and 20 steps of 4
      CaloDream.Evaluations evaluations = loaded.model().evaluations();
      assertEquals(new CaloDream.Evaluations(2, 2 * 15 * 200, 2 * 80), evaluations);
      assertEquals(15 * 200 + 80, evaluations.perShower());
      assertEquals(
          Map.of("showers", 2L, "energyEvaluations", 6000L, "shapeEvaluations", 160L), counts);
      // The stage tells the counter of its batch.
      Map<String, Long> ofStage = new TreeMap<>();
      DoubleColumn energy = DoubleColumn.of(1e4, 2e4, 3e4);
      EventBatch batch =
          EventBatch.of(
              new Origin("", "", "showers", 0),
              new Schema(List.of(Schema.Field.of("E", energy.type()))),
              List.of(energy),
              3);
      new ShowerSimulator(
              loaded.model(), new ShowerOptions("E", 1, 1, ShowerOptions.OutOfRange.ERROR, true))
          .apply(batch, (name, amount) -> ofStage.merge(name, amount, Long::sum));
      assertEquals(3L, ofStage.get("showers"));
      assertEquals(3L * 15 * 200, ofStage.get(CaloDream.ENERGY_EVALUATIONS));
      assertEquals(3L * 80, ofStage.get(CaloDream.SHAPE_EVALUATIONS));
    }
  }

  private static void assertRefused(Consumer<ObjectNode> edit, String... words) throws IOException {
    ModelBundle bundle = bundle("energy_float", "shape_float", "script", edit);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> load(bundle, "ort", StageCounter.NONE).close());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
  }

  private static ObjectNode part(ObjectNode stage, String name) {
    return (ObjectNode) stage.get(name);
  }

  @Test
  void bundlesThatDoNotFitAreRefused() throws IOException {
    assertRefused(stage -> stage.put("kind", "calo-flow"), "calo-flow", "calo-diffusion");
    assertRefused(
        stage -> part(stage, "shape").put("patching", "outside"), "shape.patching", "outside");
    assertRefused(
        stage -> part(stage, "shape").put("conditioning", "stage"), "no network \"stage\"");
    assertRefused(stage -> part(stage, "shape").remove("solver"), "shape.solver", "no solver");
    assertRefused(
        stage -> part(stage, "energy").put("velocity", "x"), "no network \"x\"", "shape-velocity");
    assertRefused(
        stage -> part(stage, "energy").put("velocity", "shape-velocity"), "expected 1 numbers");
    assertRefused(
        stage -> part(stage, "energy").put("embedding", "shape-velocity"), "source", "past_");
    assertRefused(
        stage -> part(stage, "shape").put("mean", "energy_mean.npy"), "15 values", "1080");
    assertRefused(stage -> stage.put("thresholdMeV", -1), "thresholdMeV");
    assertRefused(stage -> stage.put("showersPerCall", 0), "showersPerCall");
  }
}
