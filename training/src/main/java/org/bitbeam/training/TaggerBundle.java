package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;

/** From a trained tagger to a bundle for the stage {@code jet-tagger}. */
final class TaggerBundle {
  private static final ObjectMapper JSON = new ObjectMapper();

  // Codes at rounding boundaries may flip with the last bit of an input (docs/bundle-format.md).
  private static final BundleWriter.Tolerance QUANTISED = new BundleWriter.Tolerance(0, 0, 2e-3);
  private static final BundleWriter.Tolerance FLOAT = new BundleWriter.Tolerance(1e-5, 1e-5, 0);

  private TaggerBundle() {}

  /** The network in ONNX with its layers quantised as the plan says. */
  static byte[] onnx(TrainableNetwork network, Parameters parameters, Plan plan) {
    return NetworkQuantiser.quantise(
        network.name(), OnnxOperations.write(network, parameters), plan);
  }

  /**
   * A bundle.
   *
   * @param preprocess content of its {@code preprocess.json}
   * @param test jets of the self-test
   * @param logits of these, as the training computes them
   */
  static BundleWriter of(
      String name,
      String licence,
      TrainableNetwork network,
      Parameters parameters,
      Plan plan,
      byte[] preprocess,
      JetBatch test,
      float[] logits,
      JsonNode metrics,
      JsonNode training)
      throws IOException {
    ObjectNode stage = JSON.createObjectNode();
    stage.put("kind", "jet-tagger").put("preprocess", "preprocess.json");
    stage.put("logits", network.output()).put("signal", "quark").put("background", "gluon");
    JsonNode declaration = JSON.readTree(preprocess);
    int variables = test.features().length / test.mask().length;
    boolean isFloat =
        plan.otherwise() == LayerPrecision.FLOAT
            && plan.rules().stream().allMatch(r -> r.precision() == LayerPrecision.FLOAT);
    BundleWriter bundle =
        new BundleWriter(name, "1.0.0", network.description(), licence, stage)
            .model("tagger", "model.onnx", onnx(network, parameters, plan))
            .file("preprocess.json", preprocess)
            .output(
                new ModelBundle.OutputInfo(
                    network.output(),
                    "unnormalised log-likelihoods of the classes",
                    "",
                    List.of(
                        declaration.path("output_labels").path(0).asText(),
                        declaration.path("output_labels").path(1).asText())))
            .record("metrics", metrics)
            .record("training", training);
    return bundle.selfTest(
        "jets of the validation sample, as the training computed them",
        "tagger",
        Map.of(
            ParticleFlowNetwork.FEATURES,
            Tensor.of(test.features(), test.jets(), variables, test.length()),
            ParticleFlowNetwork.MASK,
            Tensor.of(test.mask(), test.jets(), 1, test.length())),
        Map.of(network.output(), Tensor.of(logits, test.jets(), 2)),
        isFloat ? FLOAT : QUANTISED);
  }
}
