package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShippedBundlesTest {
  private static final Path MODELS = Path.of("..", "models");

  @ParameterizedTest
  @ValueSource(strings = {"pfn", "pfn-bit", "part", "part-bit"})
  void opensLoadsAndReproducesItsSelfTest(String name) throws IOException {
    ModelBundle bundle = ModelBundle.open(MODELS.resolve(name));
    assertEquals(name, bundle.name());
    assertEquals("jet-tagger", bundle.stageKind());
    assertEquals("CC0-1.0", bundle.licence());
    assertEquals(List.of("gluon", "quark"), bundle.outputs().get(0).labels());
    assertTrue(bundle.metrics().path("auc").asDouble() > 0.89);
    assertTrue(bundle.training().path("parameters").asInt() > 60_000);
    try (Network network = bundle.load(Backends.standard().get("ort"), BackendOptions.DEFAULT)) {
      SelfTestReport report = bundle.selfTest(network);
      assertTrue(report.passed());
      assertEquals(40, report.outputs().get(0).values());
      System.out.println(name + ": " + report);
    }
  }

  /** Trained by this project: what the training computed is what backends compute. */
  @ParameterizedTest
  @CsvSource({
    "smeftnet, eft, 0",
    "smeftnet-bit30, eft, 4",
    "smeftnet-bit70, eft, 3",
    "smeftnet-bit100, eft, 7",
    "smeftnet-bit30-distilled, eft, 4",
    "smeftnet-bit70-distilled, eft, 3",
    "smeftnet-bit100-distilled, eft, 7",
    "pdat, jet-tagger, 0",
    "pdat-bit, jet-tagger, 22",
    "pdat-bit-distilled, jet-tagger, 22",
    "pdat-masked-bit, jet-tagger, 28",
    "pdat-masked-bit-small-distilled, jet-tagger, 28"
  })
  void trainedNetworksReproduceTheirSelfTestOnEveryBackend(String name, String stage, int bitLayers)
      throws IOException {
    ModelBundle bundle = ModelBundle.open(MODELS.resolve(name));
    assertEquals(stage, bundle.stageKind());
    if (stage.equals("eft")) {
      assertTrue(bundle.metrics().path("meanSinSquared").asDouble() < 0.2);
    } else {
      assertTrue(bundle.metrics().path("auc").asDouble() > 0.85);
    }
    byte[] onnx = Files.readAllBytes(MODELS.resolve(name).resolve("model.onnx"));
    assertEquals(bitLayers, ModelReport.of(name, onnx, 16, 16).bitLayers());
    for (String backend : List.of("ort", "bit", "reference")) {
      try (Network network =
          bundle.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
        assertTrue(bundle.selfTest(network).passed(), backend);
      }
    }
  }

  /** Shower models of several networks, trained by this project. */
  @ParameterizedTest
  @CsvSource({
    "calodream",
    "calodream-bit",
    "calodream-bit-aggressive",
    "calodream-bit90-distilled",
    "calodream-bit90-warm",
    "calodream-steps-1"
  })
  void networksOfShowerModelsReproduceTheirSelfTestsOnEveryBackend(String name) throws IOException {
    ModelBundle bundle = ModelBundle.open(MODELS.resolve(name));
    assertEquals("calo-diffusion", bundle.stageKind());
    for (String role : List.of("energy-embedding", "energy-velocity", "shape-velocity")) {
      assertSelfTestPasses(bundle, role);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "caloinn-default, 0",
    "caloinn-exchange-permutation, 0",
    "caloinn-nn-central, 12",
    "caloinn-block-central, 8",
    "caloinn-all, 24",
    "caloinn-scan-warm, 22"
  })
  void networksOfFlowsReproduceTheirSelfTestsOnEveryBackend(String name, int bitLayers)
      throws IOException {
    ModelBundle bundle = ModelBundle.open(MODELS.resolve(name));
    assertEquals("calo-flow", bundle.stageKind());
    int found = 0;
    for (String role : bundle.roles()) {
      found += ModelReport.of(role, bundle.onnx(role), 16, 16).bitLayers();
      assertSelfTestPasses(bundle, role);
    }
    assertEquals(bitLayers, found);
  }

  private static void assertSelfTestPasses(ModelBundle bundle, String role) {
    for (String backend : List.of("ort", "bit", "reference")) {
      try (Network network =
          bundle.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT)) {
        assertTrue(bundle.selfTest(role, network).passed(), role + ", " + backend);
      }
    }
  }
}
