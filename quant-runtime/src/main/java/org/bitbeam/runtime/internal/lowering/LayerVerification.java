package org.bitbeam.runtime.internal.lowering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.onnx.OnnxNode;

/**
 * Compares a recognised layer with the nodes it replaces, on random rows (specs/models.md section
 * 9.4, step 6): a mistaken recognition must not pass.
 */
final class LayerVerification {
  private static final int ROWS = 3;
  private static final double TOLERANCE = 1e-5;
  private static final long SEED = 0x6269746265616dL;

  private LayerVerification() {}

  /**
   * Largest deviation over the largest magnitude of the outputs.
   *
   * @param graph the graph before its layers are replaced
   */
  static double deviation(Graph graph, Map<String, NdArray> constants, BitLayer layer) {
    int inputs = layer.weights().inputs();
    int outputs = layer.weights().outputs();
    SplittableRandom random = new SplittableRandom(SEED);
    float[] x = new float[ROWS * inputs];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-2, 2);
    }
    Map<String, NdArray> values = new HashMap<>(constants);
    values.put(layer.input(), new FloatArray(new int[] {ROWS, inputs}, x));
    for (OnnxNode node : between(graph, layer)) {
      List<NdArray> results = Interpreter.evaluate(node, graph.opset(), values);
      for (int i = 0; i < node.outputs().size(); i++) {
        values.put(node.outputs().get(i), results.get(i));
      }
    }
    if (!(values.get(layer.output()) instanceof FloatArray actual)
        || actual.size() != ROWS * outputs) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    double deviation = 0;
    for (int row = 0; row < ROWS; row++) {
      float max = 0;
      for (int k = 0; k < inputs; k++) {
        max = Math.max(max, Math.abs(x[row * inputs + k]));
      }
      float factor = layer.quantiser().factor(max);
      for (int n = 0; n < outputs; n++) {
        long sum = 0;
        for (int k = 0; k < inputs; k++) {
          sum +=
              (long) Math.rint(x[row * inputs + k] * factor)
                  * layer.weights().signs()[n * inputs + k];
        }
        double expected = (double) sum * layer.weights().betas()[n] / factor + layer.bias()[n];
        largest = Math.max(largest, Math.abs(expected));
        deviation = Math.max(deviation, Math.abs(expected - actual.values()[row * outputs + n]));
      }
    }
    return deviation == 0 ? 0 : deviation / largest;
  }

  static boolean passes(double deviation) {
    return deviation <= TOLERANCE;
  }

  /** The nodes that compute the layer's output from its input, in graph order. */
  private static List<OnnxNode> between(Graph graph, BitLayer layer) {
    Map<String, OnnxNode> producers = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
    }
    Set<OnnxNode> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(layer.output()));
    while (!open.isEmpty()) {
      String name = open.pop();
      OnnxNode node = name.equals(layer.input()) ? null : producers.get(name);
      if (node != null && needed.add(node)) {
        open.addAll(node.inputs());
      }
    }
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (needed.contains(node)) {
        nodes.add(node);
      }
    }
    return nodes;
  }
}
