package org.bitbeam.runtime.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.Guice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.OrtBackendModule;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.internal.bit.BitBackendModule;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.reference.ReferenceBackendModule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The backends as callers see them, on a packaged BitLinear layer. */
class BackendsTest {
  private static final Path MODELS = Path.of("src/test/resources/onnx");

  private static Backend backend(String name) {
    return Guice.createInjector(
            new OrtBackendModule(), new ReferenceBackendModule(), new BitBackendModule())
        .getInstance(Backends.class)
        .get(name);
  }

  @ParameterizedTest
  @CsvSource({
    "reference, ste_ternary_3d.script.onnx",
    "reference, ste_ternary_3d.dynamo.onnx",
    "bit, ste_ternary_3d.script.onnx",
    "bit, ste_ternary_3d.dynamo.onnx"
  })
  void computesWhatPyTorchComputed(String name, String file) throws IOException {
    String stem = file.substring(0, file.indexOf('.'));
    FloatArray x = (FloatArray) Fixtures.npy(MODELS.resolve(stem + ".x.npy"));
    FloatArray y = (FloatArray) Fixtures.npy(MODELS.resolve(stem + ".y.npy"));
    try (Network network =
        backend(name)
            .load(file, Files.readAllBytes(MODELS.resolve(file)), BackendOptions.DEFAULT)) {
      assertEquals("x", network.inputs().get(0).name());
      Tensor result = network.run(Map.of("x", Tensor.of(x.values(), x.shape()))).get("y");
      assertArrayEquals(y.shape(), result.shape());
      assertArrayEquals(y.values(), result.floats(), 2e-6f);
    }
  }

  @ParameterizedTest
  @CsvSource({"reference", "bit"})
  void wrongInputsAndWrongModelsAreRefused(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(MODELS.resolve("ste_ternary_3d.script.onnx"));
    Network network = backend(name).load("layer", bytes, BackendOptions.DEFAULT);
    assertThrows(IllegalArgumentException.class, () -> network.run(Map.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> network.run(Map.of("x", Tensor.of(new float[6], 1, 2, 3))));
    network.close();
    assertThrows(
        IllegalStateException.class,
        () -> network.run(Map.of("x", Tensor.of(new float[36], 1, 3, 12))));
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> backend(name).load("no model", new byte[] {1, 2, 3}, BackendOptions.DEFAULT));
    assertTrue(e.getMessage().startsWith("no model: "), e.getMessage());
  }
}
