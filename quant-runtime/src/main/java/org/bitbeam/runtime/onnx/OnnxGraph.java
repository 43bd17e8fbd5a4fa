package org.bitbeam.runtime.onnx;

import java.util.List;

/**
 * Nodes in execution order with the constants they use. Intermediate type annotations of the file
 * are not kept.
 *
 * @param name of the graph
 * @param nodes each after the producers of its inputs
 * @param initializers constants, by unique name
 * @param inputs what the caller has to give; a name that is also an initializer has a default
 * @param outputs what the caller gets
 */
public record OnnxGraph(
    String name,
    List<OnnxNode> nodes,
    List<OnnxTensor> initializers,
    List<OnnxValueInfo> inputs,
    List<OnnxValueInfo> outputs) {
  public OnnxGraph {
    nodes = List.copyOf(nodes);
    initializers = List.copyOf(initializers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
