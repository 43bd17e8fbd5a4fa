package org.bitbeam.runtime.internal.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.WeightQuantiser;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.BitLayer;
import org.bitbeam.runtime.internal.lowering.BitLayer.RowQuantiser;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.LoweringReport;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Quantises single layers of a float network after its training (specs/models.md section 1).
 * Ternary and binary layers come out in the coding without straight-through terms; int8 layers as
 * {@code DynamicQuantizeLinear} and {@code MatMulInteger} with one weight scale per output. Layers
 * that are ternary or binary already stay so. Immutable.
 */
public final class LayerQuantisation {
  private static final RowQuantiser ROWS = new RowQuantiser(true, 1e-8f);

  private final OnnxModel model;
  private final Lowered lowered;
  private final Map<String, Layer> layers;

  /**
   * A layer that can be quantised.
   *
   * @param name of the product's node, or of its output
   * @param output value the product returns, bias included where the node adds it
   * @param inputs K
   * @param outputs N
   * @param weights by input, then output
   */
  public record Layer(String name, String output, int inputs, int outputs, float[] weights) {}

  private LayerQuantisation(OnnxModel model, Lowered lowered, Map<String, Layer> layers) {
    this.model = model;
    this.lowered = lowered;
    this.layers = layers;
  }

  /** Looks for the products with constant float weights. */
  public static LayerQuantisation of(OnnxModel model) {
    Lowered lowered = Lowering.lower(Graph.of(model));
    Map<String, Layer> layers = new LinkedHashMap<>();
    for (OnnxNode node : lowered.graph().nodes()) {
      Layer layer = layer(node, lowered.graph());
      if (layer != null) {
        layers.put(node.outputs().get(0), layer);
      }
    }
    return new LayerQuantisation(model, lowered, layers);
  }

  /** The layers, in graph order. */
  public List<Layer> layers() {
    return List.copyOf(layers.values());
  }

  /** What was ternary or binary before. */
  public LoweringReport before() {
    return lowered.report();
  }

  private static @Nullable Layer layer(OnnxNode node, Graph graph) {
    boolean gemm = node.qualifiedOperator().equals("Gemm");
    if (!gemm && !node.qualifiedOperator().equals("MatMul")) {
      return null;
    }
    if (!(graph.constants().get(node.inputs().get(1)) instanceof FloatArray matrix)
        || matrix.rank() != 2
        || integer(node, "transA") != 0
        || real(node, "alpha") != 1
        || real(node, "beta") != 1) {
      return null;
    }
    boolean outputsFirst = integer(node, "transB") != 0;
    int outputs = matrix.shape()[outputsFirst ? 0 : 1];
    int inputs = matrix.shape()[outputsFirst ? 1 : 0];
    float[] weights = matrix.values();
    if (outputsFirst) {
      weights = new float[matrix.size()];
      for (int n = 0; n < outputs; n++) {
        for (int k = 0; k < inputs; k++) {
          weights[k * outputs + n] = matrix.values()[n * inputs + k];
        }
      }
    }
    String output = node.outputs().get(0);
    return new Layer(
        node.name().isEmpty() ? output : node.name(), output, inputs, outputs, weights);
  }

  private static long integer(OnnxNode node, String name) {
    return node.attributes().get(name) instanceof OnnxAttribute.IntValue i ? i.value() : 0;
  }

  private static float real(OnnxNode node, String name) {
    return node.attributes().get(name) instanceof OnnxAttribute.FloatValue f ? f.value() : 1;
  }

  /**
   * The network with some layers quantised.
   *
   * @param plan says which of them normalise their inputs
   * @param precisions by the output of the layer; others stay as they are
   * @param scales of ternary weights that were learnt, by the name of the layer
   * @param extraOutputs values to return besides the network's outputs
   */
  public OnnxModel apply(
      Plan plan,
      Map<String, LayerPrecision> precisions,
      Map<String, Float> scales,
      List<String> extraOutputs) {
    GraphEditor editor = new GraphEditor(model, lowered.graph());
    for (OnnxNode node : lowered.graph().nodes()) {
      String output = node.outputs().get(0);
      LayerPrecision precision = precisions.getOrDefault(output, LayerPrecision.FLOAT);
      if (node.domain().equals(Lowered.DOMAIN)) {
        BitLayer bit = Objects.requireNonNull(lowered.layers().get(output));
        float[] weights = new float[bit.weights().signs().length];
        for (int n = 0; n < bit.weights().outputs(); n++) {
          for (int k = 0; k < bit.weights().inputs(); k++) {
            weights[k * bit.weights().outputs() + n] =
                bit.weights().betas()[n] * bit.weights().signs()[n * bit.weights().inputs() + k];
          }
        }
        String bias =
            editor.constant(
                bit.name() + "/bias",
                new FloatArray(new int[] {bit.weights().outputs()}, bit.bias()));
        Layer layer =
            new Layer(bit.name(), output, bit.weights().inputs(), bit.weights().outputs(), weights);
        String product = rowQuantised(editor, bit.input(), bit.quantiser(), layer, weights);
        editor.nodeTo(output, "Add", product, bias);
      } else if (precision == LayerPrecision.FLOAT) {
        editor.keep(node);
      } else {
        Layer layer = Objects.requireNonNull(layers.get(output));
        String given = node.inputs().get(0);
        String input =
            plan.normalises(layer.name(), layer.inputs())
                ? editor.normalised(given, layer.inputs())
                : given;
        Float learnt = scales.get(layer.name());
        float[] weights =
            learnt != null && precision == LayerPrecision.TERNARY_LEARNED
                ? WeightQuantiser.ternary(layer.weights(), learnt)
                : quantised(layer, precision);
        String product =
            precision == LayerPrecision.INT8
                ? int8(editor, input, layer)
                : rowQuantised(editor, input, ROWS, layer, weights);
        boolean biased = node.inputs().size() > 2 && !node.inputs().get(2).isEmpty();
        if (biased) {
          editor.nodeTo(output, "Add", product, node.inputs().get(2));
        } else {
          editor.nodeTo(output, "Identity", product);
        }
      }
    }
    List<OnnxValueInfo> outputs = new ArrayList<>(lowered.graph().outputs());
    extraOutputs.forEach(
        name -> outputs.add(new OnnxValueInfo(name, OnnxType.FLOAT, java.util.Optional.empty())));
    return editor.model(outputs);
  }

  private static String rowQuantised(
      GraphEditor editor, String input, RowQuantiser quantiser, Layer layer, float[] weights) {
    String rows =
        editor.node(
            "Div", layer.name(), editor.codes(input, quantiser), editor.factor(input, quantiser));
    return editor.node("MatMul", layer.name(), rows, matrix(editor, layer, weights));
  }

  private static String matrix(GraphEditor editor, Layer layer, float[] weights) {
    return editor.constant(
        layer.name() + "/weight",
        new FloatArray(new int[] {layer.inputs(), layer.outputs()}, weights));
  }

  private static String int8(GraphEditor editor, String input, Layer layer) {
    float[] scales = WeightQuantiser.int8Scales(layer.weights(), layer.outputs());
    long[] codes = new long[layer.weights().length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (long) Math.rint((double) layer.weights()[i] / scales[i % layer.outputs()]);
    }
    GraphEditor.Codes rows = editor.dynamicCodes(input);
    String signs =
        editor.constant(
            layer.name() + "/weight_int8",
            new IntegerArray(OnnxType.INT8, new int[] {layer.inputs(), layer.outputs()}, codes));
    String sums =
        editor.cast(
            editor.node("MatMulInteger", layer.name(), rows.codes(), signs, rows.zeroPoint()),
            OnnxType.FLOAT,
            layer.name());
    String scale =
        editor.node(
            "Mul",
            layer.name(),
            rows.scale(),
            editor.constant(
                layer.name() + "/weight_scale",
                new FloatArray(new int[] {layer.outputs()}, scales)));
    return editor.node("Mul", layer.name(), sums, scale);
  }

  /** The weights a quantised layer has in effect, by input, then output. */
  public static float[] quantised(Layer layer, LayerPrecision precision) {
    return WeightQuantiser.quantise(layer.weights(), layer.outputs(), precision);
  }
}
