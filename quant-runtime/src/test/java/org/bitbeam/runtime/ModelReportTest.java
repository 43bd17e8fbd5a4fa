package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;

class ModelReportTest {
  private static final int ROWS = 5;
  private static final int INPUTS = 7;
  private static final int OUTPUTS = 4;

  private static final List<OnnxTensor> CONSTANTS =
      List.of(
          OnnxTensor.ofFloats("scale", List.of(), 0.1f),
          OnnxTensor.ofIntegers("zero", OnnxType.UINT8, List.of(), 128),
          OnnxTensor.ofIntegers("none", OnnxType.INT8, List.of(), 0),
          OnnxTensor.ofIntegers("w", OnnxType.INT8, List.of(7L, 4L), weights()));

  private static long[] weights() {
    long[] weights = new long[INPUTS * OUTPUTS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 5L * i - 64;
    }
    return weights;
  }

  private static OnnxNode node(String operator, String output, String... inputs) {
    return new OnnxNode(operator, "", operator, List.of(inputs), List.of(output), Map.of());
  }

  private static ModelReport report(OnnxNode... nodes) {
    OnnxGraph graph =
        new OnnxGraph(
            "integers",
            List.of(nodes),
            CONSTANTS,
            List.of(
                new OnnxValueInfo(
                    "x",
                    OnnxType.FLOAT,
                    Optional.of(
                        List.of(
                            new OnnxDimension.Symbolic("rows"), new OnnxDimension.Fixed(INPUTS))))),
            List.of(new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty())));
    OnnxModel model = new OnnxModel(9, "test", "", Map.of("", 20L), graph, Map.of());
    return ModelReport.of("integers", OnnxWriter.write(model), ROWS, 1);
  }

  private static void assertCounted(ModelReport report, String node, long flops) {
    ModelReport.Operation product =
        report.operations().stream().filter(o -> o.node().equals(node)).findFirst().orElseThrow();
    long macs = ROWS * INPUTS * OUTPUTS;
    assertEquals(
        new ModelReport.Operation(node, "integer layer", macs, flops, macs, INPUTS * OUTPUTS),
        product);
    assertEquals(macs, report.macsInIntegerLayers());
    assertEquals(0, report.macsInFloatLayers());
    assertEquals(0, report.macsInBitLayers());
    assertEquals(macs, report.intOps());
  }

  @Test
  void productsOfIntegersAreCounted() {
    assertCounted(
        report(
            node("QuantizeLinear", "q", "x", "scale", "zero"),
            node("MatMulInteger", "sums", "q", "w", "zero"),
            new OnnxNode(
                "Cast",
                "",
                "Cast",
                List.of("sums"),
                List.of("y"),
                Map.of("to", new OnnxAttribute.IntValue(1)))),
        "MatMulInteger",
        0);
    assertCounted(
        report(
            node("QuantizeLinear", "q", "x", "scale", "zero"),
            node("QLinearMatMul", "z", "q", "scale", "zero", "w", "scale", "none", "scale", "zero"),
            node("DequantizeLinear", "y", "z", "scale", "zero")),
        "QLinearMatMul",
        2 * ROWS * OUTPUTS);
  }
}
