package org.bitbeam.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.internal.reference.Operators;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;

/**
 * Computes what depends on constants only, once, with the interpreter; takes the branch of an
 * {@code If} whose condition is constant; removes nodes that copy; drops what nobody needs.
 *
 * @param graph what is left
 * @param constants every value known by now, those nobody needs included
 * @param origins the nodes that were computed, by output: weight quantisers are found here
 * @param folded how many they are
 */
record Folding(
    Graph graph, Map<String, NdArray> constants, Map<String, OnnxNode> origins, int folded) {
  // Spreading a small constant to a large one would cost memory and win nothing.
  private static final int MAX_GROWTH = 1 << 22;

  static Folding of(Graph graph) {
    Map<String, NdArray> constants = new LinkedHashMap<>(graph.constants());
    Map<String, OnnxNode> origins = new HashMap<>();
    Map<String, String> aliases = new HashMap<>();
    List<OnnxNode> rest = new ArrayList<>();
    Set<String> outputs = new HashSet<>();
    graph.outputs().forEach(output -> outputs.add(output.name()));
    for (OnnxNode original : inlined(graph, constants)) {
      OnnxNode node = renamed(original, aliases);
      boolean copy = node.qualifiedOperator().equals("Identity");
      if (copy && !outputs.contains(node.outputs().get(0))) {
        aliases.put(node.outputs().get(0), node.inputs().get(0));
        continue;
      }
      if (isConstant(node, constants)) {
        List<NdArray> results = Interpreter.evaluate(node, graph.opset(), constants);
        long used =
            node.inputs().stream()
                .filter(name -> !name.isEmpty())
                .mapToLong(name -> Objects.requireNonNull(constants.get(name)).size())
                .sum();
        if (results.stream().mapToLong(NdArray::size).sum() <= Math.max(used, MAX_GROWTH)) {
          for (int i = 0; i < node.outputs().size(); i++) {
            constants.put(node.outputs().get(i), results.get(i));
            origins.put(node.outputs().get(i), node);
          }
          continue;
        }
      }
      rest.add(node);
    }
    int folded = (int) new HashSet<>(origins.values()).size();
    return new Folding(pruned(graph, rest, constants), constants, origins, folded);
  }

  private static boolean isConstant(OnnxNode node, Map<String, NdArray> constants) {
    if (!Operators.has(node) || node.inputs().isEmpty()) {
      return false;
    }
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (attribute instanceof OnnxAttribute.GraphValue) {
        return false;
      }
    }
    return node.inputs().stream().allMatch(name -> name.isEmpty() || constants.containsKey(name));
  }

  private static OnnxNode renamed(OnnxNode node, Map<String, String> aliases) {
    if (node.inputs().stream().noneMatch(aliases::containsKey)) {
      return node;
    }
    List<String> inputs =
        node.inputs().stream().map(name -> aliases.getOrDefault(name, name)).toList();
    return new OnnxNode(
        node.name(), node.domain(), node.operator(), inputs, node.outputs(), node.attributes());
  }

  /** The nodes with every {@code If} of constant condition replaced by the nodes of its branch. */
  private static List<OnnxNode> inlined(Graph graph, Map<String, NdArray> constants) {
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.qualifiedOperator().equals("If")
          && constants.get(node.inputs().get(0)) instanceof IntegerArray condition
          && condition.size() == 1
          && node.attributes().get(condition.values()[0] != 0 ? "then_branch" : "else_branch")
              instanceof OnnxAttribute.GraphValue body) {
        nodes.addAll(inline(node, body.value(), graph.opset(), constants));
      } else {
        nodes.add(node);
      }
    }
    return nodes;
  }

  private static List<OnnxNode> inline(
      OnnxNode branch, OnnxGraph body, long opset, Map<String, NdArray> constants) {
    String prefix = branch.outputs().get(0) + "/";
    Map<String, String> names = new HashMap<>();
    for (OnnxTensor tensor : body.initializers()) {
      names.put(tensor.name(), prefix + tensor.name());
    }
    for (OnnxNode node : body.nodes()) {
      node.outputs().forEach(output -> names.put(output, output.isEmpty() ? "" : prefix + output));
    }
    Graph inner = Graph.of(body, opset);
    inner
        .constants()
        .forEach((name, value) -> constants.put(names.getOrDefault(name, name), value));
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : inner.nodes()) {
      boolean nested =
          node.attributes().values().stream().anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
      if (nested) {
        return List.of(
            branch); // names inside of inner bodies would have to follow; rare, left to the
        // interpreter
      }
      nodes.add(
          new OnnxNode(
              node.name(),
              node.domain(),
              node.operator(),
              node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
              node.outputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
              node.attributes()));
    }
    for (int i = 0; i < branch.outputs().size(); i++) {
      String result = body.outputs().get(i).name();
      nodes.add(
          new OnnxNode(
              branch.name(),
              "",
              "Identity",
              List.of(names.getOrDefault(result, result)),
              List.of(branch.outputs().get(i)),
              Map.of()));
    }
    return nodes;
  }

  /** The graph without nodes and constants that no output needs. */
  static Graph pruned(Graph graph, List<OnnxNode> nodes, Map<String, NdArray> constants) {
    Set<String> needed = new LinkedHashSet<>();
    graph.outputs().forEach(output -> needed.add(output.name()));
    List<OnnxNode> kept = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      OnnxNode node = nodes.get(i);
      if (node.outputs().stream().anyMatch(needed::contains)) {
        kept.add(0, node);
        needed.addAll(node.inputs());
        boolean nested =
            node.attributes().values().stream()
                .anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
        if (nested) {
          return new Graph(graph.opset(), nodes, constants, graph.inputs(), graph.outputs());
        }
      }
    }
    Map<String, NdArray> used = new LinkedHashMap<>();
    constants.forEach(
        (name, value) -> {
          if (needed.contains(name)) {
            used.put(name, value);
          }
        });
    return new Graph(graph.opset(), kept, used, graph.inputs(), graph.outputs());
  }
}
