package org.bitbeam.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;

/** Writes a network as a float ONNX graph (operator set 18); its layers keep their names. */
final class OnnxOperations implements Operations<String> {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 18;
  private static final float EPSILON = 1e-5f;
  private static final float PLAIN_EPSILON = 1e-6f;
  private static final float SQRT_2 = (float) Math.sqrt(2);
  private static final long FLOAT = 1; // TensorProto.FLOAT

  private final Parameters parameters;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> layers = new LinkedHashMap<>();
  private int values;

  private OnnxOperations(Parameters parameters) {
    this.parameters = parameters;
  }

  /**
   * A network in ONNX.
   *
   * @param layers products with matrices: names of their nodes, and of the layers; a layer that is
   *     used again is a node of another name, for names of nodes are unique
   */
  record Written(byte[] onnx, Map<String, String> layers) {}

  /** The network with its parameters, float. */
  static Written write(TrainableNetwork network, Parameters parameters) {
    OnnxOperations operations = new OnnxOperations(parameters);
    Map<String, String> names = new LinkedHashMap<>();
    List<OnnxValueInfo> inputs = new ArrayList<>();
    for (TrainableNetwork.Input input : network.inputs()) {
      names.put(input.name(), input.name());
      List<OnnxDimension> shape = new ArrayList<>();
      shape.add(new OnnxDimension.Symbolic("batch"));
      for (int axis : input.axes()) {
        shape.add(
            axis == TrainableNetwork.FREE
                ? new OnnxDimension.Symbolic("length")
                : new OnnxDimension.Fixed(axis));
      }
      inputs.add(new OnnxValueInfo(input.name(), OnnxType.FLOAT, Optional.of(shape)));
    }
    String last = network.apply(operations, names);
    operations.nodes.add(node("output", "Identity", List.of(last), network.output(), Map.of()));
    operations.removeUnused(network.output());
    byte[] onnx =
        OnnxWriter.write(
            new OnnxModel(
                IR_VERSION,
                "bitbeam",
                "",
                Map.of("", OPSET),
                new OnnxGraph(
                    network.name(),
                    operations.nodes,
                    List.copyOf(operations.constants.values()),
                    inputs,
                    List.of(new OnnxValueInfo(network.output(), OnnxType.FLOAT, Optional.empty()))),
                Map.of()));
    return new Written(onnx, operations.layers);
  }

  /** Training needs some values that a forward pass does not: which rows count in a batch. */
  private void removeUnused(String output) {
    Set<String> used = new HashSet<>(Set.of(output));
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (used.contains(nodes.get(i).outputs().get(0))) {
        used.addAll(nodes.get(i).inputs());
      } else {
        nodes.remove(i);
      }
    }
    constants.keySet().retainAll(used);
  }

  private static OnnxNode node(
      String name,
      String operator,
      List<String> inputs,
      String output,
      Map<String, OnnxAttribute> attributes) {
    return new OnnxNode(name, "", operator, inputs, List.of(output), attributes);
  }

  private String add(
      String name, String operator, Map<String, OnnxAttribute> attributes, String... inputs) {
    String output = "value." + values++;
    String unique = name.isEmpty() ? output : name;
    for (int use = 2; !names.add(unique); use++) {
      unique = name + "#" + use;
    }
    nodes.add(node(unique, operator, List.of(inputs), output, attributes));
    return output;
  }

  private String parameter(String name) {
    Parameter p = parameters.get(name);
    List<Long> shape = Arrays.stream(p.shape()).asLongStream().boxed().toList();
    constants.put(name, OnnxTensor.ofFloats(name, shape, p.values()));
    return name;
  }

  @Override
  public String linear(String name, String x, int inputs, int outputs) {
    return add(
        name + ".add",
        "Add",
        Map.of(),
        product(name, x, inputs, outputs),
        parameter(name + ".bias"));
  }

  @Override
  public String product(String name, String x, int inputs, int outputs) {
    String product = add(name, "MatMul", Map.of(), x, parameter(name + ".weight"));
    layers.put(nodes.get(nodes.size() - 1).name(), name);
    return product;
  }

  @Override
  public String convolution(String name, String x) {
    return add(
        name,
        "Conv",
        Map.of("pads", new OnnxAttribute.IntList(List.of(1L, 1L, 1L, 1L))),
        x,
        parameter(name + ".kernel"),
        parameter(name + ".bias"));
  }

  /** As PyTorch's exporter writes it before operator set 20. */
  @Override
  public String gelu(String x) {
    String error = add("", "Erf", Map.of(), add("", "Div", Map.of(), x, constant(SQRT_2)));
    return scale(multiply(x, shift(error, 1)), 0.5f);
  }

  @Override
  public String hyperbolicTangent(String x) {
    return add("", "Tanh", Map.of(), x);
  }

  @Override
  public String constant(float[] values, int... shape) {
    String name = "constant." + constants.size();
    List<Long> sizes = Arrays.stream(shape).asLongStream().boxed().toList();
    constants.put(name, OnnxTensor.ofFloats(name, sizes, values));
    return name;
  }

  @Override
  public String softmax(String x) {
    return add("", "Softmax", Map.of("axis", new OnnxAttribute.IntValue(-1)), x);
  }

  @Override
  public String matrixProduct(String a, String b) {
    return add("", "MatMul", Map.of(), a, b);
  }

  @Override
  public String project(float[] matrix, int rows, int columns, String x) {
    return add("", "MatMul", Map.of(), constant(matrix, rows, columns), x);
  }

  @Override
  public String reshape(String x, int... axes) {
    String name = "constant." + constants.size();
    long[] shape = Arrays.stream(axes).asLongStream().toArray();
    constants.put(name, OnnxTensor.ofLongs(name, List.of((long) axes.length), shape));
    return add("", "Reshape", Map.of(), x, name);
  }

  @Override
  public String transpose(String x, int... axes) {
    return add(
        "",
        "Transpose",
        Map.of(
            "perm", new OnnxAttribute.IntList(Arrays.stream(axes).asLongStream().boxed().toList())),
        x);
  }

  @Override
  public String relu(String x) {
    return add("", "Relu", Map.of(), x);
  }

  @Override
  public String leakyRelu(String x, float slope) {
    return add("", "LeakyRelu", Map.of("alpha", new OnnxAttribute.FloatValue(slope)), x);
  }

  @Override
  public String add(String a, String b) {
    return add("", "Add", Map.of(), a, b);
  }

  @Override
  public String subtract(String a, String b) {
    return add("", "Sub", Map.of(), a, b);
  }

  @Override
  public String multiply(String a, String b) {
    return add("", "Mul", Map.of(), a, b);
  }

  @Override
  public String divide(String a, String b) {
    return add("", "Div", Map.of(), a, b);
  }

  private String constant(float value) {
    String name = "constant." + constants.size();
    constants.put(name, OnnxTensor.ofFloats(name, List.of(), value));
    return name;
  }

  private String constant(long value) {
    String name = "constant." + constants.size();
    constants.put(name, OnnxTensor.ofLongs(name, List.of(1L), value));
    return name;
  }

  @Override
  public String scale(String x, float factor) {
    return add("", "Mul", Map.of(), x, constant(factor));
  }

  @Override
  public String shift(String x, float constant) {
    return add("", "Add", Map.of(), x, constant(constant));
  }

  @Override
  public String squareRoot(String x) {
    return add("", "Sqrt", Map.of(), x);
  }

  @Override
  public String cosine(String x) {
    return add("", "Cos", Map.of(), x);
  }

  @Override
  public String sine(String x) {
    return add("", "Sin", Map.of(), x);
  }

  @Override
  public String exponential(String x) {
    return add("", "Exp", Map.of(), x);
  }

  @Override
  public String silu(String x) {
    return multiply(x, add("", "Sigmoid", Map.of(), x));
  }

  @Override
  public String vector(String name, int size) {
    return parameter(name);
  }

  @Override
  public String permuted(String x, int[] from) {
    String name = "constant." + constants.size();
    long[] places = Arrays.stream(from).asLongStream().toArray();
    constants.put(name, OnnxTensor.ofLongs(name, List.of((long) from.length), places));
    return add("", "Gather", Map.of("axis", new OnnxAttribute.IntValue(1)), x, name);
  }

  @Override
  public String spline(String x, String theta, SplineForm form) {
    throw new UnsupportedOperationException(
        "splines are computed by the simulation; the networks that shape them are written alone");
  }

  @Override
  public String atMost(String x, float limit) {
    return number(add("", "LessOrEqual", Map.of(), x, constant(limit)));
  }

  @Override
  public String isPositive(String x) {
    return number(add("", "Greater", Map.of(), x, constant(0f)));
  }

  private String number(String condition) {
    return add("", "Cast", Map.of("to", new OnnxAttribute.IntValue(FLOAT)), condition);
  }

  @Override
  public String sum(String x, int axis) {
    return add(
        "",
        "ReduceSum",
        Map.of("keepdims", new OnnxAttribute.IntValue(0)),
        x,
        constant((long) axis));
  }

  @Override
  public String expand(String x, int axis) {
    return add("", "Unsqueeze", Map.of(), x, constant((long) axis));
  }

  @Override
  public String concatenate(List<String> parts) {
    return add(
        "", "Concat", Map.of("axis", new OnnxAttribute.IntValue(-1)), parts.toArray(String[]::new));
  }

  @Override
  public String slice(String x, int from, int to) {
    return add("", "Slice", Map.of(), x, constant((long) from), constant((long) to), constant(-1L));
  }

  @Override
  public String transposeLast(String x) {
    return transpose(x, 0, 2, 1);
  }

  @Override
  public String layerNorm(String name, String x, int size) {
    return add(
        name,
        "LayerNormalization",
        Map.of(
            "axis", new OnnxAttribute.IntValue(-1),
            "epsilon", new OnnxAttribute.FloatValue(EPSILON)),
        x,
        parameter(name + ".weight"),
        parameter(name + ".bias"));
  }

  @Override
  public String normalise(String x, int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return add(
        "",
        "LayerNormalization",
        Map.of(
            "axis", new OnnxAttribute.IntValue(-1),
            "epsilon", new OnnxAttribute.FloatValue(PLAIN_EPSILON)),
        x,
        constant(ones, size),
        constant(new float[size], size));
  }

  /** With the operations of {@link TorchOperations}, in their order and rounding. */
  @Override
  public String batchNorm(String name, String x, Optional<String> counted, int size) {
    float[] weight = parameters.get(name + ".weight").values();
    float[] variance = parameters.get(name + ".variance").values();
    float[] factor = new float[size];
    for (int i = 0; i < size; i++) {
      factor[i] = weight[i] / (float) Math.sqrt(variance[i] + EPSILON);
    }
    constants.put(
        name + ".factor", OnnxTensor.ofFloats(name + ".factor", List.of((long) size), factor));
    String centred = add(name, "Sub", Map.of(), x, parameter(name + ".mean"));
    String scaled = add(name + ".mul", "Mul", Map.of(), centred, name + ".factor");
    return add(name + ".add", "Add", Map.of(), scaled, parameter(name + ".bias"));
  }
}
