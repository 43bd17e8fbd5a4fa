package org.bitbeam.runtime.internal.rewrite;

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
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.BitLayer.RowQuantiser;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;

/** Collects the nodes of a graph that takes the place of another one. For one thread. */
final class GraphEditor {
  // MatMulInteger and bounds of Clip as inputs came with operator sets 10 and 11.
  private static final long LEAST_OPSET = 11;
  private static final long AXES_ARE_INPUTS = 18;
  private static final long LAYER_NORMALIZATION = 17;

  // Of rows that are normalised without parameters, in training too.
  private static final float EPSILON = 1e-6f;

  private final OnnxModel model;
  private final Map<String, Long> opsets;
  private final Graph original;
  private final Map<String, NdArray> constants;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> factors = new HashMap<>();
  private final Map<String, String> codes = new HashMap<>();
  private final Map<String, String> normalised = new HashMap<>();
  private final Map<String, Codes> dynamic = new HashMap<>();
  private final Map<Float, String> scalars = new HashMap<>();

  /**
   * An editor that has no nodes yet.
   *
   * @param model the file the graph came from; its name, versions and metadata are kept
   * @param original the graph, folded or not
   */
  GraphEditor(OnnxModel model, Graph original) {
    if (model.opset() < LEAST_OPSET) {
      throw new UnsupportedOnnxException(
          "operator set "
              + model.opset()
              + " cannot be rewritten; export the network with "
              + LEAST_OPSET
              + " or later");
    }
    this.model = model;
    this.opsets = new LinkedHashMap<>(model.opsets());
    this.original = original;
    this.constants = new LinkedHashMap<>(original.constants());
    names.addAll(constants.keySet());
    original.inputs().forEach(input -> names.add(input.name()));
    original.nodes().forEach(node -> names.addAll(node.outputs()));
  }

  /** Takes over a node as it is. */
  void keep(OnnxNode node) {
    nodes.add(node);
  }

  /** Adds a constant and returns its name. */
  String constant(String hint, NdArray value) {
    String name = unique(hint);
    constants.put(name, value);
    return name;
  }

  /** A float scalar; the same number is kept once. */
  String scalar(float value) {
    return scalars.computeIfAbsent(value, v -> constant("number", NdArray.scalar(v)));
  }

  /** Adds a node of ONNX's own operators and returns the name of its output. */
  String node(String operator, String hint, String... inputs) {
    return node(operator, hint, Map.of(), inputs);
  }

  String node(
      String operator, String hint, Map<String, OnnxAttribute> attributes, String... inputs) {
    return node("", operator, hint, attributes, inputs);
  }

  String node(
      String domain,
      String operator,
      String hint,
      Map<String, OnnxAttribute> attributes,
      String... inputs) {
    String output = unique(hint + "/" + operator);
    nodes.add(new OnnxNode(output, domain, operator, List.of(inputs), List.of(output), attributes));
    opsets.putIfAbsent(domain, 1L);
    return output;
  }

  /** Adds a node of ONNX's own operators with a given output. */
  void nodeTo(String output, String operator, String... inputs) {
    nodes.add(new OnnxNode(output, "", operator, List.of(inputs), List.of(output), Map.of()));
  }

  String cast(String value, OnnxType type, String hint) {
    return node("Cast", hint, Map.of("to", new OnnxAttribute.IntValue(type.code())), value);
  }

  /**
   * The factor g of every row of a value, with one element along the last axis; made once per value
   * (specs/models.md section 1.2).
   */
  String factor(String value, RowQuantiser quantiser) {
    return factors.computeIfAbsent(
        value + quantiser,
        key -> {
          String abs = node("Abs", value, value);
          OnnxAttribute keep = new OnnxAttribute.IntValue(1);
          String max;
          if (model.opset() >= AXES_ARE_INPUTS) {
            String axes = constant("last_axis", NdArray.longs(-1));
            max = node("ReduceMax", value, Map.of("keepdims", keep), abs, axes);
          } else {
            OnnxAttribute axes = new OnnxAttribute.IntList(List.of(-1L));
            max = node("ReduceMax", value, Map.of("axes", axes, "keepdims", keep), abs);
          }
          String bounded = node("Clip", value, max, scalar(quantiser.epsilon()));
          return quantiser.reciprocal()
              ? node("Mul", value, node("Reciprocal", value, bounded), scalar(127))
              : node("Div", value, scalar(127), bounded);
        });
  }

  /** The integer codes of every row of a value, as floats; made once per value. */
  String codes(String value, RowQuantiser quantiser) {
    return codes.computeIfAbsent(
        value + quantiser,
        key -> {
          String scaled = node("Mul", value, value, factor(value, quantiser));
          String rounded = node("Round", value, scaled);
          return node("Clip", value, rounded, scalar(-128), scalar(127));
        });
  }

  /**
   * Rows of a value with mean 0 and variance 1; made once per value.
   *
   * @param size of the last axis
   */
  String normalised(String value, int size) {
    if (model.opset() < LAYER_NORMALIZATION) {
      throw new UnsupportedOnnxException(
          "normalised inputs need operator set "
              + LAYER_NORMALIZATION
              + " or later, this network has "
              + model.opset());
    }
    return normalised.computeIfAbsent(
        value,
        key -> {
          float[] ones = new float[size];
          Arrays.fill(ones, 1);
          int[] shape = {size};
          return node(
              "LayerNormalization",
              value,
              Map.of(
                  "axis", new OnnxAttribute.IntValue(-1),
                  "epsilon", new OnnxAttribute.FloatValue(EPSILON)),
              value,
              constant("ones", new FloatArray(shape, ones)),
              constant("zeros", new FloatArray(shape, new float[size])));
        });
  }

  /** Outputs of a DynamicQuantizeLinear node. */
  record Codes(String codes, String scale, String zeroPoint) {}

  /** Codes by the range of a whole value; made once per value. */
  Codes dynamicCodes(String value) {
    return dynamic.computeIfAbsent(
        value,
        key -> {
          Codes made =
              new Codes(
                  unique(value + "/codes"),
                  unique(value + "/scale"),
                  unique(value + "/zero_point"));
          nodes.add(
              new OnnxNode(
                  unique(value + "/DynamicQuantizeLinear"),
                  "",
                  "DynamicQuantizeLinear",
                  List.of(value),
                  List.of(made.codes(), made.scale(), made.zeroPoint()),
                  Map.of()));
          return made;
        });
  }

  /**
   * The model with the nodes collected so far, and the constants they use.
   *
   * @param outputs what it returns
   */
  OnnxModel model(List<OnnxValueInfo> outputs) {
    Set<String> used = new HashSet<>();
    boolean nested = false;
    for (OnnxNode node : nodes) {
      used.addAll(node.inputs());
      nested |=
          node.attributes().values().stream().anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
    }
    outputs.forEach(output -> used.add(output.name()));
    List<OnnxTensor> initializers = new ArrayList<>();
    for (Map.Entry<String, NdArray> constant : constants.entrySet()) {
      // Bodies of control flow may look at any constant.
      if (nested || used.contains(constant.getKey())) {
        initializers.add(tensor(constant.getKey(), constant.getValue()));
      }
    }
    return new OnnxModel(
        model.irVersion(),
        "bitbeam",
        "",
        opsets,
        new OnnxGraph(model.graph().name(), nodes, initializers, original.inputs(), outputs),
        model.metadata());
  }

  private static OnnxTensor tensor(String name, NdArray value) {
    List<Long> dims = new ArrayList<>();
    for (int size : value.shape()) {
      dims.add((long) size);
    }
    if (value instanceof NdArray.FloatArray f) {
      return OnnxTensor.ofFloats(name, dims, f.values());
    }
    if (value instanceof NdArray.DoubleArray d) {
      return OnnxTensor.ofDoubles(name, dims, d.values());
    }
    IntegerArray n = (IntegerArray) value;
    return OnnxTensor.ofIntegers(name, n.type(), dims, n.values());
  }

  private String unique(String hint) {
    String name = hint;
    for (int i = 2; !names.add(name); i++) {
      name = hint + "_" + i;
    }
    return name;
  }
}
