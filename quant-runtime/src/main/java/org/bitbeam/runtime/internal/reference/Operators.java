package org.bitbeam.runtime.internal.reference;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;
import org.jspecify.annotations.Nullable;

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

  /**
   * What an operator computes of each element, in double; null if it needs more than the element.
   */
  public static @Nullable DoubleUnaryOperator real(OnnxNode node) {
    return Elementwise.real(node.qualifiedOperator());
  }

  /** Whether the operator exists. */
  public static boolean has(OnnxNode node) {
    return ALL.containsKey(node.qualifiedOperator());
  }

  /**
   * The operator of the node.
   *
   * @throws UnsupportedOnnxException if there is none
   * @throws IllegalArgumentException if the node lacks inputs or outputs that the operator needs
   */
  public static Operator of(OnnxNode node) {
    Operator operator = ALL.get(node.qualifiedOperator());
    if (operator == null) {
      throw new UnsupportedOnnxException(
          node.describe() + ": this operator is not supported; run the model with backend ort");
    }
    int needed = neededInputs(node.operator());
    boolean lacks = node.inputs().size() < needed;
    for (int i = 0; i < needed && !lacks; i++) {
      lacks = node.inputs().get(i).isEmpty();
    }
    if (lacks || node.outputs().isEmpty() || node.outputs().get(0).isEmpty()) {
      throw new IllegalArgumentException(
          node.describe()
              + ": has "
              + node.inputs().size()
              + " inputs and "
              + node.outputs().size()
              + " outputs, needs "
              + needed
              + " and 1");
    }
    return operator;
  }

  private static int neededInputs(String operator) {
    return switch (operator) {
      case "Add",
          "Sub",
          "Mul",
          "Div",
          "Mod",
          "Pow",
          "PRelu",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor",
          "MatMul",
          "MatMulInteger",
          "Gemm",
          "Conv",
          "Gather",
          "GatherElements",
          "GatherND",
          "Expand",
          "Tile",
          "Reshape",
          "CastLike",
          "CumSum",
          "Compress",
          "LayerNormalization",
          "RMSNormalization",
          "QuantizeLinear",
          "DequantizeLinear",
          "BipolarQuant" ->
          2;
      case "Where",
          "ScatterND",
          "ScatterElements",
          "OneHot",
          "Range",
          "InstanceNormalization",
          "LSTM",
          "GRU",
          "MatMulNBits" ->
          3;
      case "Quant" -> 4;
      case "BatchNormalization", "Trunc" -> 5;
      case "QGemm" -> 6;
      case "QLinearAdd", "QLinearMul" -> 7;
      case "QLinearMatMul" -> 8;
      default -> 1;
    };
  }
}
