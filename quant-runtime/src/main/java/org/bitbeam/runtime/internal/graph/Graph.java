package org.bitbeam.runtime.internal.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxValueInfo;

/**
 * A graph with its constants decoded. Constant nodes have become constants; inputs with a default
 * value are constants too.
 *
 * @param opset version of ONNX's own operators
 * @param nodes in execution order
 * @param constants by name
 * @param inputs what the caller gives
 * @param outputs what the caller gets
 */
public record Graph(
    long opset,
    List<OnnxNode> nodes,
    Map<String, NdArray> constants,
    List<OnnxValueInfo> inputs,
    List<OnnxValueInfo> outputs) {
  public Graph {
    nodes = List.copyOf(nodes);
    constants = Collections.unmodifiableMap(constants);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The model's graph. */
  public static Graph of(OnnxModel model) {
    return of(model.graph(), model.opset());
  }

  /** A graph, or the body of a control-flow node. */
  public static Graph of(OnnxGraph graph, long opset) {
    Map<String, NdArray> constants = new LinkedHashMap<>();
    for (OnnxTensor tensor : graph.initializers()) {
      constants.put(tensor.name(), NdArray.of(tensor));
    }
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.qualifiedOperator().equals("Constant") && node.outputs().size() == 1) {
        constants.put(node.outputs().get(0), constant(node));
      } else {
        nodes.add(node);
      }
    }
    List<OnnxValueInfo> inputs =
        graph.inputs().stream().filter(input -> !constants.containsKey(input.name())).toList();
    return new Graph(opset, nodes, constants, inputs, graph.outputs());
  }

  private static NdArray constant(OnnxNode node) {
    if (node.attributes().size() == 1) {
      OnnxAttribute value = node.attributes().values().iterator().next();
      if (value instanceof OnnxAttribute.TensorValue tensor) {
        return NdArray.of(tensor.value());
      }
      if (value instanceof OnnxAttribute.FloatValue f) {
        return NdArray.scalar(f.value());
      }
      if (value instanceof OnnxAttribute.IntValue i) {
        return NdArray.longs(i.value()).reshaped(new int[0]);
      }
      if (value instanceof OnnxAttribute.IntList ints) {
        return NdArray.longs(ints.values().stream().mapToLong(Long::longValue).toArray());
      }
      if (value instanceof OnnxAttribute.FloatList floats) {
        float[] values = new float[floats.values().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = floats.values().get(i);
        }
        return new NdArray.FloatArray(new int[] {values.length}, values);
      }
    }
    throw new org.bitbeam.runtime.onnx.UnsupportedOnnxException(
        node.describe() + " holds no tensor, numbers or number: " + node.attributes().keySet());
  }
}
