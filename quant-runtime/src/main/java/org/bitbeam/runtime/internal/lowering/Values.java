package org.bitbeam.runtime.internal.lowering;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.jspecify.annotations.Nullable;

/** Who produces and who uses each value of a graph; small questions that patterns ask. */
final class Values {
  private final Map<String, OnnxNode> producers = new HashMap<>();
  private final Map<String, Integer> uses = new HashMap<>();
  private final Map<String, OnnxNode> lastUser = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();
  private final Map<String, NdArray> constants;

  Values(Graph graph, Map<String, NdArray> constants) {
    this.constants = constants;
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      for (String input : node.inputs()) {
        uses.merge(input, 1, Integer::sum);
        lastUser.put(input, node);
      }
    }
    graph.outputs().forEach(output -> outputs.add(output.name()));
  }

  /** The node that computes a value; null for inputs and constants. */
  @Nullable OnnxNode producer(String name) {
    return producers.get(name);
  }

  /** The node of that operator that produces the value, or null. */
  @Nullable OnnxNode producer(String name, String operator) {
    OnnxNode node = producers.get(name);
    return node != null && node.qualifiedOperator().equals(operator) ? node : null;
  }

  /** The only user of a value, if there is exactly one and the value is no output of the graph. */
  @Nullable OnnxNode onlyUser(String name) {
    return uses.getOrDefault(name, 0) == 1 && !outputs.contains(name) ? lastUser.get(name) : null;
  }

  /** The only user, if it has that operator. */
  @Nullable OnnxNode onlyUser(String name, String operator) {
    OnnxNode user = onlyUser(name);
    return user != null && user.qualifiedOperator().equals(operator) ? user : null;
  }

  boolean isOutput(String name) {
    return outputs.contains(name);
  }

  int uses(String name) {
    return uses.getOrDefault(name, 0);
  }

  @Nullable NdArray constant(String name) {
    return constants.get(name);
  }

  @Nullable FloatArray floats(String name) {
    return constants.get(name) instanceof FloatArray f ? f : null;
  }

  /** The single float a constant holds; NaN if it is something else. */
  float scalar(String name) {
    FloatArray f = floats(name);
    return f != null && f.size() == 1 ? f.values()[0] : Float.NaN;
  }

  /** The other input of a node with two. */
  static @Nullable String other(OnnxNode node, String one) {
    List<String> inputs = node.inputs();
    if (inputs.size() != 2) {
      return null;
    }
    return inputs.get(0).equals(one)
        ? inputs.get(1)
        : inputs.get(1).equals(one) ? inputs.get(0) : null;
  }

  /** The input that is no scalar constant, when the other one is the given number; else null. */
  @Nullable String besides(OnnxNode node, float number) {
    for (int i = 0; i < 2 && node.inputs().size() == 2; i++) {
      if (scalar(node.inputs().get(i)) == number) {
        return node.inputs().get(1 - i);
      }
    }
    return null;
  }

  static long integer(OnnxNode node, String name, long otherwise) {
    return node.attributes().get(name) instanceof OnnxAttribute.IntValue i ? i.value() : otherwise;
  }

  static float real(OnnxNode node, String name, float otherwise) {
    return node.attributes().get(name) instanceof OnnxAttribute.FloatValue f
        ? f.value()
        : otherwise;
  }

  static String text(OnnxNode node, String name, String otherwise) {
    return node.attributes().get(name) instanceof OnnxAttribute.StringValue s
        ? s.value()
        : otherwise;
  }

  /**
   * The one axis a reduction names, by attribute or by constant input; null if it is not exactly
   * one.
   */
  @Nullable Long onlyAxis(OnnxNode node) {
    if (node.attributes().get("axes") instanceof OnnxAttribute.IntList list) {
      return list.values().size() == 1 ? list.values().get(0) : null;
    }
    if (node.inputs().size() > 1
        && constants.get(node.inputs().get(1)) instanceof IntegerArray axes) {
      return axes.size() == 1 ? (Long) axes.values()[0] : null;
    }
    return null;
  }
}
