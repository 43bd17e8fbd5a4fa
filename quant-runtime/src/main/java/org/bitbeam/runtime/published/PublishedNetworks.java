package org.bitbeam.runtime.published;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
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

/**
 * Networks of the paper at their published size, with random weights: for speed and operation
 * counts. BitLinear layers are coded as PyTorch's dynamo exporter writes them: folded ternary
 * weights behind the chain that quantises rows. Sizes: CaloChallenge submissions, SciPost Phys. 20,
 * 038 (2026) and its code.
 */
public final class PublishedNetworks {
  private static final int[] PHOTON = {188, 256, 256, 256, 5394};
  private static final int[] DS2 = {3264, 256, 256, 71764};

  private final Random random = new Random(5);
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxTensor> constants = new ArrayList<>();
  private final List<OnnxValueInfo> inputs = new ArrayList<>();
  private final List<OnnxValueInfo> outputs = new ArrayList<>();
  private long parameters;
  private int names;

  private PublishedNetworks() {
    constants.add(OnnxTensor.ofFloats("least", List.of(), 1e-8f));
    constants.add(OnnxTensor.ofFloats("c127", List.of(), 127f));
    constants.add(OnnxTensor.ofFloats("c-128", List.of(), -128f));
    constants.add(OnnxTensor.ofFloats("one", List.of(), 1f));
    constants.add(OnnxTensor.ofLongs("last", List.of(1L), -1));
    constants.add(OnnxTensor.ofLongs("first", List.of(1L), 0));
    constants.add(OnnxTensor.ofLongs("second", List.of(1L), 1));
  }

  /**
   * A network and the number of its trained parameters.
   *
   * @param model the network
   * @param parameters trained numbers: weights, biases, normalisations
   */
  public record Built(OnnxModel model, long parameters) {}

  /** Names for {@link #of}; those of one family (before the last slash) take the same inputs. */
  public static List<String> names() {
    return List.of(
        "caloinn-ds1-photon/float",
        "caloinn-ds1-photon/central",
        "caloinn-ds1-photon/all",
        "caloinn-ds2-subnet/float",
        "caloinn-ds2-subnet/all",
        "calodream-ds2/float",
        "calodream-ds2/noemb");
  }

  /**
   * Makes one of {@link #names}: all twelve subnets of CaloINN for photons of data set 1 (float,
   * the eight in the middle ternary, all ternary), one of the fourteen of data set 2, the velocity
   * of CaloDREAM's shape network for data set 2.
   *
   * @throws IllegalArgumentException when there is no such network; says which there are
   */
  public static Built of(String name) {
    return switch (name) {
      case "caloinn-ds1-photon/all" -> caloInn(PHOTON, 12, 12, true);
      case "caloinn-ds1-photon/central" -> caloInn(PHOTON, 12, 8, true);
      case "caloinn-ds1-photon/float" -> caloInn(PHOTON, 12, 0, true);
      case "caloinn-ds2-subnet/all" -> caloInn(DS2, 1, 1, false);
      case "caloinn-ds2-subnet/float" -> caloInn(DS2, 1, 0, false);
      case "calodream-ds2/noemb" -> vit(true);
      case "calodream-ds2/float" -> vit(false);
      default ->
          throw new IllegalArgumentException(
              "no published network \"" + name + "\"; there are " + names());
    };
  }

  /**
   * Subnets of CaloINN side by side, all on the same rows.
   *
   * @param sizes widths of the layers
   * @param blocks number of subnets
   * @param bits how many of them are ternary: those in the middle
   * @param normalised BatchNorm and SiLU behind each hidden layer; LeakyReLU otherwise
   */
  public static Built caloInn(int[] sizes, int blocks, int bits, boolean normalised) {
    PublishedNetworks net = new PublishedNetworks();
    String input = net.input("input", sizes[0]);
    for (int block = 0; block < blocks; block++) {
      boolean bit = block >= (blocks - bits) / 2 && block < (blocks + bits) / 2;
      String x = input;
      for (int i = 0; i + 1 < sizes.length; i++) {
        boolean last = i + 2 == sizes.length;
        String y = last ? "theta" + block : net.name();
        net.linear(x, y, sizes[i], sizes[i + 1], bit, true);
        x = y;
        if (!last && normalised) {
          x = net.silu(net.batchNorm(x, sizes[i + 1]));
        } else if (!last) {
          x = net.add("LeakyRelu", Map.of("alpha", new OnnxAttribute.FloatValue(0.01f)), x);
        }
      }
      net.output("theta" + block);
    }
    return net.built();
  }

  /**
   * The velocity of CaloDREAM's shape network for data set 2 (models.md 5.3): hidden 480, depth 6,
   * 6 heads, 135 tokens of 48 voxels.
   *
   * @param bit whether qkv, proj, fc1 and fc2 are ternary ("noemb")
   */
  public static Built vit(boolean bit) {
    PublishedNetworks net = new PublishedNetworks();
    int h = 480;
    String state = net.input("x", 1, 45, 16, 9);
    String at = net.input("t", 1);
    String energies = net.input("condition", 46);
    String patches = net.reshape(state, 0, 15, 3, 1, 16, 9, 1);
    patches = net.reshape(net.transpose(patches, 0, 1, 3, 5, 2, 4, 6), 0, 135, 48);
    String x = net.linear(patches, net.name(), 48, h, false, false);
    net.parameters += 240; // the frequencies that the position of each token is made of
    x = net.add("Add", Map.of(), x, net.floats(1, 1, 135, h));
    String angles = net.add("Mul", Map.of(), at, net.floats(1, 1, 128));
    String cos = net.add("Cos", Map.of(), angles);
    String time = net.add("Concat", axis(-1), cos, net.add("Sin", Map.of(), angles));
    time = net.silu(net.linear(time, net.name(), 256, h, false, true));
    time = net.linear(time, net.name(), h, h, false, true);
    String given = net.silu(net.linear(energies, net.name(), 46, h, false, true));
    given = net.linear(given, net.name(), h, h, false, true);
    String condition = net.silu(net.add("Add", Map.of(), time, given));
    for (int block = 0; block < 6; block++) {
      List<String> m = net.modulation(condition, h, 6);
      String a = net.modulated(x, m.get(0), m.get(1), h);
      String attended = net.attention(a, h, 6, bit);
      x = net.add("Add", Map.of(), x, net.add("Mul", Map.of(), m.get(2), attended));
      String b = net.modulated(x, m.get(3), m.get(4), h);
      b = net.linear(b, net.name(), h, 4 * h, bit, false);
      b = net.add("Gelu", Map.of("approximate", new OnnxAttribute.StringValue("tanh")), b);
      b = net.linear(b, net.name(), 4 * h, h, bit, false);
      x = net.add("Add", Map.of(), x, net.add("Mul", Map.of(), m.get(5), b));
    }
    List<String> m = net.modulation(condition, h, 2);
    x = net.linear(net.modulated(x, m.get(0), m.get(1), h), net.name(), h, 48, false, false);
    x = net.transpose(net.reshape(x, 0, 15, 1, 9, 3, 16, 1), 0, 1, 4, 2, 5, 3, 6);
    net.constants.add(OnnxTensor.ofLongs("whole", List.of(5L), 0, 1, 45, 16, 9));
    net.nodes.add(
        new OnnxNode("", "", "Reshape", List.of(x, "whole"), List.of("velocity"), Map.of()));
    net.output("velocity");
    return net.built();
  }

  private List<String> modulation(String condition, int h, int parts) {
    String all = linear(condition, name(), h, parts * h, false, true);
    all = add("Unsqueeze", Map.of(), all, "second");
    String sizes = name();
    long[] each = new long[parts];
    Arrays.fill(each, h);
    constants.add(OnnxTensor.ofLongs(sizes, List.of((long) parts), each));
    return split(all, sizes, parts, -1);
  }

  private List<String> split(String x, String sizes, int parts, long axis) {
    List<String> results = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      results.add(name());
    }
    nodes.add(new OnnxNode("", "", "Split", List.of(x, sizes), results, axis(axis)));
    return results;
  }

  private String modulated(String x, String shift, String scale, int h) {
    float[] ones = new float[h];
    Arrays.fill(ones, 1);
    String one = name();
    constants.add(OnnxTensor.ofFloats(one, List.of((long) h), ones));
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(axis(-1));
    attributes.put("epsilon", new OnnxAttribute.FloatValue(1e-6f));
    String normal = add("LayerNormalization", attributes, x, one);
    String factor = add("Add", Map.of(), scale, "one");
    return add("Add", Map.of(), add("Mul", Map.of(), normal, factor), shift);
  }

  private String attention(String x, int h, int heads, boolean bit) {
    String qkv = linear(x, name(), h, 3 * h, bit, false);
    qkv = transpose(reshape(qkv, 0, 135, 3, heads, h / heads), 2, 0, 3, 1, 4);
    String sizes = name();
    constants.add(OnnxTensor.ofLongs(sizes, List.of(3L), 1, 1, 1));
    List<String> parts =
        split(qkv, sizes, 3, 0).stream().map(p -> add("Squeeze", Map.of(), p, "first")).toList();
    String scale = name();
    constants.add(OnnxTensor.ofFloats(scale, List.of(), (float) (1 / Math.sqrt(h / heads))));
    String scores = add("MatMul", Map.of(), parts.get(0), transpose(parts.get(1), 0, 1, 3, 2));
    String weights = add("Softmax", axis(-1), add("Mul", Map.of(), scores, scale));
    String o = transpose(add("MatMul", Map.of(), weights, parts.get(2)), 0, 2, 1, 3);
    return linear(reshape(o, 0, 135, h), name(), h, h, bit, false);
  }

  private String reshape(String x, long... shape) {
    String target = name();
    constants.add(OnnxTensor.ofLongs(target, List.of((long) shape.length), shape));
    return add("Reshape", Map.of(), x, target);
  }

  private String transpose(String x, long... order) {
    List<Long> perm = Arrays.stream(order).boxed().toList();
    return add("Transpose", Map.of("perm", new OnnxAttribute.IntList(perm)), x);
  }

  /** A layer with bias; for two axes as Gemm, for more as MatMul and Add. */
  private String linear(String x, String y, int in, int out, boolean bit, boolean gemm) {
    parameters += (long) in * out + out;
    String rows = bit ? quantised(x) : x;
    String weights = name();
    float[] w = new float[Math.multiplyExact(in, out)];
    float scale = (float) (1 / Math.sqrt(in));
    for (int i = 0; i < w.length; i++) {
      w[i] = bit ? (random.nextInt(3) - 1) * scale : (float) random.nextGaussian() * scale;
    }
    long k = in;
    long n = out;
    constants.add(OnnxTensor.ofFloats(weights, gemm ? List.of(n, k) : List.of(k, n), w));
    String bias = floats(0.1f, out);
    if (gemm) {
      Map<String, OnnxAttribute> attributes = Map.of("transB", new OnnxAttribute.IntValue(1));
      nodes.add(new OnnxNode(y, "", "Gemm", List.of(rows, weights, bias), List.of(y), attributes));
    } else {
      String product = add("MatMul", Map.of(), rows, weights);
      nodes.add(new OnnxNode(y, "", "Add", List.of(product, bias), List.of(y), Map.of()));
    }
    return y;
  }

  /** Rows rounded to multiples of their largest magnitude over 127, in float32. */
  private String quantised(String x) {
    Map<String, OnnxAttribute> keep = Map.of("keepdims", new OnnxAttribute.IntValue(1));
    String largest = add("ReduceMax", keep, add("Abs", Map.of(), x), "last");
    String inverse = add("Reciprocal", Map.of(), add("Clip", Map.of(), largest, "least"));
    String g = add("Mul", Map.of(), inverse, "c127");
    String codes = add("Round", Map.of(), add("Mul", Map.of(), x, g));
    codes = add("Clip", Map.of(), codes, "c-128", "c127");
    String difference = add("Sub", Map.of(), add("Div", Map.of(), codes, g), x);
    return add("Add", Map.of(), x, difference);
  }

  private String batchNorm(String x, int size) {
    parameters += 2L * size;
    float[] variance = new float[size];
    Arrays.fill(variance, 1.5f);
    String v = name();
    constants.add(OnnxTensor.ofFloats(v, List.of((long) size), variance));
    String gamma = floats(1, size);
    return add("BatchNormalization", Map.of(), x, gamma, floats(0.1f, size), floats(1, size), v);
  }

  private String silu(String x) {
    return add("Mul", Map.of(), x, add("Sigmoid", Map.of(), x));
  }

  private static Map<String, OnnxAttribute> axis(long axis) {
    return Map.of("axis", new OnnxAttribute.IntValue(axis));
  }

  private String floats(float scale, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * scale;
    }
    String name = name();
    List<Long> dims = Arrays.stream(shape).asLongStream().boxed().toList();
    constants.add(OnnxTensor.ofFloats(name, dims, values));
    return name;
  }

  private String add(String operator, Map<String, OnnxAttribute> attributes, String... in) {
    String out = name();
    nodes.add(new OnnxNode(out, "", operator, List.of(in), List.of(out), attributes));
    return out;
  }

  private String name() {
    return "v" + names++;
  }

  /** Names that no exported network has: what measures them makes up their numbers. */
  private String input(String what, int... row) {
    String name = "published_" + what;
    List<OnnxDimension> shape = new ArrayList<>();
    shape.add(new OnnxDimension.Symbolic("batch"));
    for (int size : row) {
      shape.add(new OnnxDimension.Fixed(size));
    }
    inputs.add(new OnnxValueInfo(name, OnnxType.FLOAT, Optional.of(shape)));
    return name;
  }

  private void output(String name) {
    outputs.add(new OnnxValueInfo(name, OnnxType.FLOAT, Optional.empty()));
  }

  private Built built() {
    Set<String> used = new HashSet<>();
    nodes.forEach(node -> used.addAll(node.inputs()));
    constants.removeIf(constant -> !used.contains(constant.name()));
    OnnxGraph graph = new OnnxGraph("published", nodes, constants, inputs, outputs);
    return new Built(new OnnxModel(9, "bitbeam", "", Map.of("", 20L), graph, Map.of()), parameters);
  }
}
