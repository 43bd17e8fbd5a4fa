package org.bitbeam.runtime.internal.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.reference.Operators;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.jspecify.annotations.Nullable;

/**
 * Replaces BitLinear layers by single nodes (specs/models.md section 9.4). Every layer is compared
 * with the nodes it replaces before.
 */
public final class Lowering {
  // Sums of int8 codes stay exact in float arithmetic up to this many inputs: 127 K < 2^24.
  static final int MAX_INPUTS = (1 << 24) / 127;

  private final Folding folding;
  private final Values values;
  private final BitLinearPatterns patterns;
  private final List<LoweringReport.Entry> entries = new ArrayList<>();
  private final Map<String, BitLayer> layers = new LinkedHashMap<>();

  private Lowering(Folding folding) {
    this.folding = folding;
    this.values = new Values(folding.graph(), folding.constants());
    this.patterns = new BitLinearPatterns(values, folding.origins());
  }

  /**
   * Folds constants and replaces every BitLinear layer it recognises. The rest of the graph
   * computes what it did before.
   *
   * @throws org.bitbeam.runtime.onnx.UnsupportedOnnxException if an operator is missing
   * @throws IllegalArgumentException if constants do not fit together
   */
  public static Lowered lower(Graph graph) {
    graph.nodes().forEach(Operators::of);
    return new Lowering(Folding.of(graph)).lower();
  }

  private Lowered lower() {
    Graph graph = folding.graph();
    // A layer takes the place of the last of its nodes.
    Map<OnnxNode, OnnxNode> replacements = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      Site site =
          switch (node.qualifiedOperator()) {
            case "MatMul", "Gemm" -> site(node);
            case "MatMulInteger" -> integerSite(node);
            default -> null;
          };
      if (site != null) {
        OnnxNode bit =
            new OnnxNode(
                site.layer().name(),
                Lowered.DOMAIN,
                "BitLinear",
                List.of(site.layer().input()),
                List.of(site.layer().output()),
                Map.of());
        replacements.put(site.last(), bit);
        layers.put(site.layer().output(), site.layer());
      }
    }
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      nodes.add(replacements.getOrDefault(node, node));
    }
    Set<String> quantised = new HashSet<>();
    layers.values().forEach(layer -> quantised.add(layer.input() + layer.quantiser()));
    LoweringReport report =
        new LoweringReport(entries, folding.folded(), layers.size() - quantised.size());
    return new Lowered(Folding.pruned(graph, nodes, folding.constants()), layers, report);
  }

  private record Site(BitLayer layer, OnnxNode last) {}

  private @Nullable Site site(OnnxNode product) {
    boolean gemm = product.operator().equals("Gemm");
    String weightName = product.inputs().get(1);
    FloatArray matrix = values.floats(weightName);
    if (matrix == null || matrix.rank() != 2) {
      return null;
    }
    boolean outputsFirst = gemm && Values.integer(product, "transB", 0) != 0;
    int outputs = matrix.shape()[outputsFirst ? 0 : 1];
    int inputs = matrix.shape()[outputsFirst ? 1 : 0];
    Optional<BitLinearPatterns.Activation> activation =
        patterns.activation(product.inputs().get(0), gemm);
    Optional<TernaryWeights> weights = patterns.weights(weightName, outputsFirst);
    if (activation.isEmpty()) {
      return none(
          product,
          inputs,
          outputs,
          weights.isPresent() && weights.get().beta() != 0
              ? "the weights take two magnitudes at most, but no int8 row quantiser stands before the product"
              : "float weights");
    }
    if (weights.isEmpty()) {
      return none(
          product,
          inputs,
          outputs,
          "a row quantiser stands before the product, but the weights are not 0 and plus or minus one scale, nor one per output");
    }
    if (gemm
        && (Values.integer(product, "transA", 0) != 0
            || Values.real(product, "alpha", 1) != 1
            || (product.inputs().size() > 2 && Values.real(product, "beta", 1) != 1))) {
      return none(product, inputs, outputs, "Gemm with transA, alpha or beta");
    }
    if (inputs > MAX_INPUTS || inputs == 0) {
      return none(
          product, inputs, outputs, inputs + " inputs; 1 to " + MAX_INPUTS + " are possible");
    }
    OnnxNode last = product;
    float[] bias = new float[outputs];
    boolean biased = false;
    if (gemm && product.inputs().size() > 2 && !product.inputs().get(2).isEmpty()) {
      float[] given = vector(product.inputs().get(2), outputs);
      if (given == null) {
        return none(product, inputs, outputs, "its bias is no constant vector");
      }
      bias = given;
      biased = true;
    }
    if (!activation.get().scaledBack()) {
      OnnxNode div = values.onlyUser(last.outputs().get(0), "Div");
      if (div == null
          || biased
          || !div.inputs().get(0).equals(last.outputs().get(0))
          || !div.inputs().get(1).equals(activation.get().factor())) {
        return none(
            product,
            inputs,
            outputs,
            "codes are multiplied, but not scaled back by the row's factor");
      }
      last = div;
    }
    OnnxNode add = biased ? null : values.onlyUser(last.outputs().get(0), "Add");
    if (add != null) {
      String other = Values.other(add, last.outputs().get(0));
      float[] given = other == null ? null : vector(other, outputs);
      if (given != null) {
        bias = given;
        last = add;
      }
    }
    return found(product, activation.get(), weights.get(), bias, last);
  }

  private @Nullable Site found(
      OnnxNode product,
      BitLinearPatterns.Activation activation,
      TernaryWeights ternary,
      float[] bias,
      OnnxNode last) {
    BitLayer layer =
        new BitLayer(
            label(product),
            activation.input(),
            last.outputs().get(0),
            activation.quantiser(),
            ternary,
            bias);
    double deviation = LayerVerification.deviation(folding.graph(), folding.constants(), layer);
    if (!LayerVerification.passes(deviation)) {
      return none(
          product,
          ternary.inputs(),
          ternary.outputs(),
          "looks like a layer with "
              + (ternary.isBinary() ? "binary" : "ternary")
              + " weights, but computes something else: deviates by "
              + deviation
              + " of the range on random rows");
    }
    entries.add(
        new LoweringReport.Entry(
            label(product),
            ternary.isBinary() ? LoweringReport.Kind.BINARY : LoweringReport.Kind.TERNARY,
            ternary.inputs(),
            ternary.outputs(),
            (ternary.isUniform() ? "beta " + ternary.beta() : "a beta per output")
                + ", "
                + (ternary.signs().length - ternary.nonZero())
                + " of "
                + ternary.signs().length
                + " weights are zero"));
    return new Site(layer, last);
  }

  /** {@code Cast(MatMulInteger(codes + 128, signs, 128)) * (beta / g) + bias}. */
  private @Nullable Site integerSite(OnnxNode product) {
    if (!(values.constant(product.inputs().get(1)) instanceof IntegerArray matrix)
        || matrix.rank() != 2) {
      return null;
    }
    int inputs = matrix.shape()[0];
    int outputs = matrix.shape()[1];
    boolean zeroPoint =
        product.inputs().size() == 3
            && values.constant(product.inputs().get(2)) instanceof IntegerArray zero
            && zero.size() == 1
            && zero.values()[0] == 128;
    Optional<BitLinearPatterns.Activation> activation =
        zeroPoint ? patterns.unsignedCodes(product.inputs().get(0)) : Optional.empty();
    OnnxNode cast = values.onlyUser(product.outputs().get(0), "Cast");
    OnnxNode mul = cast == null ? null : values.onlyUser(cast.outputs().get(0), "Mul");
    String scale = cast == null || mul == null ? null : Values.other(mul, cast.outputs().get(0));
    float[] betas =
        scale == null || activation.isEmpty()
            ? null
            : patterns.scalesOver(scale, activation.get().factor());
    byte[] signs = new byte[matrix.size()];
    boolean ternary = inputs > 0 && inputs <= MAX_INPUTS;
    for (int k = 0; k < inputs && ternary; k++) {
      for (int n = 0; n < outputs; n++) {
        long sign = matrix.values()[k * outputs + n];
        ternary &= sign >= -1 && sign <= 1;
        signs[n * inputs + k] = (byte) sign;
      }
    }
    if (mul == null
        || betas == null
        || !ternary
        || (betas.length != 1 && betas.length != outputs)) {
      return none(product, inputs, outputs, "an integer product in another coding");
    }
    OnnxNode add = values.onlyUser(mul.outputs().get(0), "Add");
    String other = add == null ? null : Values.other(add, mul.outputs().get(0));
    float[] bias = other == null ? null : vector(other, outputs);
    float[] scales = betas.length == outputs ? betas : new float[outputs];
    if (betas.length == 1) {
      Arrays.fill(scales, betas[0]);
    }
    return found(
        product,
        activation.get(),
        new TernaryWeights(inputs, outputs, signs, scales),
        bias == null ? new float[outputs] : bias,
        add == null || bias == null ? mul : add);
  }

  private @Nullable Site none(OnnxNode product, int inputs, int outputs, String why) {
    entries.add(
        new LoweringReport.Entry(label(product), LoweringReport.Kind.FLOAT, inputs, outputs, why));
    return null;
  }

  private static String label(OnnxNode node) {
    return node.name().isEmpty() ? node.outputs().get(0) : node.name();
  }

  /** A constant that adds one number to each column: N numbers along the last axis. */
  private float @Nullable [] vector(String name, int outputs) {
    NdArray value = values.constant(name);
    if (!(value instanceof FloatArray f)) {
      return null;
    }
    boolean alongLast = f.size() == outputs && f.rank() > 0 && f.shape()[f.rank() - 1] == outputs;
    return alongLast && f.rank() <= 2 ? f.values() : null;
  }
}
