package org.bitbeam.runtime.internal.rewrite;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.BitLayer;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;

/** Writes every BitLinear layer of a network in another form; the rest stays, folded. */
public final class Export {
  private final GraphEditor editor;
  private final Map<String, String> unsigned = new HashMap<>();
  private final Lowered lowered;

  private Export(OnnxModel model) {
    this.lowered = Lowering.lower(Graph.of(model));
    this.editor = new GraphEditor(model, lowered.graph());
  }

  /**
   * Integer products: codes + 128 as UINT8 (zero point 128), signs as INT8, {@code MatMulInteger},
   * then {@code * (beta / g) + bias}. Codes and sums are those of BitLinear; only the last line
   * rounds twice where this library's kernels round once.
   */
  public static OnnxModel integerProducts(OnnxModel model) {
    Export export = new Export(model);
    return export.write(export::integerProduct);
  }

  /** Weights in 1.6 bits behind a node that {@link PackedWeights#unpack} replaces. */
  public static OnnxModel packed(OnnxModel model) {
    Export export = new Export(model);
    return export.write(export::packedProduct);
  }

  /** How a layer is written; returns the name of its product, scaled but without bias. */
  private interface Form {
    String product(BitLayer layer);
  }

  private OnnxModel write(Form form) {
    for (OnnxNode node : lowered.graph().nodes()) {
      if (node.domain().equals(Lowered.DOMAIN)) {
        BitLayer layer = Objects.requireNonNull(lowered.layers().get(node.outputs().get(0)));
        String bias =
            editor.constant(
                layer.name() + "/bias",
                new FloatArray(new int[] {layer.weights().outputs()}, layer.bias()));
        editor.nodeTo(layer.output(), "Add", form.product(layer), bias);
      } else {
        editor.keep(node);
      }
    }
    return editor.model(lowered.graph().outputs());
  }

  private String integerProduct(BitLayer layer) {
    TernaryWeights weights = layer.weights();
    long[] signs = new long[weights.signs().length];
    for (int n = 0; n < weights.outputs(); n++) {
      for (int k = 0; k < weights.inputs(); k++) {
        signs[k * weights.outputs() + n] = weights.signs()[n * weights.inputs() + k];
      }
    }
    int[] shape = {weights.inputs(), weights.outputs()};
    String hint = layer.name();
    String matrix = editor.constant(hint + "/signs", new IntegerArray(OnnxType.INT8, shape, signs));
    String codes = editor.codes(layer.input(), layer.quantiser());
    String bytes =
        unsigned.computeIfAbsent(
            codes,
            c -> editor.cast(editor.node("Add", c, c, editor.scalar(128)), OnnxType.UINT8, c));
    String zero =
        editor.constant(
            "zero_point", new IntegerArray(OnnxType.UINT8, new int[0], new long[] {128}));
    String sums =
        editor.cast(editor.node("MatMulInteger", hint, bytes, matrix, zero), OnnxType.FLOAT, hint);
    String scale =
        editor.node("Div", hint, betas(layer), editor.factor(layer.input(), layer.quantiser()));
    return editor.node("Mul", hint, sums, scale);
  }

  private String packedProduct(BitLayer layer) {
    String hint = layer.name();
    String rows =
        editor.node(
            "Div",
            hint,
            editor.codes(layer.input(), layer.quantiser()),
            editor.factor(layer.input(), layer.quantiser()));
    String weights = PackedWeights.pack(editor, hint, layer.weights());
    return editor.node("MatMul", hint, rows, weights);
  }

  private String betas(BitLayer layer) {
    TernaryWeights weights = layer.weights();
    return weights.isUniform()
        ? editor.scalar(weights.beta())
        : editor.constant(
            layer.name() + "/beta", new FloatArray(new int[] {weights.outputs()}, weights.betas()));
  }
}
