package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bitbeam.runtime.NetworkQuantiser.LayerError;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Quantised;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Quantised layers against PyTorch's golden vectors; the taggers of quarks and gluons. */
class NetworkQuantiserTest {
  private static final Backend ORT = Backends.standard().get("ort");
  private static final Backend BIT = Backends.standard().get("bit");

  /** A float layer of the golden weights, quantised here, gives PyTorch's quantised outputs. */
  @TestFactory
  Stream<DynamicTest> quantisesAsPyTorchDoes() {
    Path folder = Fixtures.shared().resolve("fixtures/models/bitlinear");
    return StreamSupport.stream(
            Fixtures.json(folder.resolve("index.json")).get("cases").spliterator(), false)
        // Rows that are not finite give other values in ONNX Runtime for this coding.
        .filter(c -> c.get("bias").asBoolean() && !c.get("name").asText().contains("finite"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.get("name").asText(),
                    () ->
                        check(
                            folder.resolve(c.get("name").asText()),
                            LayerPrecision.valueOf(
                                c.get("kind").asText().toUpperCase(Locale.ROOT)))));
  }

  private static void check(Path folder, LayerPrecision precision) {
    FloatArray weight = (FloatArray) Fixtures.npy(folder.resolve("weight.npy"));
    FloatArray bias = (FloatArray) Fixtures.npy(folder.resolve("bias.npy"));
    FloatArray x = (FloatArray) Fixtures.npy(folder.resolve("x.npy"));
    FloatArray y = (FloatArray) Fixtures.npy(folder.resolve("y.npy"));
    byte[] onnx = linear(weight, bias);
    Plan plan = new Plan(List.of(new Rule("fc", precision)), LayerPrecision.FLOAT);
    Map<String, Tensor> inputs =
        Map.of("x", Tensor.of(x.values(), x.size() / weight.shape()[1], weight.shape()[1]));
    Quantised quantised = NetworkQuantiser.quantise("layer", onnx, plan, inputs, ORT);
    assertEquals(1, ModelReport.of("layer", quantised.onnx(), 1, 1).bitLayers());
    for (Backend backend : List.of(ORT, BIT)) {
      try (Network network = backend.load("layer", quantised.onnx(), BackendOptions.DEFAULT)) {
        Tensor actual = network.run(inputs).get("y");
        FloatArray flat = new FloatArray(y.shape(), actual.floats());
        assertTrue(Fixtures.difference(y, flat) < 1e-5, backend.name());
      }
    }
  }

  private static byte[] linear(FloatArray weight, FloatArray bias) {
    List<Long> shape = List.of((long) weight.shape()[0], (long) weight.shape()[1]);
    OnnxValueInfo in =
        new OnnxValueInfo(
            "x",
            OnnxType.FLOAT,
            Optional.of(
                List.of(
                    new OnnxDimension.Symbolic("rows"), new OnnxDimension.Fixed(shape.get(1)))));
    OnnxValueInfo out = new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty());
    OnnxNode gemm =
        new OnnxNode(
            "fc",
            "",
            "Gemm",
            List.of("x", "weight", "bias"),
            List.of("y"),
            Map.of("transB", new org.bitbeam.runtime.onnx.OnnxAttribute.IntValue(1)));
    return OnnxWriter.write(
        new OnnxModel(
            8,
            "test",
            "",
            Map.of("", 17L),
            new OnnxGraph(
                "layer",
                List.of(gemm),
                List.of(
                    OnnxTensor.ofFloats("weight", shape, weight.values()),
                    OnnxTensor.ofFloats("bias", List.of(shape.get(0)), bias.values())),
                List.of(in),
                List.of(out)),
            Map.of()));
  }

  private static Map<String, Tensor> jets() {
    float[] features = new float[8 * 13 * 30];
    float[] mask = new float[8 * 30];
    java.util.SplittableRandom random = new java.util.SplittableRandom(3);
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextDouble(-1, 1);
    }
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % 30 < 5 + i / 30 ? 1 : 0;
    }
    return Map.of(
        "pf_features", Tensor.of(features, 8, 13, 30), "pf_mask", Tensor.of(mask, 8, 1, 30));
  }

  private static byte[] pfn() {
    return Fixtures.bytes(Path.of("..", "models", "pfn", "model.onnx"));
  }

  @Test
  void firstMatchingRuleCountsAndErrorsGrowWithCoarserWeights() {
    Plan plan =
        new Plan(
            List.of(
                new Rule("/phi/phi.0/*", LayerPrecision.FLOAT),
                new Rule("/phi/*", LayerPrecision.INT8),
                new Rule("/rho/rho.0/*", LayerPrecision.TERNARY)),
            LayerPrecision.FLOAT);
    Quantised quantised = NetworkQuantiser.quantise("pfn", pfn(), plan, jets(), ORT);
    assertArrayEquals(
        new LayerPrecision[] {
          LayerPrecision.FLOAT,
          LayerPrecision.INT8,
          LayerPrecision.INT8,
          LayerPrecision.TERNARY,
          LayerPrecision.FLOAT,
          LayerPrecision.FLOAT
        },
        quantised.layers().stream().map(LayerError::precision).toArray());
    LayerError first = quantised.layers().get(0);
    assertEquals(0, first.weightError() + first.alone() + first.together());
    LayerError int8 = quantised.layers().get(1);
    LayerError ternary = quantised.layers().get(3);
    assertTrue(int8.weightError() > 1e-3 && int8.weightError() < 0.02, int8.toString());
    assertTrue(ternary.weightError() > 0.3 && ternary.weightError() < 0.8, ternary.toString());
    assertTrue(ternary.alone() > 3 * int8.alone(), "a ternary layer costs more");
    // Quantising what is quantised already changes nothing.
    Quantised again =
        NetworkQuantiser.quantise(
            "pfn", quantised.onnx(), new Plan(List.of(), LayerPrecision.FLOAT), jets(), ORT);
    assertEquals(0, again.outputErrors().get("logits"));
  }

  @Test
  void rulesWithoutALayerAreRefused() {
    Plan plan = new Plan(List.of(new Rule("/phy/*", LayerPrecision.INT8)), LayerPrecision.FLOAT);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> NetworkQuantiser.quantise("pfn", pfn(), plan, jets(), ORT))
            .getMessage();
    assertTrue(message.contains("/phy/*") && message.contains("/phi/phi.0/MatMul"), message);
  }
}
