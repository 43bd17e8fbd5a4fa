package org.bitbeam.runtime.internal.reference;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;

/** All operators by qualified name. */
public final class Operators {
  private static final Map<String, Operator> ALL = all();

  private Operators() {}

  private static Map<String, Operator> all() {
    Map<String, Operator> all = new TreeMap<>();
    Elementwise.register(all);
    ShapeOperators.register(all);
    IndexOperators.register(all);
    Reductions.register(all);
    Matrices.register(all);
    Convolutions.register(all);
    Normalisations.register(all);
    Quantisation.register(all);
    Recurrent.register(all);
    return Collections.unmodifiableMap(all);
  }

  /** Names of all operators, such as {@code Add} and {@code com.microsoft:QGemm}. */
  public static Set<String> names() {
    return ALL.keySet();
  }

  /** Whether the operator exists. */
  public static boolean has(OnnxNode node) {
    return ALL.containsKey(node.qualifiedOperator());
  }

  /**
   * The operator of the node.
   *
   * @throws UnsupportedOnnxException if there is none
   */
  public static Operator of(OnnxNode node) {
    Operator operator = ALL.get(node.qualifiedOperator());
    if (operator == null) {
      throw new UnsupportedOnnxException(
          node.describe() + ": this operator is not supported; run the model with backend ort");
    }
    return operator;
  }
}
