package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.Ort;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.reference.ReferenceFixturesTest;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every network of the fixtures, lowered and fused, against PyTorch; scalar and vector kernels bit
 * for bit.
 */
class BitFixturesTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheStoredOutputs() {
    return Fixtures.entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry)));
  }

  private static void check(Fixtures.Entry entry) {
    byte[] bytes = Fixtures.bytes(entry.path());
    OnnxModel model = OnnxReader.read(entry.toString(), bytes);
    Map<String, NdArray> inputs;
    Map<String, NdArray> expected;
    if (entry.hasGolden()) {
      inputs = entry.inputs(entry.file().startsWith("published") ? 1 : 100);
      expected = entry.outputs(entry.file().startsWith("published") ? 1 : 100);
    } else {
      inputs = ReferenceFixturesTest.random(model, 3);
      try (Ort ort = new Ort(bytes)) {
        expected = ort.run(inputs);
      }
    }
    Lowered lowered = Fusion.fuse(Lowering.lower(Graph.of(model)));
    Plan scalar = Plan.of(lowered, new ScalarKernels());
    Plan vector = Plan.of(lowered, KernelChoice.best());
    Map<String, NdArray> actual = scalar.run(inputs);
    expected.forEach(
        (name, values) ->
            ReferenceFixturesTest.assertAgrees(entry, name, values, actual.get(name)));
    for (int pass = 0; pass < 2; pass++) { // the second pass reuses the arrays of the first
      Map<String, NdArray> other = vector.run(inputs);
      actual.forEach((name, values) -> assertSameBits(name, values, other.get(name)));
    }
  }

  static void assertSameBits(String name, NdArray expected, NdArray actual) {
    assertArrayEquals(expected.shape(), actual.shape(), name);
    float[] a = ((FloatArray) expected).values();
    float[] b = ((FloatArray) actual).values();
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToIntBits(a[i]) != Float.floatToIntBits(b[i])) {
        assertEquals(a[i], b[i], name + " element " + i);
      }
    }
  }
}
