package org.bitbeam.runtime.internal.reference;

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
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;
import org.jspecify.annotations.Nullable;

/** Runs a graph node by node. Immutable; may be used by any number of threads. */
public final class Interpreter {
  private final Graph graph;
  private final List<List<String>> lastUses;

  /**
   * Prepares a graph.
   *
   * @throws UnsupportedOnnxException naming the first node whose operator is missing
   */
  public Interpreter(Graph graph) {
    this.graph = graph;
    graph.nodes().forEach(Operators::of);
    this.lastUses = lastUses(graph);
  }

  /** For each node the values nobody needs after it. */
  private static List<List<String>> lastUses(Graph graph) {
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (String name : usedNames(graph.nodes().get(i))) {
        last.put(name, i);
      }
      for (String name : graph.nodes().get(i).outputs()) {
        last.putIfAbsent(name, i);
      }
    }
    graph.outputs().forEach(output -> last.remove(output.name()));
    graph.constants().keySet().forEach(last::remove);
    List<List<String>> lists = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      lists.add(new ArrayList<>());
    }
    last.forEach((name, i) -> lists.get(i).add(name));
    return lists;
  }

  /** Inputs of the node, and outer values its bodies use. */
  private static Set<String> usedNames(OnnxNode node) {
    Set<String> names = new HashSet<>(node.inputs());
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (attribute instanceof OnnxAttribute.GraphValue body) {
        body.value().nodes().forEach(inner -> names.addAll(usedNames(inner)));
        body.value().outputs().forEach(output -> names.add(output.name()));
      }
    }
    return names;
  }

  public Graph graph() {
    return graph;
  }

  /**
   * Computes the outputs.
   *
   * @param inputs by name; shapes may differ from call to call where the model allows it
   * @throws IllegalArgumentException if an input is missing, unknown, or of a wrong type or shape
   */
  public Map<String, NdArray> run(Map<String, NdArray> inputs) {
    checkInputs(graph, inputs);
    Map<String, NdArray> values = new HashMap<>(graph.constants());
    values.putAll(inputs);
    execute(graph, values, lastUses);
    Map<String, NdArray> outputs = new LinkedHashMap<>();
    for (OnnxValueInfo output : graph.outputs()) {
      outputs.put(output.name(), present(values, output.name()));
    }
    return outputs;
  }

  static List<NdArray> runBody(OnnxGraph body, long opset, Map<String, NdArray> scope) {
    Graph graph = Graph.of(body, opset);
    Map<String, NdArray> values = new HashMap<>(scope);
    values.putAll(graph.constants());
    execute(graph, values, null);
    List<NdArray> results = new ArrayList<>();
    graph.outputs().forEach(output -> results.add(present(values, output.name())));
    return results;
  }

  private static NdArray present(Map<String, NdArray> values, String name) {
    NdArray value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no value for \"" + name + "\"");
    }
    return value;
  }

  private static void execute(
      Graph graph, Map<String, NdArray> values, @Nullable List<List<String>> lastUses) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      OnnxNode node = graph.nodes().get(i);
      List<NdArray> results = evaluate(node, graph.opset(), values);
      for (int k = 0; k < node.outputs().size(); k++) {
        if (!node.outputs().get(k).isEmpty()) {
          values.put(node.outputs().get(k), results.get(k));
        }
      }
      if (lastUses != null) {
        lastUses.get(i).forEach(values::remove);
      }
    }
  }

  /**
   * Computes one node from the values around it.
   *
   * @throws IllegalArgumentException if shapes or types do not fit; the message names the node
   * @throws UnsupportedOnnxException if operator or variant is missing; the message names the node
   */
  public static List<NdArray> evaluate(OnnxNode node, long opset, Map<String, NdArray> values) {
    List<@Nullable NdArray> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : present(values, name));
    }
    return evaluate(new Call(node, inputs, opset, values));
  }

  /** Computes one call; every failure names the node. */
  public static List<NdArray> evaluate(Call call) {
    OnnxNode node = call.node();
    List<NdArray> results;
    try {
      results = Operators.of(node).run(call);
    } catch (ArithmeticException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          node.describe() + ": its inputs do not fit together: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(node.describe())
          ? e
          : new IllegalArgumentException(node.describe() + ": " + message, e);
    }
    if (results.size() < node.outputs().size()) {
      throw new UnsupportedOnnxException(
          node.describe()
              + ": "
              + node.outputs().size()
              + " outputs are not supported, only "
              + results.size());
    }
    return results;
  }

  /**
   * Compares the caller's arrays with what the graph declares.
   *
   * @throws IllegalArgumentException naming the first input that does not fit
   */
  public static void checkInputs(Graph graph, Map<String, NdArray> inputs) {
    List<String> known = graph.inputs().stream().map(OnnxValueInfo::name).toList();
    for (String name : inputs.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "the model has no input \"" + name + "\"; it has: " + String.join(", ", known));
      }
    }
    Map<String, Integer> symbols = new HashMap<>();
    for (OnnxValueInfo info : graph.inputs()) {
      NdArray value = inputs.get(info.name());
      if (value == null) {
        throw new IllegalArgumentException(
            "input \""
                + info.name()
                + "\" is missing; the model needs: "
                + String.join(", ", known));
      }
      if (value.type() != info.type()) {
        throw new IllegalArgumentException(
            "input \"" + info.name() + "\" is " + value.type() + " instead of " + info.type());
      }
      if (info.shape().isPresent() && !fits(info.shape().get(), value.shape(), symbols)) {
        throw new IllegalArgumentException(
            "input \""
                + info.name()
                + "\" has shape "
                + Arrays.toString(value.shape())
                + " where the model declares "
                + describe(info.shape().get())
                + (symbols.isEmpty() ? "" : " with " + new java.util.TreeMap<>(symbols)));
      }
    }
  }

  private static boolean fits(
      List<OnnxDimension> declared, int[] shape, Map<String, Integer> symbols) {
    if (declared.size() != shape.length) {
      return false;
    }
    for (int i = 0; i < shape.length; i++) {
      if (declared.get(i) instanceof OnnxDimension.Fixed fixed) {
        if (fixed.size() != shape[i]) {
          return false;
        }
      } else if (declared.get(i) instanceof OnnxDimension.Symbolic symbolic
          && !symbolic.name().isEmpty()) {
        Integer before = symbols.putIfAbsent(symbolic.name(), shape[i]);
        if (before != null && before != shape[i]) {
          return false;
        }
      }
    }
    return true;
  }

  private static String describe(List<OnnxDimension> declared) {
    List<String> names = new ArrayList<>();
    for (OnnxDimension dimension : declared) {
      names.add(
          dimension instanceof OnnxDimension.Fixed fixed
              ? Long.toString(fixed.size())
              : ((OnnxDimension.Symbolic) dimension).name().isEmpty()
                  ? "?"
                  : ((OnnxDimension.Symbolic) dimension).name());
    }
    return names.toString();
  }
}
