package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The second and later passes over inputs of the same shapes repeat what the first one recorded:
 * they must compute what a first pass does, and make no objects.
 */
class RecordedPassTest {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TestFactory
  List<DynamicTest> repeatedPassesComputeWhatFirstOnesDo() {
    return Fixtures.entries().stream()
        .filter(Fixtures.Entry::hasGolden)
        .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry)))
        .toList();
  }

  private static void check(Fixtures.Entry entry) {
    Graph graph = Graph.of(OnnxReader.read(entry.toString(), Fixtures.bytes(entry.path())));
    Lowered lowered = Fusion.fuse(Lowering.lower(graph));
    Map<String, NdArray> stored = entry.inputs(5);
    List<Map<String, NdArray>> inputs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      inputs.add(turned(stored, i));
    }
    Plan plan = plan(lowered);
    for (int i : new int[] {0, 1, 2, 0, 2}) {
      Plan fresh = plan(lowered);
      assertSame(fresh.run(inputs.get(i)), plan.run(inputs.get(i)), "inputs " + i);
      fresh.close();
    }
    plan.close();
  }

  private static Plan plan(Lowered lowered) {
    return Plan.of(lowered, KernelChoice.best(), CodeProducts.MULTIPLIED, Optional.empty());
  }

  /** Rows in another order, with other numbers; zeros and ones stay. */
  private static Map<String, NdArray> turned(Map<String, NdArray> stored, int by) {
    Map<String, NdArray> turned = new LinkedHashMap<>();
    stored.forEach(
        (name, x) -> {
          int size = x.size();
          int row = x.rank() == 0 || x.shape()[0] == 0 ? size : size / x.shape()[0];
          int[] positions = new int[size];
          for (int i = 0; i < size; i++) {
            positions[i] = (i + by * row) % size;
          }
          NdArray y = x.take(positions, x.shape());
          if (y instanceof FloatArray f) {
            for (int i = 0; i < f.size(); i++) {
              float v = f.values()[i];
              f.values()[i] = v == 0 || v == 1 ? v : v * (1 - by / 16f);
            }
          }
          turned.put(name, y);
        });
    return turned;
  }

  private static void assertSame(
      Map<String, NdArray> expected, Map<String, NdArray> found, String label) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (name, x) -> BitFixturesTest.assertSameBits(label + ", " + name, x, found.get(name)));
  }

  @Test
  void shapesThatFollowFromNumbers() {
    // y = the elements of x that are not zero, twice: their number is not known before.
    OnnxTensor flat = OnnxTensor.ofLongs("flat", List.of(1L), new long[] {-1});
    Map<String, OnnxAttribute> none = Map.of();
    List<OnnxNode> nodes =
        List.of(
            new OnnxNode("where", "", "NonZero", List.of("x"), List.of("places"), none),
            new OnnxNode("flatten", "", "Reshape", List.of("places", "flat"), List.of("i"), none),
            new OnnxNode("take", "", "Gather", List.of("x", "i"), List.of("taken"), none),
            new OnnxNode("twice", "", "Add", List.of("taken", "taken"), List.of("y"), none));
    List<OnnxDimension> six = List.of(new OnnxDimension.Fixed(6));
    OnnxGraph graph =
        new OnnxGraph(
            "sparse",
            nodes,
            List.of(flat),
            List.of(new OnnxValueInfo("x", OnnxType.FLOAT, Optional.of(six))),
            List.of(new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty())));
    OnnxModel model = new OnnxModel(9, "test", "", Map.of("", 17L), graph, Map.of());
    Plan plan = Plan.of(Fusion.fuse(Lowering.lower(Graph.of(model))), KernelChoice.best());
    assertArrayEquals(new float[] {2, 4}, doubled(plan, 0, 1, 0, 2, 0, 0));
    assertArrayEquals(new float[] {6, 8}, doubled(plan, 3, 0, 0, 0, 0, 4));
    assertArrayEquals(new float[] {2, 2, 2, 4}, doubled(plan, 1, 1, 0, 1, 2, 0));
    assertArrayEquals(new float[] {}, doubled(plan, 0, 0, 0, 0, 0, 0));
    assertArrayEquals(new float[] {10}, doubled(plan, 5, 0, 0, 0, 0, 0));
    plan.close();
  }

  private static float[] doubled(Plan plan, float... x) {
    NdArray y = plan.run(Map.of("x", new FloatArray(new int[] {x.length}, x))).get("y");
    return ((FloatArray) y).values();
  }

  @ParameterizedTest
  @CsvSource({
    "caloinn-ds1-photon/central, 3",
    "pdat-30/bit, 2",
    "smeftnet/bit100, 2",
    "smeftnet/bit30, 3",
  })
  void laterPassesMakeNoObjects(String name, int batch) {
    Graph graph = Graph.of(PublishedNetworks.of(name).model());
    // Vectors are objects until they are compiled: plain loops show what the plan itself makes.
    Plan plan =
        Plan.of(
            Fusion.fuse(Lowering.lower(graph)),
            new ScalarKernels(),
            CodeProducts.MULTIPLIED,
            Optional.empty());
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    Random random = new Random(1);
    for (OnnxValueInfo info : graph.inputs()) {
      int[] shape =
          info.shape().orElseThrow().stream()
              .mapToInt(d -> d instanceof OnnxDimension.Fixed f ? (int) f.size() : batch)
              .toArray();
      float[] x = new float[Shapes.size(shape)];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextFloat();
      }
      inputs.put(info.name(), new FloatArray(shape, x));
    }
    plan.run(inputs);
    plan.run(inputs);
    long[] bytes = new long[plan.labels().size()];
    long[] last = {0, 0}; // reading, instruction
    Consumer<Frame> afterEach =
        frame -> {
          bytes[(int) last[1]++] = allocated() - last[0];
          last[0] = allocated();
        };
    last[0] = allocated();
    plan.run(inputs, afterEach);
    List<String> makers = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      // From JDK 21 on, StrictMath's sine and cosine are Java and make an array a call.
      boolean ofTheJdk =
          Runtime.version().feature() >= 21 && plan.labels().get(i).matches("(Cos|Sin) \\w+");
      if (bytes[i] > 0 && !ofTheJdk) {
        makers.add(bytes[i] + " bytes: " + plan.labels().get(i));
      }
    }
    assertTrue(makers.isEmpty(), makers.toString());
    plan.close();
  }

  private static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
