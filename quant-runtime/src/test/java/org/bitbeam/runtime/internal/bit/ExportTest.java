package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.UnsafeModelException;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.Ort;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.reference.ReferenceFixturesTest;
import org.bitbeam.runtime.onnx.OnnxFormatException;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Exported networks against the networks they came from. */
class ExportTest {
  /** Networks with ternary or binary layers, the large published ones left out. */
  private static Stream<Fixtures.Entry> bitNetworks() {
    return Fixtures.entries().stream()
        .filter(entry -> entry.expectedBitLayers() > 0 && !entry.file().startsWith("published"));
  }

  @TestFactory
  Stream<DynamicTest> packedNetworksAreTheSameToTheBit() {
    return bitNetworks()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () -> {
                      byte[] onnx = Fixtures.bytes(entry.path());
                      byte[] packed = NetworkExport.packed("packed", onnx);
                      assertSameBits(entry, onnx, NetworkExport.unpacked("packed", packed));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> integerProductsAreTheSameToTheBitHereAndCloseInOnnxRuntime() {
    return bitNetworks()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () -> {
                      byte[] onnx = Fixtures.bytes(entry.path());
                      byte[] exported = NetworkExport.integerProducts("exported", onnx);
                      assertSameBits(entry, onnx, exported);
                      OnnxModel model = OnnxReader.read("exported", exported);
                      Map<String, NdArray> inputs = inputs(entry, model);
                      Map<String, NdArray> expected = run(onnx, inputs);
                      try (Ort ort = new Ort(exported)) {
                        ort.run(inputs)
                            .forEach(
                                (name, actual) ->
                                    assertTrue(
                                        Fixtures.difference(expected.get(name), actual) < 2e-3,
                                        name));
                      }
                    }));
  }

  /** Integer sums are exact in every engine, so a single layer differs by the last rounding. */
  @TestFactory
  Stream<DynamicTest> singleLayersGiveTheSameSumsInOnnxRuntime() {
    return bitNetworks()
        .filter(Fixtures.Entry::isSingleLayer)
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () -> {
                      byte[] onnx = Fixtures.bytes(entry.path());
                      byte[] exported = NetworkExport.integerProducts("exported", onnx);
                      Map<String, NdArray> inputs = entry.inputs(100);
                      Map<String, NdArray> expected = run(onnx, inputs);
                      try (Ort ort = new Ort(exported)) {
                        ort.run(inputs)
                            .forEach(
                                (name, actual) ->
                                    assertTrue(
                                        Fixtures.difference(expected.get(name), actual) < 3e-7,
                                        name + Fixtures.difference(expected.get(name), actual)));
                      }
                    }));
  }

  private static Map<String, NdArray> inputs(Fixtures.Entry entry, OnnxModel model) {
    return entry.hasGolden() ? entry.inputs(20) : ReferenceFixturesTest.random(model, 3);
  }

  private static Map<String, NdArray> run(byte[] onnx, Map<String, NdArray> inputs) {
    Lowered lowered = Fusion.fuse(Lowering.lower(Graph.of(OnnxReader.read("network", onnx))));
    return Plan.of(lowered, new ScalarKernels()).run(inputs);
  }

  private static void assertSameBits(Fixtures.Entry entry, byte[] onnx, byte[] other) {
    OnnxModel model = OnnxReader.read("other", other);
    assertEquals(
        entry.expectedBitLayers(),
        Lowering.lower(Graph.of(model)).report().bitLayers(),
        "layers recognised again");
    Map<String, NdArray> inputs = inputs(entry, model);
    Map<String, NdArray> actual = run(other, inputs);
    run(onnx, inputs)
        .forEach((name, value) -> BitFixturesTest.assertSameBits(name, value, actual.get(name)));
  }

  @Test
  void packedWeightsTakeASixthOfTheSpaceOrLess() {
    byte[] onnx = Fixtures.bytes(Path.of("..", "models", "pfn-bit", "model.onnx"));
    byte[] packed = NetworkExport.packed("pfn-bit", onnx);
    assertTrue(packed.length * 6L < onnx.length, packed.length + " of " + onnx.length);
    assertArrayEquals(packed, NetworkExport.packed("pfn-bit", onnx), "the same bytes again");
  }

  @Test
  void networksWithoutPackedWeightsStayAsTheyAre() {
    byte[] onnx = Fixtures.bytes(Path.of("..", "models", "pfn", "model.onnx"));
    org.junit.jupiter.api.Assertions.assertSame(onnx, NetworkExport.unpacked("pfn", onnx));
  }

  @Test
  void damagedPackedNetworksAreRefusedOrRead() {
    byte[] onnx = Fixtures.bytes(Path.of("..", "models", "pfn-bit", "model.onnx"));
    byte[] packed = NetworkExport.packed("pfn-bit", onnx);
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = packed.clone();
      for (int k = random.nextInt(1, 4); k > 0; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        NetworkExport.unpacked("damaged", damaged);
      } catch (OnnxFormatException | UnsupportedOnnxException | UnsafeModelException e) {
        refused++;
      }
    }
    assertNotEquals(0, refused);
    assertThrows(
        OnnxFormatException.class,
        () -> NetworkExport.unpacked("cut", java.util.Arrays.copyOf(packed, packed.length - 1000)));
  }
}
