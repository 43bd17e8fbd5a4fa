package org.bitbeam.runtime.published;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.published.PublishedNetworks.Built;

/**
 * Nodes and random weights of a network, coded as PyTorch's dynamo exporter writes them: folded
 * ternary weights behind the chain that quantises rows. Seeded: the same network each time.
 */
final class NetworkBuilder {
  private final Random random = new Random(5);
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxTensor> constants = new ArrayList<>();
  private final List<OnnxValueInfo> inputs = new ArrayList<>();
  private final List<OnnxValueInfo> outputs = new ArrayList<>();
  private long parameters;
  private int names;

  NetworkBuilder() {
    number("least", 1e-8f);
    number("c127", 127);
    number("c-128", -128);
    number("one", 1);
    number("zero", 0);
    longs("last", -1);
    longs("first", 0);
    longs("second", 1);
    longs("third", 2);
  }

  List<String> split(String x, String sizes, int parts, long axis) {
    List<String> results = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      results.add(name());
    }
    nodes.add(new OnnxNode("", "", "Split", List.of(x, sizes), results, axis(axis)));
    return results;
  }

  String reshape(String x, long... shape) {
    String target = name();
    constants.add(OnnxTensor.ofLongs(target, List.of((long) shape.length), shape));
    return add("Reshape", Map.of(), x, target);
  }

  String transpose(String x, long... order) {
    List<Long> perm = Arrays.stream(order).boxed().toList();
    return add("Transpose", Map.of("perm", new OnnxAttribute.IntList(perm)), x);
  }

  /**
   * A layer with bias.
   *
   * @param gemm weights as Gemm takes them (for two axes); as MatMul does otherwise
   */
  record Layer(String weights, String bias, boolean bit, boolean gemm) {}

  /** Parameters of a layer, which may be used several times. */
  Layer layer(int in, int out, boolean bit, boolean gemm) {
    parameters += (long) in * out + out;
    String weights = name();
    float[] w = new float[Math.multiplyExact(in, out)];
    float scale = (float) (1 / Math.sqrt(in));
    for (int i = 0; i < w.length; i++) {
      w[i] = bit ? (random.nextInt(3) - 1) * scale : (float) random.nextGaussian() * scale;
    }
    long k = in;
    long n = out;
    constants.add(OnnxTensor.ofFloats(weights, gemm ? List.of(n, k) : List.of(k, n), w));
    return new Layer(weights, floats(0.1f, out), bit, gemm);
  }

  /** A layer on rows that are {@link #quantised} already if it is ternary. */
  String apply(Layer layer, String rows, String y) {
    if (layer.gemm()) {
      Map<String, OnnxAttribute> attributes = Map.of("transB", new OnnxAttribute.IntValue(1));
      List<String> in = List.of(rows, layer.weights(), layer.bias());
      nodes.add(new OnnxNode(y, "", "Gemm", in, List.of(y), attributes));
    } else {
      String product = add("MatMul", Map.of(), rows, layer.weights());
      nodes.add(new OnnxNode(y, "", "Add", List.of(product, layer.bias()), List.of(y), Map.of()));
    }
    return y;
  }

  /** A layer with bias; for two axes as Gemm, for more as MatMul and Add. */
  String linear(String x, String y, int in, int out, boolean bit, boolean gemm) {
    return apply(layer(in, out, bit, gemm), bit ? quantised(x) : x, y);
  }

  /** Rows rounded to multiples of their largest magnitude over 127, in float32. */
  String quantised(String x) {
    Map<String, OnnxAttribute> keep = Map.of("keepdims", new OnnxAttribute.IntValue(1));
    String largest = add("ReduceMax", keep, add("Abs", Map.of(), x), "last");
    String inverse = add("Reciprocal", Map.of(), add("Clip", Map.of(), largest, "least"));
    String g = add("Mul", Map.of(), inverse, "c127");
    String codes = add("Round", Map.of(), add("Mul", Map.of(), x, g));
    codes = add("Clip", Map.of(), codes, "c-128", "c127");
    String difference = add("Sub", Map.of(), add("Div", Map.of(), codes, g), x);
    return add("Add", Map.of(), x, difference);
  }

  String batchNorm(String x, int size) {
    parameters += 2L * size;
    float[] variance = new float[size];
    Arrays.fill(variance, 1.5f);
    String v = name();
    constants.add(OnnxTensor.ofFloats(v, List.of((long) size), variance));
    String gamma = floats(1, size);
    return add("BatchNormalization", Map.of(), x, gamma, floats(0.1f, size), floats(1, size), v);
  }

  String silu(String x) {
    return add("Mul", Map.of(), x, add("Sigmoid", Map.of(), x));
  }

  static Map<String, OnnxAttribute> axis(long axis) {
    return Map.of("axis", new OnnxAttribute.IntValue(axis));
  }

  String floats(float scale, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * scale;
    }
    String name = name();
    List<Long> dims = Arrays.stream(shape).asLongStream().boxed().toList();
    constants.add(OnnxTensor.ofFloats(name, dims, values));
    return name;
  }

  String add(String operator, Map<String, OnnxAttribute> attributes, String... in) {
    String out = name();
    nodes.add(new OnnxNode(out, "", operator, List.of(in), List.of(out), attributes));
    return out;
  }

  String name() {
    return "v" + names++;
  }

  /** Names that no exported network has: what measures them makes up their numbers. */
  String input(String what, int... row) {
    String name = "published_" + what;
    List<OnnxDimension> shape = new ArrayList<>();
    shape.add(new OnnxDimension.Symbolic("batch"));
    for (int size : row) {
      shape.add(new OnnxDimension.Fixed(size));
    }
    inputs.add(new OnnxValueInfo(name, OnnxType.FLOAT, Optional.of(shape)));
    return name;
  }

  void output(String name) {
    outputs.add(new OnnxValueInfo(name, OnnxType.FLOAT, Optional.empty()));
  }

  Built built() {
    Set<String> used = new HashSet<>();
    nodes.forEach(node -> used.addAll(node.inputs()));
    constants.removeIf(constant -> !used.contains(constant.name()));
    OnnxGraph graph = new OnnxGraph("published", nodes, constants, inputs, outputs);
    return new Built(new OnnxModel(9, "bitbeam", "", Map.of("", 20L), graph, Map.of()), parameters);
  }

  /** Convolution of (batch, in, ...) with bias, zeros around so that sizes stay. */
  String convolution(String x, int in, int out, int... kernel) {
    int size = Arrays.stream(kernel).reduce(1, Math::multiplyExact);
    parameters += (long) in * out * size + out;
    int[] shape = new int[2 + kernel.length];
    shape[0] = out;
    shape[1] = in;
    List<Long> pads = new ArrayList<>();
    for (int i = 0; i < kernel.length; i++) {
      shape[2 + i] = kernel[i];
      pads.add(kernel[i] / 2L);
    }
    pads.addAll(List.copyOf(pads));
    String weights = floats((float) (1 / Math.sqrt((double) in * size)), shape);
    Map<String, OnnxAttribute> attributes = Map.of("pads", new OnnxAttribute.IntList(pads));
    return add("Conv", attributes, x, weights, floats(0.1f, out));
  }

  /** Weight and bias of a normalisation. */
  record Scale(String weight, String bias) {}

  Scale scale(int size) {
    parameters += 2L * size;
    return new Scale(floats(1, size), floats(0.1f, size));
  }

  String layerNorm(Scale scale, String x) {
    return add("LayerNormalization", axis(-1), x, scale.weight(), scale.bias());
  }

  /** x times the normal distribution's share below x. */
  String gelu(String x) {
    return add("Gelu", Map.of(), x);
  }

  String sum(String x, String axis) {
    return add("ReduceSum", Map.of("keepdims", new OnnxAttribute.IntValue(0)), x, axis);
  }

  String mean(String x, String axis) {
    return add("ReduceMean", Map.of("keepdims", new OnnxAttribute.IntValue(0)), x, axis);
  }

  /** Element of an axis, which goes. */
  String select(String x, int axis, int index) {
    String at = name();
    constants.add(OnnxTensor.ofLongs(at, List.of(), index));
    return add("Gather", axis(axis), x, at);
  }

  String concat(String... parts) {
    return add("Concat", axis(-1), parts);
  }

  /** A number under a name. */
  String number(String name, float value) {
    constants.add(OnnxTensor.ofFloats(name, List.of(), value));
    return name;
  }

  /** Numbers under a name. */
  void values(String name, float... values) {
    constants.add(OnnxTensor.ofFloats(name, List.of((long) values.length), values));
  }

  /** Integers under a name. */
  String longs(String name, long... values) {
    constants.add(OnnxTensor.ofLongs(name, List.of((long) values.length), values));
    return name;
  }

  /** Trained numbers that no other method counts. */
  void count(long number) {
    parameters += number;
  }

  void node(String operator, Map<String, OnnxAttribute> attributes, List<String> in, String out) {
    nodes.add(new OnnxNode(out, "", operator, in, List.of(out), attributes));
  }
}
