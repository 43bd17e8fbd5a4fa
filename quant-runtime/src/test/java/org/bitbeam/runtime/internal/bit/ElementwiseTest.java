package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.junit.jupiter.api.Test;

/** Element-wise work and masks, bit for bit against the interpreter. */
class ElementwiseTest {
  private static final String[] BINARY = {"Add", "Sub", "Mul", "Div", "Min", "Max"};
  private static final String[] COMPARING = {
    "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"
  };
  private static final String[] LOGIC = {"And", "Or", "Xor"};
  private static final String[] UNARY = {"Abs", "Neg", "Sqrt", "Reciprocal", "Round", "Floor"};

  @Test
  void randomGraphsOfMasksAndArithmetic() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int[] full = new int[1 + random.nextInt(4)];
      for (int i = 0; i < full.length; i++) {
        full[i] = random.nextInt(8) == 0 ? 1 : 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 6);
      }
      Map<String, NdArray> inputs = new LinkedHashMap<>();
      List<String> floats = new ArrayList<>();
      List<String> masks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        inputs.put("x" + i, numbers(random, part(random, full)));
        floats.add("x" + i);
      }
      inputs.put("given", flags(random, part(random, full)));
      masks.add("given");
      List<OnnxNode> nodes = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String name = "n" + i;
        switch (random.nextInt(7)) {
          case 0, 1 -> {
            nodes.add(node(pick(random, BINARY), name, some(random, floats), some(random, floats)));
            floats.add(name);
          }
          case 2 -> {
            String operator = pick(random, COMPARING);
            nodes.add(node(operator, name, some(random, floats), some(random, floats)));
            masks.add(name);
          }
          case 3 -> {
            String operator = pick(random, LOGIC);
            nodes.add(node(operator, name, some(random, masks), some(random, masks)));
            masks.add(name);
          }
          case 4 -> {
            boolean not = random.nextBoolean();
            nodes.add(
                not
                    ? node("Not", name, some(random, masks))
                    : node(pick(random, UNARY), name, some(random, floats)));
            (not ? masks : floats).add(name);
          }
          case 5 -> {
            nodes.add(
                new OnnxNode(
                    name,
                    "",
                    "Cast",
                    List.of(some(random, masks)),
                    List.of(name),
                    Map.of("to", new OnnxAttribute.IntValue(1))));
            floats.add(name);
          }
          default -> {
            String mask = some(random, masks);
            nodes.add(node("Where", name, mask, some(random, floats), some(random, floats)));
            floats.add(name);
          }
        }
      }
      List<String> outputs = nodes.stream().map(n -> n.outputs().get(0)).toList();
      compare("seed " + seed, graph(nodes, List.of(), inputs, outputs), inputs);
    }
  }

  /** Longer than one block, with operands that stand still along any of the axes. */
  @Test
  void longArraysAreThoseOfTheInterpreter() {
    int[][][] shapes = {
      {{5000}, {1}, {5000}},
      {{3000, 3}, {3}, {3000, 1}},
      {{3, 3001}, {3, 1}, {3001}},
      {{2, 70, 70, 5}, {2, 70, 1, 5}, {2, 1, 70, 5}},
      {{2, 70, 1, 70}, {1, 30, 1}, {2, 70, 30, 1}}
    };
    for (int[][] three : shapes) {
      Random random = new Random(7);
      Map<String, NdArray> inputs = new LinkedHashMap<>();
      for (int i = 0; i < 3; i++) {
        inputs.put("x" + i, numbers(random, three[i]));
      }
      List<OnnxNode> nodes =
          List.of(
              node("Sub", "a", "x0", "x1"),
              node("Div", "b", "x2", "a"),
              node("Less", "m", "x1", "x2"),
              node("Where", "c", "m", "x0", "b"),
              node("Max", "d", "c", "x1"));
      List<String> outputs = List.of("a", "b", "c", "d");
      compare(Arrays.deepToString(three), graph(nodes, List.of(), inputs, outputs), inputs);
    }
  }

  /** The message passing of a graph network: pairs that a mask removes need not be computed. */
  @Test
  void maskedPairsAreThoseOfTheInterpreter() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Map<String, NdArray> inputs = new LinkedHashMap<>();
      inputs.put("a", moderate(random, 3, 7, 1, 4));
      inputs.put("b", moderate(random, 3, 1, 7, 4));
      inputs.put("c", moderate(random, 3, 7, 7, 1));
      inputs.put("mask", flags(random, new int[] {3, 7, 7, 1}));
      FloatArray factors = moderate(random, 3, 7, 7, 1);
      factors.values()[random.nextInt(147)] = 0;
      if (seed % 4 == 0) {
        factors.values()[random.nextInt(147)] = Float.POSITIVE_INFINITY;
      }
      inputs.put("factors", factors);
      List<OnnxTensor> constants =
          List.of(
              OnnxTensor.ofLongs("grid", List.of(4L), 1, 7, 7, 1),
              OnnxTensor.ofLongs("axis", List.of(1L), 2),
              OnnxTensor.ofFloats("w", List.of(13L, 5L), moderate(random, 65).values()),
              OnnxTensor.ofFloats("bias", List.of(5L), moderate(random, 5).values()));
      OnnxAttribute zero = new OnnxAttribute.TensorValue(OnnxTensor.ofFloats("", List.of(1L), 0f));
      List<OnnxNode> nodes =
          List.of(
              node("Expand", "left", "a", "grid"),
              node("Expand", "right", "b", "grid"),
              node("Sub", "difference", "right", "left"),
              new OnnxNode(
                  "",
                  "",
                  "Concat",
                  List.of("left", "right", "difference", "c"),
                  List.of("pairs"),
                  Map.of("axis", new OnnxAttribute.IntValue(-1))),
              node("MatMul", "product", "pairs", "w"),
              node("Add", "shifted", "product", "bias"),
              node("Relu", "message", "shifted"),
              node("Shape", "shape", "message"),
              new OnnxNode(
                  "",
                  "",
                  "ConstantOfShape",
                  List.of("shape"),
                  List.of("zeros"),
                  Map.of("value", zero)),
              node("Where", "kept", "mask", "message", "zeros"),
              node("Mul", "weighted", "kept", "factors"),
              new OnnxNode(
                  "",
                  "",
                  "ReduceSum",
                  List.of("weighted", "axis"),
                  List.of("sum"),
                  Map.of("keepdims", new OnnxAttribute.IntValue(0))));
      Graph graph = graph(nodes, constants, inputs, List.of("sum"));
      Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best());
      assertEquals(
          2, plan.labels().size(), () -> plan.labels().toString()); // the difference, the rest
      float[] expected = ((FloatArray) new Interpreter(graph).run(inputs).get("sum")).values();
      for (int pass = 0; pass < 2; pass++) {
        float[] found = ((FloatArray) plan.run(inputs).get("sum")).values();
        assertArrayEquals(expected, found, 2e-5f, "seed " + seed);
      }
    }
  }

  /** Exporters build indices in the same way. */
  @Test
  void rowsOfIntegersAreSpreadAndJoined() {
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    inputs.put("a", new IntegerArray(OnnxType.INT64, new int[] {2, 1, 1}, new long[] {5, 6}));
    inputs.put("b", new IntegerArray(OnnxType.INT64, new int[] {2, 3, 1}, new long[6]));
    List<OnnxTensor> constants = List.of(OnnxTensor.ofLongs("grid", List.of(3L), 2, 3, 1));
    Map<String, OnnxAttribute> last = Map.of("axis", new OnnxAttribute.IntValue(-1));
    List<OnnxNode> nodes =
        List.of(
            node("Expand", "spread", "a", "grid"),
            new OnnxNode("", "", "Concat", List.of("spread", "b"), List.of("rows"), last));
    compare("integers", graph(nodes, constants, inputs, List.of("rows")), inputs);
  }

  private static void compare(String what, Graph graph, Map<String, NdArray> inputs) {
    Map<String, NdArray> expected = new Interpreter(graph).run(inputs);
    Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best());
    for (int pass = 0; pass < 2; pass++) {
      Map<String, NdArray> found = plan.run(inputs);
      expected.forEach(
          (name, value) -> {
            NdArray mine = found.get(name);
            assertEquals(value.type(), mine.type(), what + " " + name);
            assertArrayEquals(value.shape(), mine.shape(), what + " " + name);
            if (value instanceof FloatArray f) {
              float[] values = ((FloatArray) mine).values();
              for (int i = 0; i < values.length; i++) {
                // Which zero a minimum of both returns is left open by the operator.
                assertEquals(f.values()[i] + 0f, values[i] + 0f, what + " " + name + " at " + i);
              }
            } else {
              assertArrayEquals(
                  ((IntegerArray) value).values(), ((IntegerArray) mine).values(), what + name);
            }
          });
    }
  }

  private static OnnxNode node(String operator, String output, String... inputs) {
    return new OnnxNode(output, "", operator, List.of(inputs), List.of(output), Map.of());
  }

  private static Graph graph(
      List<OnnxNode> nodes,
      List<OnnxTensor> constants,
      Map<String, NdArray> inputs,
      List<String> outputs) {
    List<OnnxValueInfo> in = new ArrayList<>();
    inputs.forEach((name, x) -> in.add(new OnnxValueInfo(name, x.type(), Optional.empty())));
    List<OnnxValueInfo> out =
        outputs.stream()
            .map(name -> new OnnxValueInfo(name, OnnxType.FLOAT, Optional.empty()))
            .toList();
    OnnxGraph graph = new OnnxGraph("", nodes, constants, in, out);
    return Graph.of(new OnnxModel(8, "", "", Map.of("", 18L), graph, Map.of()));
  }

  /** A shape that is broadcast to the full one. */
  private static int[] part(Random random, int[] full) {
    int skip = random.nextInt(3) == 0 ? random.nextInt(full.length + 1) : 0;
    int[] shape = new int[full.length - skip];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = random.nextInt(3) == 0 ? 1 : full[i + skip];
    }
    return shape;
  }

  private static FloatArray numbers(Random random, int... shape) {
    FloatArray x = moderate(random, shape);
    for (int i = 0; i < x.size(); i++) {
      switch (random.nextInt(12)) {
        case 0 -> x.values()[i] = Float.NaN;
        case 1 -> x.values()[i] = 0;
        case 2 -> x.values()[i] = Float.NEGATIVE_INFINITY;
        case 3 -> x.values()[i] = 1;
        default -> {}
      }
    }
    return x;
  }

  private static FloatArray moderate(Random random, int... shape) {
    float[] values = new float[Shapes.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new FloatArray(shape, values);
  }

  private static IntegerArray flags(Random random, int[] shape) {
    long[] values = new long[Shapes.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2);
    }
    return new IntegerArray(OnnxType.BOOL, shape, values);
  }

  private static String some(Random random, List<String> names) {
    return names.get(random.nextInt(names.size()));
  }

  private static String pick(Random random, String[] names) {
    return names[random.nextInt(names.length)];
  }
}
