package org.bitbeam.runtime.internal.lowering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every export of the fixtures has the number of BitLinear layers that its network was made with.
 */
class LoweringFixturesTest {
  private static Lowered lower(Path path) {
    return Lowering.lower(Graph.of(OnnxReader.read(path.toString(), Fixtures.bytes(path))));
  }

  @TestFactory
  Stream<DynamicTest> findsTheExpectedLayers() {
    return Fixtures.entries().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () -> {
                      Lowered lowered = lower(entry.path());
                      assertEquals(
                          entry.expectedBitLayers(),
                          lowered.layers().size(),
                          () -> lowered.report().toString());
                      assertEquals(entry.expectedBitLayers(), lowered.report().bitLayers());
                      // Nothing of a quantiser is left beside the layers.
                      if (entry.expectedBitLayers() > 0) {
                        assertTrue(
                            lowered.graph().nodes().stream()
                                .noneMatch(node -> node.operator().equals("Round")),
                            () -> "a quantiser is left");
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> signsAndScaleAreThoseOfPyTorch() {
    return Fixtures.entries().stream()
        .filter(Fixtures.Entry::isSingleLayer)
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () -> {
                      BitLayer layer = lower(entry.path()).layers().values().iterator().next();
                      IntegerArray signs =
                          (IntegerArray)
                              Fixtures.npy(
                                  entry
                                      .folder()
                                      .resolve(entry.json().get("golden").get("T").asText()));
                      long[] found = new long[signs.size()];
                      for (int i = 0; i < found.length; i++) {
                        found[i] = layer.weights().signs()[i];
                      }
                      assertArrayEquals(signs.values(), found);
                      double beta = entry.json().get("golden").get("beta").asDouble();
                      assertEquals(beta, layer.weights().beta(), 1e-6 * beta);
                      assertEquals(
                          entry.json().get("kind").asText().equals("binary"),
                          layer.weights().isBinary());
                    }));
  }

  @Test
  void trainedTaggersAreLowered() {
    Path models = Fixtures.shared().resolve("models");
    for (String file : List.of("pfn-bit/model_torchscript.onnx", "pfn-bit/model_dynamo.onnx")) {
      assertEquals(4, lower(models.resolve(file)).layers().size(), file);
    }
    assertEquals(13, lower(models.resolve("part-bit/model_torchscript.onnx")).report().bitLayers());
    assertEquals(0, lower(models.resolve("part/model_torchscript.onnx")).report().bitLayers());
  }

  @Test
  void layersWithOneInputShareTheirQuantiser() {
    Path pdat = Fixtures.shared().resolve("fixtures/models/pdat/small/bit.dynamo.onnx");
    assertEquals(22 - 14, lower(pdat).report().sharedQuantisers());
  }
}
