package org.bitbeam.runtime.internal.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators that ONNX Runtime does not have in this form, by numbers worked out on paper. */
class QuantisationTest {
  private static float[] run(
      String domain, String operator, Map<String, OnnxAttribute> attributes, NdArray... inputs) {
    OnnxNode node =
        new OnnxNode(
            "node",
            domain,
            operator,
            Collections.nCopies(inputs.length, "x"),
            List.of("y"),
            attributes);
    NdArray y = Interpreter.evaluate(new Call(node, Arrays.asList(inputs), 23, Map.of())).get(0);
    return ((FloatArray) y).values();
  }

  private static FloatArray floats(float... values) {
    return new FloatArray(new int[] {values.length}, values);
  }

  @Test
  void quantRoundsHalfToEvenAndSaturates() {
    Map<String, OnnxAttribute> signed =
        Map.of("signed", new OnnxAttribute.IntValue(1), "narrow", new OnnxAttribute.IntValue(0));
    FloatArray x = floats(-1.3f, 0.25f, 0.75f, 0.6f, 10f, -10f);
    float[] y =
        run(
            "qonnx.custom_op.general",
            "Quant",
            signed,
            x,
            NdArray.scalar(0.5f),
            NdArray.scalar(0),
            NdArray.scalar(4));
    assertArrayEquals(new float[] {-1.5f, 0f, 1f, 0.5f, 3.5f, -4f}, y);
    Map<String, OnnxAttribute> narrow =
        Map.of("signed", new OnnxAttribute.IntValue(1), "narrow", new OnnxAttribute.IntValue(1));
    assertEquals(
        -3.5f,
        run(
            "onnx.brevitas",
            "Quant",
            narrow,
            x,
            NdArray.scalar(0.5f),
            NdArray.scalar(0),
            NdArray.scalar(4))[5]);
    Map<String, OnnxAttribute> unsigned = Map.of("signed", new OnnxAttribute.IntValue(0));
    assertArrayEquals(
        new float[] {0f, 0f, 1f, 0.5f, 7.5f, 0f},
        run(
            "qonnx.custom_op.general",
            "Quant",
            unsigned,
            x,
            NdArray.scalar(0.5f),
            NdArray.scalar(0),
            NdArray.scalar(4)));
  }

  @Test
  void bipolarQuantKnowsTwoValues() {
    assertArrayEquals(
        new float[] {-0.25f, 0.25f, 0.25f},
        run(
            "qonnx.custom_op.general",
            "BipolarQuant",
            Map.of(),
            floats(-3f, 0f, 2f),
            NdArray.scalar(0.25f)));
  }

  /** Expected numbers: trunc_v1 and trunc_v2 of the Python package qonnx 1.0.0. */
  @ParameterizedTest
  @CsvSource({
    "FLOOR, 1, 8, 6, 0, -0.5 0 0 0 2.5 -2.5 0.75 -1",
    "ROUND, 1, 8, 6, 0, -0.25 0 0.25 0 2.5 -2.5 0.75 -0.75",
    "CEIL, 1, 8, 6, 0, -0.25 0.25 0.25 0.25 2.5 -2.5 1 -0.75",
    "UP, 1, 8, 6, 0, -0.5 0.25 0.25 0.25 2.5 -2.5 1 -1",
    "DOWN, 1, 8, 6, 0, -0.25 0 0 0 2.5 -2.5 0.75 -0.75",
    "HALF_UP, 1, 8, 6, 0, -0.25 0 0.25 0.25 2.5 -2.5 0.75 -0.75",
    "HALF_DOWN, 1, 8, 6, 0, -0.25 0 0.25 0 2.5 -2.5 0.75 -0.75",
    "floor, 1, 8, 7, 2, -1 -0.25 0 0 4.75 -5.25 1.25 -2",
    "FLOOR, 2, 1, 4, 0, -2 0 0 0 7 -8 3 -4",
    "ROUND, 2, 0.5, 3, 4, -1 0 1 0.5 2 -1 2 -1"
  })
  void truncLeavesOutTheLowestBits(
      String mode, int version, float bitsOrScale, float after, float zero, String expected) {
    Map<String, OnnxAttribute> attributes = new HashMap<>();
    attributes.put("rounding_mode", new OnnxAttribute.StringValue(mode));
    List<NdArray> inputs =
        new ArrayList<>(
            List.of(
                floats(-1.3f, 0.25f, 0.75f, 0.6f, 10f, -10f, 3.26f, -3.26f),
                NdArray.scalar(0.25f),
                NdArray.scalar(zero)));
    inputs.add(NdArray.scalar(version == 1 ? bitsOrScale : 8));
    if (version == 2) { // the last row is unsigned and narrow
      inputs.add(NdArray.scalar(bitsOrScale));
      attributes.put("signed", new OnnxAttribute.IntValue(zero == 0 ? 1 : 0));
      attributes.put("narrow", new OnnxAttribute.IntValue(zero == 0 ? 0 : 1));
    }
    inputs.add(NdArray.scalar(after));
    String[] numbers = expected.split(" ", -1);
    float[] y = run("qonnx.custom_op.general", "Trunc", attributes, inputs.toArray(NdArray[]::new));
    assertEquals(numbers.length, y.length);
    for (int i = 0; i < y.length; i++) {
      assertEquals(Float.parseFloat(numbers[i]), y[i], 1e-9f);
    }
  }

  @Test
  void rootMeanSquareNormalisation() {
    float[] y =
        run(
            "",
            "RMSNormalization",
            Map.of("epsilon", new OnnxAttribute.FloatValue(0)),
            floats(3f, 4f, 0f, 0f),
            floats(1f, 1f, 1f, 2f));
    assertArrayEquals(new float[] {1.2f, 1.6f, 0f, 0f}, y, 1e-7f); // root of the mean square is 2.5
  }

  @Test
  void twoBitWeightsOfMatMulNBits() {
    // One output, K = 4: stored 3, 2, 1, 0 minus the zero point 2 is 1, 0, -1, -2, times 0.5.
    IntegerArray packed =
        new IntegerArray(
            OnnxType.UINT8, new int[] {1, 1, 4}, new long[] {3 | 2 << 2 | 1 << 4, 0, 0, 0});
    Map<String, OnnxAttribute> attributes =
        Map.of(
            "K",
            new OnnxAttribute.IntValue(4),
            "N",
            new OnnxAttribute.IntValue(1),
            "bits",
            new OnnxAttribute.IntValue(2),
            "block_size",
            new OnnxAttribute.IntValue(16));
    FloatArray x = new FloatArray(new int[] {1, 4}, new float[] {1, 10, 100, 1000});
    assertArrayEquals(
        new float[] {0.5f * (1 - 100 - 2000)},
        run("com.microsoft", "MatMulNBits", attributes, x, packed, floats(0.5f)));
  }
}
