package org.bitbeam.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Joins float operations that one kernel can do: GELU and SiLU out of their parts, products with
 * constant weights with bias and normalisation, activations with the layer before them, attention.
 * Results may differ from the graph's in the last bits; they never differ between kernels.
 *
 * <p>Nodes of domain {@value Lowered#DOMAIN}: {@code Silu(x)}; {@code Dense(x, weights(K, N),
 * bias)}; {@code Rows(parts...)}: parts with their axes broadcast but for the last, along which
 * they are put together; {@code PointConv(x, weights(N, K), bias)}; {@code Attention(q, kT, v,
 * bias?, factor?)} with attribute {@code scale}. Layers have an attribute {@code activation} (and
 * {@code alpha}).
 */
public final class Fusion {
  private static final int SMALL = 256; // constants up to this size are compared by content
  private static final float SQRT_2 = (float) Math.sqrt(2);

  private final Map<String, BitLayer> layers;
  private Graph graph;
  private Values values;
  private final Map<String, NdArray> constants;

  private Fusion(Lowered lowered) {
    this.layers = new LinkedHashMap<>(lowered.layers());
    this.graph = lowered.graph();
    this.constants = new LinkedHashMap<>(graph.constants());
    this.values = new Values(graph, constants);
  }

  /** The graph with joined nodes. */
  public static Lowered fuse(Lowered lowered) {
    Fusion fusion = new Fusion(lowered);
    fusion.mergeEqualNodes();
    fusion.pass(fusion::filled);
    fusion.pass(fusion::gelu);
    fusion.pass(fusion::geluTanh);
    fusion.pass(fusion::silu);
    fusion.pass(fusion::pointConvolution);
    fusion.pass(fusion::dense);
    fusion.pass(fusion::normalisation);
    fusion.pass(fusion::attention);
    fusion.pass(fusion::activation);
    fusion.pass(fusion::rows);
    fusion.pass(fusion::unspread);
    return new Lowered(fusion.graph, fusion.layers, lowered.report());
  }

  /** A node that takes the place of another one; nodes in between become useless. */
  private record Replacement(OnnxNode last, OnnxNode by) {}

  private interface Rule {
    @Nullable Replacement match(OnnxNode node);
  }

  private void pass(Rule rule) {
    Map<String, OnnxNode> byOutput = new HashMap<>();
    Set<String> taken = new HashSet<>();
    for (OnnxNode node : graph.nodes()) {
      Replacement replacement = taken.contains(node.outputs().get(0)) ? null : rule.match(node);
      if (replacement != null) {
        byOutput.put(replacement.last().outputs().get(0), replacement.by());
        taken.add(replacement.last().outputs().get(0));
      }
    }
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      nodes.add(byOutput.getOrDefault(node.outputs().get(0), node));
    }
    graph = Folding.pruned(graph, nodes, constants);
    values = new Values(graph, constants);
  }

  private static OnnxNode fused(
      OnnxNode named,
      String domain,
      String operator,
      List<String> inputs,
      String output,
      Map<String, OnnxAttribute> attributes) {
    return new OnnxNode(named.name(), domain, operator, inputs, List.of(output), attributes);
  }

  /** Where(c, x, an array like x filled with one number): the number does, as it is broadcast. */
  private @Nullable Replacement filled(OnnxNode where) {
    if (!where.qualifiedOperator().equals("Where")) {
      return null;
    }
    String x = where.inputs().get(1);
    OnnxNode fill = values.producer(where.inputs().get(2), "ConstantOfShape");
    OnnxNode shape = fill == null ? null : values.producer(fill.inputs().get(0), "Shape");
    if (fill == null
        || shape == null
        || !shape.inputs().get(0).equals(x)
        || shape.attributes().containsKey("start")
        || shape.attributes().containsKey("end")
        || !(fill.attributes().get("value") instanceof OnnxAttribute.TensorValue number)) {
      return null;
    }
    String scalar = where.outputs().get(0) + "/otherwise";
    constants.put(scalar, NdArray.of(number.value()).reshaped(new int[0]));
    return new Replacement(
        where,
        fused(
            where,
            "",
            "Where",
            List.of(where.inputs().get(0), x, scalar),
            where.outputs().get(0),
            Map.of()));
  }

  /** x * (erf(x / sqrt 2) + 1) * 0.5, multiplied in either order. */
  private @Nullable Replacement gelu(OnnxNode erf) {
    if (!erf.qualifiedOperator().equals("Erf")) {
      return null;
    }
    String x = scaledBy(erf.inputs().get(0));
    OnnxNode add = values.onlyUser(erf.outputs().get(0), "Add");
    if (x == null || add == null || values.besides(add, 1) == null) {
      return null;
    }
    OnnxNode first = values.onlyUser(add.outputs().get(0), "Mul");
    OnnxNode second = first == null ? null : values.onlyUser(first.outputs().get(0), "Mul");
    if (first == null) {
      return null;
    }
    String left = Values.other(first, add.outputs().get(0));
    if (left == null) {
      return null;
    }
    boolean halved = isHalf(left, x);
    if (halved) {
      return replace(erf, first, x, "none");
    }
    if (second == null) {
      return null;
    }
    boolean xThenHalf = left.equals(x) && values.besides(second, 0.5f) != null;
    boolean halfThenX =
        values.scalar(left) == 0.5f && x.equals(Values.other(second, first.outputs().get(0)));
    return xThenHalf || halfThenX ? replace(erf, second, x, "none") : null;
  }

  private static Replacement replace(OnnxNode named, OnnxNode last, String x, String approximate) {
    return new Replacement(
        last,
        fused(
            named,
            "",
            "Gelu",
            List.of(x),
            last.outputs().get(0),
            Map.of("approximate", new OnnxAttribute.StringValue(approximate))));
  }

  /** The x of x / sqrt(2) or x * sqrt(0.5). */
  private @Nullable String scaledBy(String name) {
    OnnxNode div = values.producer(name, "Div");
    if (div != null && close(values.scalar(div.inputs().get(1)), SQRT_2)) {
      return div.inputs().get(0);
    }
    OnnxNode mul = values.producer(name, "Mul");
    for (String input : mul == null ? List.<String>of() : mul.inputs()) {
      if (mul != null && close(values.scalar(input), 1 / SQRT_2)) {
        return Values.other(mul, input);
      }
    }
    return null;
  }

  private boolean isHalf(String name, String x) {
    OnnxNode mul = values.producer(name, "Mul");
    return mul != null && x.equals(values.besides(mul, 0.5f));
  }

  /** x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, multiplied in any order. */
  private @Nullable Replacement geluTanh(OnnxNode tanh) {
    if (!tanh.qualifiedOperator().equals("Tanh")) {
      return null;
    }
    OnnxNode scaled = values.producer(tanh.inputs().get(0), "Mul");
    String sum = scaled == null ? null : values.besides(scaled, (float) Math.sqrt(2 / Math.PI));
    OnnxNode inner = sum == null ? null : values.producer(sum, "Add");
    String x = inner == null ? null : cubeAdded(inner);
    OnnxNode add = values.onlyUser(tanh.outputs().get(0), "Add");
    if (x == null || add == null || values.besides(add, 1) == null) {
      return null;
    }
    OnnxNode first = values.onlyUser(add.outputs().get(0), "Mul");
    String left = first == null ? null : Values.other(first, add.outputs().get(0));
    if (first == null || left == null) {
      return null;
    }
    if (isHalf(left, x)) {
      return replace(tanh, first, x, "tanh");
    }
    OnnxNode second = values.onlyUser(first.outputs().get(0), "Mul");
    return second != null && left.equals(x) && values.besides(second, 0.5f) != null
        ? replace(tanh, second, x, "tanh")
        : null;
  }

  /** The x of x + 0.044715 x^3. */
  private @Nullable String cubeAdded(OnnxNode add) {
    for (String x : add.inputs()) {
      String other = Values.other(add, x);
      OnnxNode scaled = other == null ? null : values.producer(other, "Mul");
      String cube = scaled == null ? null : values.besides(scaled, 0.044715f);
      if (cube != null && isCube(cube, x)) {
        return x;
      }
    }
    return null;
  }

  private boolean isCube(String name, String x) {
    OnnxNode pow = values.producer(name, "Pow");
    if (pow != null) {
      return pow.inputs().get(0).equals(x) && values.scalar(pow.inputs().get(1)) == 3;
    }
    OnnxNode mul = values.producer(name, "Mul");
    String square = mul == null ? null : Values.other(mul, x);
    OnnxNode squared = square == null ? null : values.producer(square, "Mul");
    return squared != null && squared.inputs().equals(List.of(x, x));
  }

  private static boolean close(float a, float b) {
    return Math.abs(a - b) <= 1e-6f * b;
  }

  private @Nullable Replacement silu(OnnxNode sigmoid) {
    if (!sigmoid.qualifiedOperator().equals("Sigmoid")) {
      return null;
    }
    String x = sigmoid.inputs().get(0);
    OnnxNode mul = values.onlyUser(sigmoid.outputs().get(0), "Mul");
    return mul != null && x.equals(Values.other(mul, sigmoid.outputs().get(0)))
        ? new Replacement(
            mul, fused(sigmoid, Lowered.DOMAIN, "Silu", List.of(x), mul.outputs().get(0), Map.of()))
        : null;
  }

  /** A convolution whose kernel covers one place, with a following normalisation folded in. */
  private @Nullable Replacement pointConvolution(OnnxNode conv) {
    FloatArray weights =
        conv.qualifiedOperator().equals("Conv") ? values.floats(conv.inputs().get(1)) : null;
    if (weights == null || Values.integer(conv, "group", 1) != 1 || weights.rank() < 3) {
      return null;
    }
    for (int i = 2; i < weights.rank(); i++) {
      if (weights.shape()[i] != 1) {
        return null;
      }
    }
    if (!allAre(conv, "strides", 1) || !allAre(conv, "pads", 0)) {
      return null;
    }
    int outputs = weights.shape()[0];
    int inputs = weights.shape()[1];
    float[] w = weights.values().clone();
    float[] b = new float[outputs];
    if (conv.inputs().size() > 2 && !conv.inputs().get(2).isEmpty()) {
      FloatArray bias = values.floats(conv.inputs().get(2));
      if (bias == null || bias.size() != outputs) {
        return null;
      }
      b = bias.values().clone();
    }
    OnnxNode last = conv;
    OnnxNode norm = values.onlyUser(conv.outputs().get(0), "BatchNormalization");
    if (norm != null
        && norm.inputs().get(0).equals(conv.outputs().get(0))
        && norm.outputs().size() == 1) {
      double[] factors = new double[outputs];
      if (affine(norm, factors, b)) {
        for (int i = 0; i < w.length; i++) {
          w[i] = (float) (w[i] * factors[i / inputs]);
        }
        last = norm;
      }
    }
    String name = last.outputs().get(0);
    constants.put(name + "/weights", new FloatArray(new int[] {outputs, inputs}, w));
    constants.put(name + "/bias", new FloatArray(new int[] {outputs}, b));
    return new Replacement(
        last,
        fused(
            conv,
            Lowered.DOMAIN,
            "PointConv",
            List.of(conv.inputs().get(0), name + "/weights", name + "/bias"),
            name,
            Map.of()));
  }

  private static boolean allAre(OnnxNode node, String attribute, long value) {
    return !(node.attributes().get(attribute) instanceof OnnxAttribute.IntList list)
        || list.values().stream().allMatch(v -> v == value);
  }

  /** A product with constant weights and constant bias. */
  private @Nullable Replacement dense(OnnxNode product) {
    boolean gemm = product.qualifiedOperator().equals("Gemm");
    if (!gemm && !product.qualifiedOperator().equals("MatMul")) {
      return null;
    }
    FloatArray weights = values.floats(product.inputs().get(1));
    if (weights == null
        || weights.rank() != 2
        || values.constant(product.inputs().get(0)) != null) {
      return null;
    }
    if (gemm
        && (Values.integer(product, "transA", 0) != 0
            || Values.real(product, "alpha", 1) != 1
            || Values.real(product, "beta", 1) != 1)) {
      return null;
    }
    boolean outputsFirst = gemm && Values.integer(product, "transB", 0) != 0;
    int outputs = weights.shape()[outputsFirst ? 0 : 1];
    int inputs = weights.shape()[outputsFirst ? 1 : 0];
    float[] w = weights.values();
    if (outputsFirst) {
      w = new float[inputs * outputs];
      for (int n = 0; n < outputs; n++) {
        for (int k = 0; k < inputs; k++) {
          w[k * outputs + n] = weights.values()[n * inputs + k];
        }
      }
    }
    float[] b = new float[outputs];
    OnnxNode last = product;
    if (gemm && product.inputs().size() > 2 && !product.inputs().get(2).isEmpty()) {
      FloatArray bias = vector(product.inputs().get(2), outputs);
      if (bias == null) {
        return null;
      }
      b = bias.values();
    } else {
      OnnxNode add = values.onlyUser(product.outputs().get(0), "Add");
      String other = add == null ? null : Values.other(add, product.outputs().get(0));
      FloatArray bias = other == null ? null : vector(other, outputs);
      if (add != null && bias != null) {
        b = bias.values();
        last = add;
      }
    }
    String name = last.outputs().get(0);
    constants.put(name + "/weights", new FloatArray(new int[] {inputs, outputs}, w));
    constants.put(name + "/bias", new FloatArray(new int[] {outputs}, b));
    return new Replacement(
        last,
        fused(
            product,
            Lowered.DOMAIN,
            "Dense",
            List.of(product.inputs().get(0), name + "/weights", name + "/bias"),
            name,
            Map.of()));
  }

  private @Nullable FloatArray vector(String name, int size) {
    FloatArray f = values.floats(name);
    return f != null && f.rank() == 1 && f.size() == size ? f : null;
  }

  /** softmax(q kT * scale + bias) v; the scale may be a division, bias and scale may be missing. */
  private @Nullable Replacement attention(OnnxNode softmax) {
    if (!softmax.qualifiedOperator().equals("Softmax")
        || Values.integer(softmax, "axis", -1) != -1
        || graph.opset() < 13) {
      return null;
    }
    OnnxNode out = values.onlyUser(softmax.outputs().get(0), "MatMul");
    if (out == null || !out.inputs().get(0).equals(softmax.outputs().get(0))) {
      return null;
    }
    String scores = softmax.inputs().get(0);
    OnnxNode add = values.producer(scores, "Add");
    Replacement found = null;
    if (add != null && values.onlyUser(scores) != null) {
      for (String side : add.inputs()) {
        String bias = Values.other(add, side);
        if (found == null && bias != null && values.onlyUser(side) != null) {
          found = attention(softmax, out, side, bias);
        }
      }
      return found;
    }
    return values.onlyUser(scores) != null ? attention(softmax, out, scores, null) : null;
  }

  private @Nullable Replacement attention(
      OnnxNode softmax, OnnxNode out, String scaled, @Nullable String bias) {
    float scale = 1;
    String computed = ""; // a scale that is no constant
    String raw = scaled;
    OnnxNode div = values.producer(scaled, "Div");
    OnnxNode mul = values.producer(scaled, "Mul");
    if (div != null && !Float.isNaN(values.scalar(div.inputs().get(1)))) {
      scale = 1 / values.scalar(div.inputs().get(1));
      raw = div.inputs().get(0);
    } else if (mul != null) {
      for (String input : mul.inputs()) {
        String other = Values.other(mul, input);
        if (!Float.isNaN(values.scalar(input)) && other != null) {
          scale = values.scalar(input);
          raw = other;
        } else if (isScalar(input) && other != null) {
          computed = input;
          raw = other;
        }
      }
    }
    OnnxNode product = values.producer(raw, "MatMul");
    if (product == null || values.onlyUser(raw) == null) {
      return null;
    }
    List<String> inputs =
        new ArrayList<>(
            List.of(product.inputs().get(0), product.inputs().get(1), out.inputs().get(1)));
    if (bias != null || !computed.isEmpty()) {
      inputs.add(bias == null ? "" : bias);
    }
    if (!computed.isEmpty()) {
      inputs.add(computed);
    }
    return new Replacement(
        out,
        fused(
            softmax,
            Lowered.DOMAIN,
            "Attention",
            inputs,
            out.outputs().get(0),
            Map.of("scale", new OnnxAttribute.FloatValue(scale))));
  }

  /** Whether a value that is computed from sizes is certainly one number. */
  private boolean isScalar(String name) {
    NdArray constant = values.constant(name);
    if (constant != null) {
      return constant.size() == 1 && constant.rank() <= 1;
    }
    OnnxNode gather = values.producer(name, "Gather");
    if (gather != null && values.producer(gather.inputs().get(0), "Shape") != null) {
      NdArray index = values.constant(gather.inputs().get(1));
      return index != null && index.size() == 1 && index.rank() <= 1;
    }
    for (String operator : List.of("Cast", "Div", "Mul", "Pow", "Sqrt", "Reciprocal")) {
      OnnxNode node = values.producer(name, operator);
      if (node != null) {
        return node.inputs().stream().allMatch(this::isScalar);
      }
    }
    return false;
  }

  /** Equal operators on equal inputs are computed once. */
  private void mergeEqualNodes() {
    Map<String, String> known = new HashMap<>();
    Map<String, String> same = new HashMap<>();
    Set<String> results = new HashSet<>();
    graph.outputs().forEach(output -> results.add(output.name()));
    Map<String, String> content = new HashMap<>();
    constants.forEach(
        (name, value) -> {
          String key = value.size() <= SMALL ? contentOf(value) : name;
          String first = content.putIfAbsent(key, name);
          if (first != null) {
            same.put(name, first);
          }
        });
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode given : graph.nodes()) {
      List<String> inputs =
          given.inputs().stream().map(name -> same.getOrDefault(name, name)).toList();
      OnnxNode node =
          new OnnxNode(
              given.name(),
              given.domain(),
              given.operator(),
              inputs,
              given.outputs(),
              given.attributes());
      String output = node.outputs().get(0);
      boolean mergeable =
          node.outputs().size() == 1
              && !results.contains(output)
              && !layers.containsKey(output)
              && !node.operator().startsWith("Random")
              && node.attributes().values().stream().noneMatch(this::isOpaque);
      String key = node.qualifiedOperator() + inputs + node.attributes();
      String first = mergeable ? known.putIfAbsent(key, output) : null;
      if (first != null) {
        same.put(output, first);
      } else {
        nodes.add(node);
      }
    }
    boolean nested =
        graph.nodes().stream()
            .anyMatch(n -> n.attributes().values().stream().anyMatch(this::isOpaque));
    if (!same.isEmpty() && !nested) {
      graph = Folding.pruned(graph, nodes, constants);
      values = new Values(graph, constants);
    }
  }

  private static String contentOf(NdArray value) {
    String text =
        value instanceof FloatArray f
            ? Arrays.toString(f.values())
            : value instanceof NdArray.IntegerArray n ? Arrays.toString(n.values()) : "?" + value;
    return value.describe() + text;
  }

  /** Bodies and tensors: not compared. */
  private boolean isOpaque(OnnxAttribute attribute) {
    return attribute instanceof OnnxAttribute.GraphValue
        || attribute instanceof OnnxAttribute.TensorValue;
  }

  /** A normalisation of columns joins the layer before it; BatchNormalization means axis 1. */
  private @Nullable Replacement normalisation(OnnxNode layer) {
    boolean dense = layer.qualifiedOperator().equals(Lowered.DOMAIN + ":Dense");
    BitLayer bit = layers.get(layer.outputs().get(0));
    boolean isBit = bit != null && layer.qualifiedOperator().equals(Lowered.DOMAIN + ":BitLinear");
    String result = layer.outputs().get(0);
    OnnxNode norm = dense || isBit ? values.onlyUser(result, "BatchNormalization") : null;
    if (norm == null || norm.outputs().size() != 1 || !isMatrix(layer.inputs().get(0))) {
      return null;
    }
    FloatArray bias = dense ? values.floats(layer.inputs().get(2)) : null;
    int outputs = bit != null ? bit.weights().outputs() : bias == null ? 0 : bias.size();
    double[] factors = new double[outputs];
    float[] b = bit != null ? bit.bias().clone() : bias == null ? null : bias.values().clone();
    if (b == null || !affine(norm, factors, b)) {
      return null;
    }
    String name = norm.outputs().get(0);
    if (bit != null) {
      TernaryWeights weights = bit.weights();
      byte[] signs = weights.signs().clone();
      float[] betas = new float[outputs];
      for (int n = 0; n < outputs; n++) {
        betas[n] = (float) Math.abs(weights.betas()[n] * factors[n]);
        for (int k = 0; k < weights.inputs() && factors[n] < 0; k++) {
          signs[n * weights.inputs() + k] = (byte) -signs[n * weights.inputs() + k];
        }
      }
      TernaryWeights scaled = new TernaryWeights(weights.inputs(), outputs, signs, betas);
      layers.put(name, new BitLayer(bit.name(), bit.input(), name, bit.quantiser(), scaled, b));
      return new Replacement(
          norm,
          fused(layer, layer.domain(), layer.operator(), layer.inputs(), name, layer.attributes()));
    }
    FloatArray weights = values.floats(layer.inputs().get(1));
    if (weights == null) {
      return null;
    }
    float[] w = weights.values().clone();
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (w[i] * factors[i % outputs]);
    }
    constants.put(name + "/weights", new FloatArray(weights.shape(), w));
    constants.put(name + "/bias", new FloatArray(new int[] {outputs}, b));
    List<String> inputs = List.of(layer.inputs().get(0), name + "/weights", name + "/bias");
    return new Replacement(
        norm, fused(layer, layer.domain(), layer.operator(), inputs, name, layer.attributes()));
  }

  /** Factors of a normalisation; {@code bias} becomes that of the normalised layer. */
  private boolean affine(OnnxNode norm, double[] factors, float[] bias) {
    FloatArray scale = values.floats(norm.inputs().get(1));
    FloatArray shift = values.floats(norm.inputs().get(2));
    FloatArray mean = values.floats(norm.inputs().get(3));
    FloatArray variance = values.floats(norm.inputs().get(4));
    int size = factors.length;
    if (scale == null
        || shift == null
        || mean == null
        || variance == null
        || scale.size() != size
        || shift.size() != size
        || mean.size() != size
        || variance.size() != size) {
      return false;
    }
    double epsilon = Values.real(norm, "epsilon", 1e-5f);
    for (int n = 0; n < size; n++) {
      factors[n] = scale.values()[n] / Math.sqrt(variance.values()[n] + epsilon);
      bias[n] = (float) ((bias[n] - mean.values()[n]) * factors[n] + shift.values()[n]);
    }
    return true;
  }

  /** Whether a value certainly has two axes. */
  private boolean isMatrix(String name) {
    for (OnnxValueInfo input : graph.inputs()) {
      if (input.name().equals(name)) {
        return input.shape().map(List::size).orElse(0) == 2;
      }
    }
    OnnxNode node = values.producer(name);
    Set<String> keep =
        Set.of("Dense", "BitLinear", "Silu", "Relu", "LeakyRelu", "Gelu", "BatchNormalization");
    return node != null && keep.contains(node.operator()) && isMatrix(node.inputs().get(0));
  }

  /** An activation joins the layer that only it uses. */
  private @Nullable Replacement activation(OnnxNode layer) {
    boolean fits =
        layer.domain().equals(Lowered.DOMAIN)
            && Set.of("Dense", "PointConv", "BitLinear").contains(layer.operator());
    OnnxNode user = fits ? values.onlyUser(layer.outputs().get(0)) : null;
    if (user == null || user.inputs().size() != 1) {
      return null;
    }
    String kind =
        switch (user.qualifiedOperator()) {
          case "Relu" -> "RELU";
          case "LeakyRelu" -> "LEAKY_RELU";
          case "Sigmoid" -> "SIGMOID";
          case "Tanh" -> "TANH";
          case "Gelu" ->
              Values.text(user, "approximate", "none").equals("tanh") ? "GELU_TANH" : "GELU";
          case Lowered.DOMAIN + ":Silu" -> "SILU";
          default -> "";
        };
    if (kind.isEmpty()) {
      return null;
    }
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(layer.attributes());
    attributes.put("activation", new OnnxAttribute.StringValue(kind));
    attributes.put("alpha", new OnnxAttribute.FloatValue(Values.real(user, "alpha", 0.01f)));
    BitLayer bit = layers.get(layer.outputs().get(0));
    if (bit != null) {
      layers.put(user.outputs().get(0), bit);
    }
    return new Replacement(
        user,
        fused(
            layer,
            Lowered.DOMAIN,
            layer.operator(),
            layer.inputs(),
            user.outputs().get(0),
            attributes));
  }

  /**
   * Parts that are spread over the grid of another part need not be stored before they are joined.
   */
  private @Nullable Replacement rows(OnnxNode concat) {
    if (!concat.qualifiedOperator().equals("Concat")
        || Values.integer(concat, "axis", 0) != -1
        || concat.inputs().stream().noneMatch(this::isSpread)
        || concat.inputs().stream().allMatch(this::isSpread)
        || concat.inputs().stream().anyMatch(part -> values.constant(part) != null)) {
      return null;
    }
    List<String> parts = new ArrayList<>();
    for (String part : concat.inputs()) {
      OnnxNode expand = values.producer(part, "Expand");
      parts.add(expand == null ? part : expand.inputs().get(0));
    }
    String name = concat.outputs().get(0);
    return new Replacement(concat, fused(concat, Lowered.DOMAIN, "Rows", parts, name, Map.of()));
  }

  private boolean isSpread(String name) {
    return values.producer(name, "Expand") != null || spreadSides(name) != null;
  }

  /** An element-wise node of two expanded arrays that only a join of rows uses. */
  private @Nullable OnnxNode spreadSides(String name) {
    for (String operator : List.of("Sub", "Add", "Mul")) {
      OnnxNode node = values.producer(name, operator);
      if (node != null
          && values.onlyUser(name) != null
          && node.inputs().stream().allMatch(side -> values.producer(side, "Expand") != null)) {
        return node;
      }
    }
    return null;
  }

  private @Nullable Replacement unspread(OnnxNode node) {
    String name = node.outputs().get(0);
    OnnxNode user = values.onlyUser(name);
    if (spreadSides(name) == null
        || user == null
        || !user.qualifiedOperator().equals(Lowered.DOMAIN + ":Rows")) {
      return null;
    }
    List<String> sides = new ArrayList<>();
    for (String side : node.inputs()) {
      OnnxNode expand = values.producer(side, "Expand");
      sides.add(expand == null ? side : expand.inputs().get(0));
    }
    return new Replacement(
        node, fused(node, node.domain(), node.operator(), sides, name, node.attributes()));
  }
}
