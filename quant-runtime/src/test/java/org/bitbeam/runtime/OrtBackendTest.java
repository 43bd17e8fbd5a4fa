package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class OrtBackendTest {
  private static final Backend ORT = Backends.standard().get("ort");

  @Test
  void everyElementTypeGoesThroughUnchanged() {
    try (Network network = identity()) {
      assertEquals(
          new TensorInfo("f32", ElementType.FLOAT32, List.of(-1, 3)), network.inputs().get(0));
      assertEquals(7, network.inputs().size());
      Map<String, Tensor> inputs = TestModels.identityInputs();
      Map<String, Tensor> outputs = network.run(inputs);
      assertEquals(7, outputs.size());
      inputs.forEach((name, tensor) -> assertEquals(tensor, outputs.get(name + "_out")));
      assertEquals(
          network.outputs().stream().map(TensorInfo::name).toList(), List.copyOf(outputs.keySet()));
    }
  }

  @Test
  void emptyTensorsGoThrough() {
    try (Network network = identity()) {
      Map<String, Tensor> inputs =
          Map.of(
              "f32", Tensor.of(new float[0], 0, 3),
              "f64", Tensor.of(new double[0], 0),
              "i64", Tensor.of(new long[0], 0),
              "i32", Tensor.of(new int[0], 0),
              "i8", Tensor.of(new byte[0], 0),
              "u8", Tensor.ofUnsigned(new byte[0], 0),
              "b", Tensor.of(new boolean[0], 0));
      Map<String, Tensor> outputs = network.run(inputs);
      inputs.forEach((name, tensor) -> assertEquals(tensor, outputs.get(name + "_out")));
    }
  }

  @Test
  void wrongInputsNameNetworkAndInput() {
    try (Network network = identity()) {
      Map<String, Tensor> missing = new HashMap<>(TestModels.identityInputs());
      missing.remove("i32");
      assertEquals(
          "identity: input \"i32\" INT32[-1] is missing; given are: b, f32, f64, i64, i8, u8",
          refusal(network, missing));
      Map<String, Tensor> shape = new HashMap<>(TestModels.identityInputs());
      shape.put("f32", Tensor.of(new float[4], 2, 2));
      assertEquals(
          "identity: input \"f32\" FLOAT32[-1, 3] cannot take FLOAT32[2, 2] (-1 is any size)",
          refusal(network, shape));
      Map<String, Tensor> type = new HashMap<>(TestModels.identityInputs());
      type.put("u8", Tensor.of(new byte[2], 2));
      assertEquals(
          "identity: input \"u8\" UINT8[-1] cannot take INT8[2] (-1 is any size)",
          refusal(network, type));
      Map<String, Tensor> unknown = new HashMap<>(TestModels.identityInputs());
      unknown.put("more", Tensor.of(new byte[2], 2));
      assertEquals(
          "identity: no input more; there are: f32, f64, i64, i32, i8, u8, b",
          refusal(network, unknown));
    }
  }

  @Test
  void closedNetworkRefusesToRun() {
    Network network = identity();
    network.close();
    network.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> network.run(TestModels.identityInputs()));
    assertEquals("identity: the network is closed", e.getMessage());
  }

  @Test
  void modelThatTheEngineCannotRunIsRefused() {
    byte[] graphWithoutContent = {0x3a, 0};
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> ORT.load("empty", graphWithoutContent, BackendOptions.DEFAULT));
    assertTrue(
        e.getMessage().startsWith("empty: ONNX Runtime cannot load the model: "), e.getMessage());
  }

  @Test
  void severalThreadsShareANetwork() throws Exception {
    ModelBundle bundle = bundle();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Network network = bundle.load(ORT, BackendOptions.DEFAULT.withIntraOpThreads(2))) {
      List<Future<SelfTestReport>> runs = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        runs.add(threads.submit(() -> bundle.selfTest(network)));
      }
      SelfTestReport first = runs.get(0).get();
      for (Future<SelfTestReport> run : runs) {
        assertEquals(first, run.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingWaitsForRunningPasses() throws Exception {
    ModelBundle bundle = bundle();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Network network = bundle.load(ORT, BackendOptions.DEFAULT);
      List<Future<Boolean>> runs = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        runs.add(
            threads.submit(
                () -> {
                  try {
                    return bundle.selfTest(network).passed();
                  } catch (IllegalStateException e) {
                    return true;
                  }
                }));
      }
      runs.get(3).get();
      network.close();
      for (Future<Boolean> run : runs) {
        assertTrue(run.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static ModelBundle bundle() throws IOException {
    return ModelBundle.open(Path.of("..", "models", "pfn"));
  }

  private static Network identity() {
    return ORT.load("identity", TestModels.onnx("identity"), BackendOptions.DEFAULT);
  }

  private static String refusal(Network network, Map<String, Tensor> inputs) {
    return assertThrows(IllegalArgumentException.class, () -> network.run(inputs)).getMessage();
  }
}
