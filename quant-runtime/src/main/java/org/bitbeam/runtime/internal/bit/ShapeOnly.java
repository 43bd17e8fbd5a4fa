package org.bitbeam.runtime.internal.bit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;

/**
 * Finds values that depend on the shapes of the inputs only, not on their content: exporters
 * compute the targets of {@code Reshape} and {@code Expand} in the graph. A second pass over the
 * same shapes need not compute them again.
 */
final class ShapeOnly {
  /** The shape of the result follows from the shapes of all inputs. */
  private static final Set<String> BY_SHAPES =
      Set.of(
          "Abs",
          "Add",
          "And",
          "BatchNormalization",
          "Cast",
          "Clip",
          "Concat",
          "Conv",
          "Cos",
          "Div",
          "Equal",
          "Erf",
          "Exp",
          "Flatten",
          "Floor",
          "Gather",
          "GatherElements",
          "Gelu",
          "Gemm",
          "Greater",
          "GreaterOrEqual",
          "Identity",
          "LayerNormalization",
          "LeakyRelu",
          "Less",
          "LessOrEqual",
          "Log",
          "MatMul",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Neg",
          "Not",
          "Or",
          "Pow",
          "Reciprocal",
          "Relu",
          "Round",
          "Sigmoid",
          "Sign",
          "Sin",
          "Softmax",
          "Softplus",
          "Sqrt",
          "Sub",
          "Tanh",
          "Transpose",
          "Where",
          "Xor");

  /** It follows from the first input's shape and the others' content. */
  private static final Set<String> BY_CONTENT =
      Set.of(
          "Expand",
          "Pad",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceSum",
          "Reshape",
          "Resize",
          "Slice",
          "Split",
          "Squeeze",
          "Tile",
          "TopK",
          "Unsqueeze");

  private final Set<String> fixed = new HashSet<>(); // content depends on shapes only
  private final Set<String> shaped = new HashSet<>(); // shape depends on shapes only

  private ShapeOnly(Graph graph) {
    fixed.add("");
    shaped.add("");
    fixed.addAll(graph.constants().keySet());
    shaped.addAll(graph.constants().keySet());
    graph.inputs().forEach(input -> shaped.add(input.name()));
  }

  /** Nodes whose results depend on shapes only, by their first output. */
  static Set<String> of(Graph graph) {
    ShapeOnly analysis = new ShapeOnly(graph);
    Set<String> nodes = new HashSet<>();
    for (OnnxNode node : graph.nodes()) {
      if (analysis.add(node)) {
        nodes.add(node.outputs().get(0));
      }
    }
    return nodes;
  }

  /** Values that depend on shapes only, constants included. */
  static Set<String> values(Graph graph) {
    ShapeOnly analysis = new ShapeOnly(graph);
    graph.nodes().forEach(analysis::add);
    return analysis.fixed;
  }

  private boolean add(OnnxNode node) {
    boolean nested =
        node.attributes().values().stream().anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
    boolean own = node.domain().equals(Lowered.DOMAIN);
    if (nested || !(node.domain().isEmpty() || own)) {
      return false;
    }
    List<String> inputs = node.inputs();
    String operator = node.operator();
    boolean allShaped = shaped.containsAll(inputs);
    boolean othersFixed = inputs.isEmpty() || fixed.containsAll(inputs.subList(1, inputs.size()));
    boolean isFixed =
        operator.equals("Shape")
            ? allShaped
            : !operator.startsWith("Random") && fixed.containsAll(inputs);
    boolean isShaped =
        isFixed
            || (allShaped
                && (own
                    || BY_SHAPES.contains(operator)
                    || (BY_CONTENT.contains(operator) && othersFixed)));
    if (isFixed) {
      fixed.addAll(node.outputs());
    }
    if (isShaped) {
      shaped.addAll(node.outputs());
    }
    return isFixed;
  }
}
