package org.bitbeam.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bitbeam.runtime.internal.bit.ValueShapes;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.LoweringReport;
import org.bitbeam.runtime.internal.lowering.OperationCount;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;

/**
 * What this library makes of a network, and what one forward pass costs by the conventions of the
 * BitHEP study: a float product of M rows, K inputs and N outputs is M K N multiply-accumulates or
 * 2 M K N operations; a ternary or binary layer is one integer addition for every weight that is
 * not zero and every row; another integer product is M K N integer operations.
 *
 * @param layers products with constant weights, in graph order
 * @param foldedNodes nodes that are computed once and for all
 * @param sharedQuantisers layers that use the integer codes of another one
 * @param rows size taken for the first axis of every input where the network leaves it open
 * @param length size taken for the other open axes
 * @param macsInFloatLayers multiply-accumulates with float weights
 * @param macsInBitLayers multiply-accumulates of dense products of the size of the ternary and
 *     binary layers
 * @param macsInAttention multiply-accumulates of products of two computed matrices
 * @param flops float operations
 * @param intOps integer additions of ternary and binary layers, multiply-accumulates of other
 *     integer products
 * @param weightBytes bytes of the weights: 4 per float, 1 per integer, 2 bits per ternary or binary
 *     weight
 * @param operations one per node that computes, in graph order
 */
public record ModelReport(
    List<Layer> layers,
    int foldedNodes,
    int sharedQuantisers,
    int rows,
    int length,
    long macsInFloatLayers,
    long macsInBitLayers,
    long macsInAttention,
    long flops,
    long intOps,
    long weightBytes,
    List<Operation> operations) {

  public ModelReport {
    layers = List.copyOf(layers);
    operations = List.copyOf(operations);
  }

  /** Multiply-accumulates of integers with weights that are neither ternary nor binary. */
  public long macsInIntegerLayers() {
    return operations.stream()
        .filter(operation -> operation.kind().equals(kind(OperationCount.Kind.INTEGER_LAYER)))
        .mapToLong(Operation::macs)
        .sum();
  }

  private static String kind(OperationCount.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * What one node costs in that pass.
   *
   * @param node its name in the network
   * @param kind {@code float layer}, {@code bit layer}, {@code integer layer}, {@code attention} or
   *     {@code other}
   * @param macs multiply-accumulates of a dense product of that size
   * @param flops float operations
   * @param intOps integer additions of a ternary or binary layer, multiply-accumulates of another
   *     integer product
   * @param weightBytes bytes of weights moved: 4 per float, 1 per integer, 2 bits per ternary or
   *     binary weight
   */
  public record Operation(
      String node, String kind, long macs, long flops, long intOps, long weightBytes) {}

  /**
   * A product with constant weights.
   *
   * @param node its name in the network
   * @param kind {@code ternary}, {@code binary} or {@code float}
   * @param inputs K
   * @param outputs N
   * @param remark how it was recognised, or why it was not
   */
  public record Layer(String node, String kind, int inputs, int outputs, String remark) {}

  /**
   * Looks at a network; one forward pass with zeros is computed for the counts.
   *
   * @param label name of the network in messages
   * @param rows size of the first axis of inputs where the network leaves it open
   * @param length size of other open axes
   * @throws UnsafeModelException when the model refers to other files
   * @throws ModelException when it is no valid model, or has operators that this library lacks
   */
  public static ModelReport of(String label, byte[] onnx, int rows, int length) {
    Lowered lowered = Lowering.lower(Graph.of(OnnxReader.read(label, onnx)));
    OperationCount count =
        OperationCount.of(
            lowered, ValueShapes.of(lowered, zeros(label, lowered.graph(), rows, length)));
    LoweringReport report = lowered.report();
    List<Layer> layers = new ArrayList<>();
    for (LoweringReport.Entry entry : report.entries()) {
      layers.add(
          new Layer(
              entry.node(),
              entry.kind().name().toLowerCase(Locale.ROOT),
              entry.inputs(),
              entry.outputs(),
              entry.remark()));
    }
    return new ModelReport(
        layers,
        report.foldedNodes(),
        report.sharedQuantisers(),
        rows,
        length,
        count.macs(OperationCount.Kind.FLOAT_LAYER),
        count.macs(OperationCount.Kind.BIT_LAYER),
        count.macs(OperationCount.Kind.ATTENTION),
        count.flops(),
        count.intOps(),
        count.entries().stream().mapToLong(OperationCount.Entry::weightBytes).sum(),
        count.entries().stream()
            .map(
                entry ->
                    new Operation(
                        entry.node(),
                        kind(entry.kind()),
                        entry.macs(),
                        entry.flops(),
                        entry.intOps(),
                        entry.weightBytes()))
            .toList());
  }

  private static Map<String, NdArray> zeros(String label, Graph graph, int rows, int length) {
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (OnnxValueInfo info : graph.inputs()) {
      if (info.type() != OnnxType.FLOAT) {
        throw new ModelException(
            label
                + ": input \""
                + info.name()
                + "\" is "
                + info.type()
                + "; only float inputs can be counted");
      }
      List<OnnxDimension> dimensions =
          info.shape()
              .orElseThrow(
                  () -> new ModelException(label + ": input \"" + info.name() + "\" has no shape"));
      int[] shape = new int[dimensions.size()];
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] =
            dimensions.get(axis) instanceof OnnxDimension.Fixed fixed
                ? Math.toIntExact(fixed.size())
                : axis == 0 ? rows : length;
      }
      inputs.put(info.name(), new NdArray.FloatArray(shape, new float[Shapes.size(shape)]));
    }
    return inputs;
  }

  /** Number of ternary and binary layers. */
  public long bitLayers() {
    return layers.stream().filter(layer -> !layer.kind().equals("float")).count();
  }
}
