package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Self-tests of events whose codes lie at rounding boundaries, on engines that round otherwise. */
class ExportCheckTest {
  private static final Plan PLAN =
      new Plan(List.of(new Rule("first", LayerPrecision.FLOAT)), LayerPrecision.TERNARY);
  private static final int EVENTS = 40;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  /** A float layer of two numbers and a ternary one. */
  private record TwoLayers() implements TrainableNetwork {
    @Override
    public String name() {
      return "two-layers";
    }

    @Override
    public String description() {
      return "";
    }

    @Override
    public List<Input> inputs() {
      return List.of(new Input("x", List.of(2)));
    }

    @Override
    public String output() {
      return "y";
    }

    @Override
    public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
      T x = operations.linear("first", Objects.requireNonNull(inputs.get("x")), 2, 2);
      return operations.linear("second", x, 2, 1);
    }
  }

  /** The first layer gives (1, x) times this factor for x. */
  private static Parameters parameters(float factor) {
    Parameters parameters = Parameters.initial(new TwoLayers(), 1);
    parameters.all().forEach(p -> Arrays.fill(p.values(), 0));
    parameters.get("first.weight").values()[0] = 1;
    parameters.get("first.weight").values()[3] = factor;
    Arrays.fill(parameters.get("second.weight").values(), 1);
    return parameters;
  }

  /** Codes of every other event lie half way between two numbers. */
  private static Tensor events() {
    float[] x = new float[2 * EVENTS];
    for (int event = 0; event < EVENTS; event++) {
      x[2 * event] = 1;
      x[2 * event + 1] = (event + (event % 2 == 0 ? 0.5f : 0.25f)) / 127;
    }
    return Tensor.of(x, EVENTS, 2);
  }

  private static ModelBundle bundle(boolean isChosen, JsonNode[] record) {
    TwoLayers network = new TwoLayers();
    byte[] onnx = TrainingTask.onnx(network, parameters(1), PLAN);
    BundleWriter bundle =
        new BundleWriter(
                "b", "1", "", "CC0-1.0", JsonNodeFactory.instance.objectNode().put("kind", "none"))
            .model("two", "model.onnx", onnx);
    try (ExportCheck check = new ExportCheck(network, parameters(1), PLAN, onnx, 20)) {
      Tensor x = events();
      int each = isChosen ? 8 : 20; // no call has as many clear events as are wanted
      for (int from = 0; from < (isChosen ? EVENTS : each); from += each) {
        check.compare(Map.of("x", x.rows(from, each)), each);
      }
      check.addTo(bundle, "test", "two", false);
      record[0] = check.record();
    }
    return bundle.bundle();
  }

  /** Runs the self-test on an engine whose first layer is off in the last bits. */
  private static void selfTest(ModelBundle bundle, float factor) {
    byte[] onnx = TrainingTask.onnx(new TwoLayers(), parameters(factor), PLAN);
    try (Network other =
        Backends.standard().get("bit").load("other", onnx, BackendOptions.DEFAULT)) {
      bundle.selfTest(other);
    }
  }

  @Test
  void selfTestsAreOfEventsWithoutCodesAtBoundaries() {
    float below = 1 - 0x1p-21f;
    float above = 1 + 0x1p-21f;
    JsonNode[] record = new JsonNode[1];
    ModelBundle first = bundle(false, record);
    // Half of the first events have a code that is another on one of the two.
    int refused = 0;
    for (float factor : new float[] {below, above}) {
      try {
        selfTest(first, factor);
      } catch (BundleException e) {
        refused++;
      }
    }
    assertTrue(refused > 0);
    ModelBundle chosen = bundle(true, record);
    selfTest(chosen, below);
    selfTest(chosen, above);
    assertEquals(EVENTS, record[0].path("events").asInt());
    assertEquals(EVENTS / 2, record[0].path("withCodesAtBoundaries").asInt());
    assertTrue(record[0].path("offBy1e-5").asInt() <= EVENTS / 2);
    assertEquals(0, record[0].path("offBy1e-5WithoutSuchCodes").asInt());
    // What is wrong is still refused.
    assertThrows(BundleException.class, () -> selfTest(chosen, 1.1f));
  }
}
