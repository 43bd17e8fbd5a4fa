package org.bitbeam.runtime.internal.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.Ort;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every network of the fixtures, interpreted, against what PyTorch computed or, where that is not
 * stored, ONNX Runtime.
 */
public class ReferenceFixturesTest {
  private static final long SEED = 7;

  @TestFactory
  Stream<DynamicTest> agreesWithTheStoredOutputs() {
    return Fixtures.entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry)));
  }

  private static void check(Fixtures.Entry entry) {
    byte[] bytes = Fixtures.bytes(entry.path());
    OnnxModel model = OnnxReader.read(entry.toString(), bytes);
    Interpreter interpreter = new Interpreter(Graph.of(model));
    Map<String, NdArray> inputs;
    Map<String, NdArray> expected;
    if (entry.hasGolden()) {
      // Dynamic scales depend on the whole batch.
      int rows =
          entry.folder().endsWith("other") ? 100 : entry.file().startsWith("published") ? 1 : 4;
      inputs = entry.inputs(rows);
      expected = entry.outputs(rows);
    } else {
      inputs = random(model, 3);
      try (Ort ort = new Ort(bytes)) {
        expected = ort.run(inputs);
      }
    }
    Map<String, NdArray> actual = interpreter.run(inputs);
    expected.forEach((name, values) -> assertAgrees(entry, name, values, actual.get(name)));
  }

  /**
   * The rules of the fixtures: 1e-5 of the range for float networks and single layers. In a bit
   * network an activation next to a rounding boundary may take the other code in a correct program
   * that sums in another order; that moves the outputs of its row by up to 2e-3 of the range. The
   * recorded noise says by how much for those entries where two programs happened to differ so.
   * Rows without such a flip agree like a float network, and most must be.
   */
  public static void assertAgrees(
      Fixtures.Entry entry, String name, NdArray expected, NdArray actual) {
    double difference = Fixtures.difference(expected, actual);
    if (Boolean.getBoolean("bitbeam.print")) {
      System.out.printf("DIFF %-60s %-10s %.2e%n", entry, name, difference);
    }
    double tight = Math.max(1e-5, 4 * entry.noise(name));
    if (entry.expectedBitLayers() <= 1) {
      assertTrue(difference <= 1e-5, entry + " " + name + ": " + difference);
    } else if (difference > tight) {
      assertTrue(difference <= 2e-3, entry + " " + name + ": " + difference);
      int rows = expected.shape()[0];
      int width = expected.size() / rows;
      int close = 0;
      for (int row = 0; row < rows; row++) {
        int[] positions = new int[width];
        int from = row * width;
        Arrays.setAll(positions, i -> from + i);
        int[] shape = {width};
        close +=
            Fixtures.difference(expected.take(positions, shape), actual.take(positions, shape))
                    <= tight
                ? 1
                : 0;
      }
      assertTrue(
          2 * close >= rows,
          entry + " " + name + ": only " + close + " of " + rows + " rows agree");
    }
  }

  public static Map<String, NdArray> random(OnnxModel model, int rows) {
    Random random = new Random(SEED);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (OnnxValueInfo info : model.graph().inputs()) {
      int[] shape =
          info.shape().orElseThrow().stream()
              .mapToInt(
                  d ->
                      d instanceof OnnxDimension.Fixed fixed ? Math.toIntExact(fixed.size()) : rows)
              .toArray();
      float[] values = new float[org.bitbeam.runtime.internal.graph.Shapes.size(shape)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.put(info.name(), new NdArray.FloatArray(shape, values));
    }
    return inputs;
  }
}
