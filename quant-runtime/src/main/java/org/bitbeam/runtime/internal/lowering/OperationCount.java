package org.bitbeam.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.jspecify.annotations.Nullable;

/**
 * What one forward pass costs, by the conventions of specs/models.md section 8: a float product of
 * M rows, K inputs and N outputs is M K N multiply-accumulates or 2 M K N operations; a bit layer
 * is one integer addition per weight that is not zero and row; an integer product is as many
 * integer operations as multiply-accumulates; softmax counts 5, normalisations and GELU 8,
 * everything else 1 operation per element.
 *
 * @param entries one per node that computes, in graph order
 */
public record OperationCount(List<Entry> entries) {
  public OperationCount {
    entries = List.copyOf(entries);
  }

  /** Where the operations of an entry belong. */
  public enum Kind {
    /** Products with float weights. */
    FLOAT_LAYER,
    /** Products with ternary or binary weights. */
    BIT_LAYER,
    /** Products of integers with other weights. */
    INTEGER_LAYER,
    /** Products of two computed matrices, as in attention. */
    ATTENTION,
    /** All that is no product. */
    OTHER
  }

  /**
   * One node.
   *
   * @param node its name
   * @param kind what it is
   * @param macs multiply-accumulates of a dense product of that size
   * @param flops float operations
   * @param intOps integer additions of a bit layer, where zero weights are skipped;
   *     multiply-accumulates of other integer products
   * @param weightBytes bytes of the weights: 4 per float, 1 per integer, 2 bits per sign
   */
  public record Entry(
      String node, Kind kind, long macs, long flops, long intOps, long weightBytes) {}

  /** Sum of the multiply-accumulates of a kind. */
  public long macs(Kind kind) {
    return entries.stream().filter(entry -> entry.kind() == kind).mapToLong(Entry::macs).sum();
  }

  /** Sum of the float operations. */
  public long flops() {
    return entries.stream().mapToLong(Entry::flops).sum();
  }

  /** Sum of the integer operations. */
  public long intOps() {
    return entries.stream().mapToLong(Entry::intOps).sum();
  }

  /**
   * Counts a lowered graph that was not fused.
   *
   * @param shapes shapes of all values in one pass, by name
   */
  public static OperationCount of(Lowered lowered, Map<String, int[]> shapes) {
    List<Entry> entries = new ArrayList<>();
    Set<String> quantised = new HashSet<>();
    for (OnnxNode node : lowered.graph().nodes()) {
      Entry entry = count(node, lowered, shapes, quantised);
      if (entry != null) {
        entries.add(entry);
      }
    }
    return new OperationCount(entries);
  }

  private static @Nullable Entry count(
      OnnxNode node, Lowered lowered, Map<String, int[]> shapes, Set<String> quantised) {
    String label = node.name().isEmpty() ? node.outputs().get(0) : node.name();
    int[] out = shapes.get(node.outputs().get(0));
    if (out == null) {
      return null;
    }
    long elements = Shapes.size(out);
    BitLayer bit =
        node.domain().equals(Lowered.DOMAIN) ? lowered.layers().get(node.outputs().get(0)) : null;
    if (bit != null) {
      long inputs = bit.weights().inputs();
      long outputs = bit.weights().outputs();
      long rows = elements / Math.max(1, outputs);
      boolean first = quantised.add(bit.input() + bit.quantiser());
      long flops = (first ? rows * (4 * inputs + 2) : 0) + 2 * rows * outputs;
      return new Entry(
          label,
          Kind.BIT_LAYER,
          rows * inputs * outputs,
          flops,
          rows * bit.weights().nonZero(),
          (inputs * outputs * 2 + 7) / 8);
    }
    return switch (node.qualifiedOperator()) {
      case "MatMul", "Gemm", "Conv" -> product(node, label, lowered, shapes, out, elements);
      case "MatMulInteger" -> integerProduct(node, 1, label, lowered, shapes, elements, 0);
      // A scale and rounding for each result.
      case "QLinearMatMul" ->
          integerProduct(node, 3, label, lowered, shapes, elements, 2 * elements);
      case "Softmax", "LogSoftmax" -> other(label, 5 * elements);
      case "LayerNormalization", "Gelu", "InstanceNormalization" -> other(label, 8 * elements);
      case "BatchNormalization" -> other(label, 2 * elements);
      case "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin" -> {
        int[] in = shapes.get(node.inputs().get(0));
        yield other(label, in == null ? elements : Shapes.size(in));
      }
      case "Reshape",
          "Transpose",
          "Concat",
          "Split",
          "Slice",
          "Gather",
          "Squeeze",
          "Unsqueeze",
          "Shape",
          "Expand",
          "Identity",
          "Cast",
          "Constant",
          "ConstantOfShape",
          "Range",
          "Where",
          "Flatten",
          "Tile",
          "Pad" ->
          null;
      default -> other(label, elements);
    };
  }

  private static Entry other(String label, long flops) {
    return new Entry(label, Kind.OTHER, 0, flops, 0, 0);
  }

  /** Weights, or the right matrix, are input {@code right} of the node. */
  private static @Nullable Entry integerProduct(
      OnnxNode node,
      int right,
      String label,
      Lowered lowered,
      Map<String, int[]> shapes,
      long elements,
      long flops) {
    NdArray weights = lowered.graph().constants().get(node.inputs().get(right));
    int[] left = shapes.get(node.inputs().get(0));
    if (left == null) {
      return null;
    }
    long macs = elements * left[left.length - 1];
    return new Entry(
        label,
        weights != null ? Kind.INTEGER_LAYER : Kind.ATTENTION,
        macs,
        flops,
        macs,
        weights != null ? weights.size() : 0);
  }

  private static @Nullable Entry product(
      OnnxNode node,
      String label,
      Lowered lowered,
      Map<String, int[]> shapes,
      int[] out,
      long elements) {
    NdArray weights = lowered.graph().constants().get(node.inputs().get(1));
    int[] shape = weights != null ? weights.shape() : shapes.get(node.inputs().get(1));
    int[] left = shapes.get(node.inputs().get(0));
    if (shape == null || left == null) {
      return null;
    }
    long inner;
    if (node.operator().equals("Conv")) {
      inner = Shapes.size(shape, 1, shape.length);
    } else if (node.operator().equals("Gemm") && Values.integer(node, "transA", 0) != 0) {
      inner = left[0];
    } else {
      inner = left[left.length - 1];
    }
    boolean biased = node.inputs().size() > 2;
    return new Entry(
        label,
        weights != null ? Kind.FLOAT_LAYER : Kind.ATTENTION,
        elements * inner,
        2 * elements * inner + (biased ? elements : 0),
        0,
        weights != null ? 4L * weights.size() : 0);
  }
}
