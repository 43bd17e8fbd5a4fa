package org.bitbeam.runtime.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation of a graph.
 *
 * @param name for messages; may be empty
 * @param domain empty for the operators of ONNX itself
 * @param operator such as {@code MatMul}
 * @param inputs names of values; an empty name is an input left out
 * @param outputs names of values; an empty name is an output nobody wants
 * @param attributes by name, in file order
 */
public record OnnxNode(
    String name,
    String domain,
    String operator,
    List<String> inputs,
    List<String> outputs,
    Map<String, OnnxAttribute> attributes) {
  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** Domain and operator, such as {@code MatMul} or {@code com.microsoft:QGemm}. */
  public String qualifiedOperator() {
    return domain.isEmpty() ? operator : domain + ":" + operator;
  }

  /** For messages: {@code MatMul node "/fc/MatMul"}, by its first output if it has no name. */
  public String describe() {
    String label = !name.isEmpty() ? name : outputs.isEmpty() ? "" : outputs.get(0);
    return qualifiedOperator() + " node \"" + label + "\"";
  }
}
