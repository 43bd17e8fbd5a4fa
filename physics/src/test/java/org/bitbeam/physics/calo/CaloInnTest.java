package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** CaloINN in its five quantised variants, both directions, against PyTorch. */
class CaloInnTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static CaloFixtures fixtures() {
    return CaloFixtures.of("caloinn");
  }

  private static Stream<JsonNode> flows() throws IOException {
    return StreamSupport.stream(fixtures().index().get("flows").spliterator(), false);
  }

  /** A flow of the fixtures as a bundle; its geometry has layers of one sector. */
  private static ModelBundle bundle(JsonNode flow, String exporter) throws IOException {
    CaloFixtures fixtures = fixtures();
    ObjectNode geometry = JSON.createObjectNode().put("name", "test");
    ArrayNode layers = geometry.putArray("layers");
    for (JsonNode size : flow.get("layer_sizes")) {
      ArrayNode radii = layers.addObject().put("sectors", 1).putArray("radii");
      for (int i = 0; i <= size.asInt(); i++) {
        radii.add(i);
      }
    }
    ObjectNode stage = JSON.createObjectNode().put("kind", "calo-flow");
    stage
        .putObject("spline")
        .put("kind", flow.get("spline").asText().equals("rq") ? "rational-quadratic" : "cubic")
        .put("bins", flow.get("bins").asInt())
        .put("bound", flow.get("bound").asDouble());
    stage.put("noise", flow.get("noise").asDouble());
    ArrayNode blocks = stage.putArray("blocks");
    int i = 0;
    for (JsonNode block : flow.get("blocks")) {
      ObjectNode node = blocks.addObject();
      node.put("subnet", "subnet-" + i).put("permutation", "permutation-" + i + ".npy");
      if (block.hasNonNull("act_norm")) {
        node.put("normLogScale", "log-scale-" + i + ".npy").put("normShift", "shift-" + i + ".npy");
      }
      i++;
    }
    BundleWriter bundle = new BundleWriter(flow.get("name").asText(), "1", "", "CC0-1.0", stage);
    bundle.file("geometry.json", JSON.writeValueAsBytes(geometry));
    i = 0;
    for (JsonNode block : flow.get("blocks")) {
      String file = block.get("subnet").path(exporter).asText();
      if (file.isEmpty()) {
        file = block.get("subnet").iterator().next().asText();
      }
      bundle.model("subnet-" + i, "subnet-" + i + ".onnx", fixtures.bytes(file));
      bundle.file("permutation-" + i + ".npy", fixtures.bytes(block.get("permutation").asText()));
      if (block.hasNonNull("act_norm")) {
        JsonNode norm = block.get("act_norm");
        bundle.file("log-scale-" + i + ".npy", fixtures.bytes(norm.get("scale").asText()));
        bundle.file("shift-" + i + ".npy", fixtures.bytes(norm.get("bias").asText()));
      }
      i++;
    }
    return bundle.bundle();
  }

  private record Loaded(CaloInn model, CaloFixtures.Networks networks) implements AutoCloseable {
    @Override
    public void close() {
      networks.close();
    }
  }

  private static Loaded load(ModelBundle bundle, String backend) {
    CaloFixtures.Networks networks = CaloFixtures.load(bundle, backend);
    return new Loaded(CaloInn.of(bundle, networks.byRole()), networks);
  }

  private static double[] array(JsonNode flow, String name) throws IOException {
    return fixtures().array(flow.get("files").get(name).asText());
  }

  @TestFactory
  Stream<DynamicTest> bothDirectionsAreThoseOfPyTorch() throws IOException {
    return flows()
        .flatMap(
            flow ->
                Stream.of("ort", "bit")
                    .map(
                        backend ->
                            DynamicTest.dynamicTest(
                                flow.get("name").asText() + " on " + backend,
                                () -> check(flow, backend))));
  }

  private static void check(JsonNode flow, String backend) throws IOException {
    boolean bit = flow.get("bit_params").asLong() > 0;
    // README of the fixtures: float flows 3e-5 of the range, bit flows the measured noise, 2e-3 at
    // most; the exported networks have more noise than eager PyTorch in both precisions.
    double tolerance = bit ? 2e-3 : 3e-5;
    double[] energies = array(flow, "e_inc");
    try (Loaded loaded = load(bundle(flow, "script"), backend)) {
      CaloInn model = loaded.model();
      int length = model.shares().length();
      double[] vectors = array(flow, "forward_x");
      double[] forward = model.toLatent(vectors, energies);
      CaloFixtures.assertClose("z", array(flow, "forward_z64"), vectors, tolerance);
      CaloFixtures.assertClose(
          "log-determinant", array(flow, "forward_logdet64"), forward, tolerance);
      double[] latent = array(flow, "inverse_z");
      double[] inverse = model.fromLatent(latent, energies);
      CaloFixtures.assertClose("log x", array(flow, "inverse_log64"), latent, tolerance);
      CaloFixtures.assertClose(
          "log-determinant", array(flow, "inverse_logdet64"), inverse, tolerance);
      double[] expected = array(flow, "sampled_voxels64");
      int showers = expected.length / model.geometry().voxels();
      double[] voxels =
          model.sample(
              Arrays.copyOf(energies, showers),
              Arrays.copyOf(array(flow, "inverse_z"), showers * length));
      CaloFixtures.assertClose("voxels", expected, voxels, tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> preprocessingIsThatOfTheReference() throws IOException {
    return flows()
        .map(
            flow ->
                DynamicTest.dynamicTest(
                    flow.get("name").asText(),
                    () -> {
                      try (Loaded loaded = load(bundle(flow, "script"), "ort")) {
                        LayerShares shares = loaded.model().shares();
                        double[] voxels = array(flow, "voxels");
                        double[] energies = array(flow, "e_inc");
                        double[] expected = array(flow, "preprocessed");
                        double[] actual = new double[expected.length];
                        for (int i = 0; i < energies.length; i++) {
                          shares.of(
                              voxels,
                              i * shares.geometry().voxels(),
                              energies[i],
                              actual,
                              i * shares.length());
                        }
                        assertArrayEquals(expected, actual, 1e-9);
                        double[] back = new double[voxels.length];
                        for (int i = 0; i < energies.length; i++) {
                          shares.toVoxels(
                              actual,
                              i * shares.length(),
                              energies[i],
                              0,
                              back,
                              i * shares.geometry().voxels());
                        }
                        CaloFixtures.assertClose("voxels", voxels, back, 1e-9);
                      }
                    }));
  }

  @Test
  void showersDependOnNumberAndSeedAlone() throws IOException {
    JsonNode flow = flows().filter(f -> f.get("bit_params").asLong() > 0).findFirst().orElseThrow();
    for (String backend : new String[] {"ort", "bit"}) {
      try (Loaded loaded = load(bundle(flow, "script"), backend)) {
        double[] energies = {1e3, 5e3, 2e4, 1e5, 7e5};
        long[] showers = {0, 1, 2, 3, 1L << 33};
        double[] all = loaded.model().sample(energies, new CounterRandom(4), showers, new int[5]);
        int voxels = loaded.model().geometry().voxels();
        for (int i = 0; i < 5; i++) {
          double[] one =
              loaded
                  .model()
                  .sample(
                      new double[] {energies[i]},
                      new CounterRandom(4),
                      new long[] {showers[i]},
                      new int[1]);
          assertArrayEquals(Arrays.copyOfRange(all, i * voxels, (i + 1) * voxels), one);
        }
        double[] other = loaded.model().sample(energies, new CounterRandom(5), showers, new int[5]);
        assertTrue(!Arrays.equals(all, other));
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> densitiesAreThoseOfTheLatentVectors() throws IOException {
    return flows()
        .map(
            flow ->
                DynamicTest.dynamicTest(
                    flow.get("name").asText(),
                    () -> {
                      try (Loaded loaded = load(bundle(flow, "script"), "ort")) {
                        double[] energies = array(flow, "e_inc");
                        double[] z = array(flow, "forward_z64");
                        double[] expected = array(flow, "forward_logdet64");
                        int length = loaded.model().shares().length();
                        for (int i = 0; i < z.length; i++) {
                          expected[i / length] -= 0.5 * (z[i] * z[i] + Math.log(2 * Math.PI));
                        }
                        double[] actual =
                            loaded.model().logDensity(array(flow, "forward_x"), energies);
                        CaloFixtures.assertClose("density", expected, actual, 2e-3);
                        double[] noisy =
                            loaded
                                .model()
                                .logDensity(
                                    array(flow, "voxels"),
                                    energies,
                                    new CounterRandom(1),
                                    new long[] {0, 1, 2, 3, 4, 5, 6, 7});
                        // Other noise of the same width: the same within a part of the range.
                        for (int i = 0; i < 6; i++) {
                          assertEquals(expected[i], noisy[i], 0.5 * length, "shower " + i);
                        }
                      }
                    }));
  }
}
