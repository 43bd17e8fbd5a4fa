package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trained quark/gluon taggers on 40 jets, against the logits stored with them. */
class TrainedTaggersTest {
  /** Inputs of the first 40 jets of the sample, made by the peer pipeline. */
  static Map<String, NdArray> jets(Graph graph) {
    Map<String, NdArray> inputs = new HashMap<>();
    for (OnnxValueInfo info : graph.inputs()) {
      inputs.put(
          info.name(), Fixtures.npy(Path.of("src/test/resources/jets/" + info.name() + ".npy")));
    }
    return inputs;
  }

  @ParameterizedTest
  @CsvSource({
    "pfn/model_torchscript.onnx",
    "pfn/model_dynamo.onnx",
    "pfn-bit/model_torchscript.onnx",
    "pfn-bit/model_dynamo.onnx",
    "part/model_torchscript.onnx",
    "part-bit/model_torchscript.onnx"
  })
  void logitsAreThoseStoredWithTheModel(String file) {
    Path models = Fixtures.shared().resolve("models");
    Graph graph = Graph.of(OnnxReader.read(file, Fixtures.bytes(models.resolve(file))));
    Map<String, NdArray> inputs = jets(graph);
    FloatArray expected =
        (FloatArray)
            Fixtures.head(
                Fixtures.npy(models.resolve(file).resolveSibling("expected/qg_sample.logits.npy")),
                40);
    Map<String, NdArray> scalar =
        Plan.of(Fusion.fuse(Lowering.lower(graph)), new ScalarKernels()).run(inputs);
    Map<String, NdArray> vector =
        Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best()).run(inputs);
    scalar.forEach(
        (name, values) -> BitFixturesTest.assertSameBits(name, values, vector.get(name)));
    compare(expected, (FloatArray) vector.get("logits"), file);
    if (file.startsWith("pfn")) { // the transformer takes the interpreter half a minute
      compare(expected, (FloatArray) new Interpreter(graph).run(inputs).get("logits"), file);
    }
  }

  /**
   * The tolerances of the models' README. Of the part-bit jets fewer agree to 1e-4 than it says:
   * ONNX Runtime 1.28 itself keeps 36 of these 40 there, since codes flip in some row of most jets.
   */
  private static void compare(FloatArray expected, FloatArray actual, String file) {
    boolean bit = file.contains("-bit");
    float range = 0;
    for (float v : expected.values()) {
      range = Math.max(range, Math.abs(v));
    }
    int close = 0;
    for (int jet = 0; jet < 40; jet++) {
      float worst = 0;
      for (int i = 2 * jet; i < 2 * jet + 2; i++) {
        float e = expected.values()[i];
        float a = actual.values()[i];
        assertEquals(e, a, bit ? 2e-3 * range : 1e-5 + 1e-5 * Math.abs(e), "logit " + i);
        worst = Math.max(worst, Math.abs(e - a));
      }
      close += worst <= 1e-4 ? 1 : 0;
    }
    int wanted = file.startsWith("part-bit") ? 34 : 40;
    assertTrue(close >= wanted, close + " of 40 jets within 1e-4");
  }
}
