package org.bitbeam.runtime.internal.rewrite;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxFormatException;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxWriter;

/**
 * Signs at five a byte (specs/models.md section 1.6): a node {@code org.bitbeam:TernaryWeights}
 * with the constants packed (UINT8, the sum of (sign + 1) * 3^i for i = 0 to 4, by output, then
 * input) and betas (FLOAT, 1 or N), and the attributes {@code inputs} and {@code outputs}, stands
 * for the float matrix beta * sign of shape (K, N).
 */
public final class PackedWeights {
  private static final String OPERATOR = "TernaryWeights";
  private static final int PER_BYTE = 5;
  private static final int LARGEST = 242; // 3^5 - 1

  private PackedWeights() {}

  /** Adds the node and returns the name of the matrix. */
  static String pack(GraphEditor editor, String hint, TernaryWeights weights) {
    byte[] signs = weights.signs();
    long[] packed = new long[(signs.length + PER_BYTE - 1) / PER_BYTE];
    for (int i = signs.length - 1; i >= 0; i--) {
      packed[i / PER_BYTE] = packed[i / PER_BYTE] * 3 + signs[i] + 1;
    }
    float[] betas = weights.isUniform() ? new float[] {weights.beta()} : weights.betas();
    String bytes =
        editor.constant(
            hint + "/packed", new IntegerArray(OnnxType.UINT8, new int[] {packed.length}, packed));
    String scales =
        editor.constant(hint + "/beta", new FloatArray(new int[] {betas.length}, betas));
    return editor.node(
        Lowered.DOMAIN,
        OPERATOR,
        hint,
        Map.of(
            "inputs", new OnnxAttribute.IntValue(weights.inputs()),
            "outputs", new OnnxAttribute.IntValue(weights.outputs())),
        bytes,
        scales);
  }

  /**
   * The network with every packed matrix as a float constant, so that every engine can run it; the
   * same array if there is none.
   *
   * @throws OnnxFormatException if sizes or bytes do not fit
   */
  public static byte[] unpack(String label, byte[] onnx) {
    if (!mentions(onnx, Lowered.DOMAIN)) {
      return onnx;
    }
    OnnxModel model = OnnxReader.read(label, onnx);
    OnnxGraph graph = model.graph();
    Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    graph.initializers().forEach(tensor -> constants.put(tensor.name(), tensor));
    List<OnnxNode> nodes = new ArrayList<>();
    List<OnnxTensor> matrices = new ArrayList<>();
    List<String> packed = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.domain().equals(Lowered.DOMAIN) && node.operator().equals(OPERATOR)) {
        matrices.add(matrix(label, node, constants));
        packed.addAll(node.inputs());
      } else {
        nodes.add(node);
      }
    }
    packed.forEach(constants::remove);
    List<OnnxTensor> initializers = new ArrayList<>(constants.values());
    initializers.addAll(matrices);
    Map<String, Long> opsets = new LinkedHashMap<>(model.opsets());
    opsets.remove(Lowered.DOMAIN);
    return OnnxWriter.write(
        new OnnxModel(
            model.irVersion(),
            model.producerName(),
            model.producerVersion(),
            opsets,
            new OnnxGraph(graph.name(), nodes, initializers, graph.inputs(), graph.outputs()),
            model.metadata()));
  }

  private static OnnxTensor matrix(String label, OnnxNode node, Map<String, OnnxTensor> constants) {
    OnnxTensor packed = node.inputs().size() == 2 ? constants.get(node.inputs().get(0)) : null;
    OnnxTensor betas = packed == null ? null : constants.get(node.inputs().get(1));
    if (packed == null
        || betas == null
        || packed.type() != OnnxType.UINT8
        || betas.type() != OnnxType.FLOAT
        || !(node.attributes().get("inputs") instanceof OnnxAttribute.IntValue k)
        || !(node.attributes().get("outputs") instanceof OnnxAttribute.IntValue n)
        || node.outputs().size() != 1) {
      throw malformed(label, node, "needs the constants packed and betas, and inputs and outputs");
    }
    long inputs = k.value();
    long outputs = n.value();
    long most = (long) packed.size() * PER_BYTE;
    // What is allocated is bounded by five times the bytes that are there.
    if (inputs < 1
        || outputs < 1
        || inputs > most
        || outputs > most
        || inputs * outputs > most
        || inputs * outputs <= most - PER_BYTE) {
      throw malformed(
          label,
          node,
          "a matrix of " + inputs + " x " + outputs + " does not fit " + packed.size() + " bytes");
    }
    if (betas.size() != 1 && betas.size() != outputs) {
      throw malformed(label, node, betas.size() + " scales for " + outputs + " outputs");
    }
    byte[] bytes = packed.bytes();
    float[] scales = betas.floats();
    float[] values = new float[Math.toIntExact(inputs * outputs)];
    int rest = 0;
    for (int i = 0; i < values.length; i++) {
      rest = i % PER_BYTE == 0 ? bytes[i / PER_BYTE] & 0xFF : rest / 3;
      if (i % PER_BYTE == 0 && rest > LARGEST) {
        throw malformed(label, node, "byte " + i / PER_BYTE + " is " + rest);
      }
      int output = (int) (i / inputs);
      int input = (int) (i % inputs);
      float beta = scales.length == 1 ? scales[0] : scales[output];
      values[(int) (input * outputs + output)] = beta * (rest % 3 - 1);
    }
    return OnnxTensor.ofFloats(node.outputs().get(0), List.of(inputs, outputs), values);
  }

  private static OnnxFormatException malformed(String label, OnnxNode node, String what) {
    return new OnnxFormatException(label + ": " + node.describe() + ": " + what);
  }

  private static boolean mentions(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i <= bytes.length - wanted.length; i++) {
      int k = 0;
      while (k < wanted.length && bytes[i + k] == wanted[k]) {
        k++;
      }
      if (k == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
