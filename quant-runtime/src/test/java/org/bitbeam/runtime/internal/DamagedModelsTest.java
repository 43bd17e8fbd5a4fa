package org.bitbeam.runtime.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.bitbeam.runtime.internal.bit.BitBackend;
import org.bitbeam.runtime.internal.reference.ReferenceBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models with flipped bytes load and run, or are refused with the documented exceptions. */
class DamagedModelsTest {
  private static final long SEED = 4_711;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ste_ternary_3d.script.onnx",
        "ste_ternary_3d.dynamo.onnx",
        "point_mlp.qdq_int8.onnx"
      })
  void damagedModelRunsOrIsRefused(String file) throws IOException {
    byte[] sound = Files.readAllBytes(Path.of("src/test/resources/onnx").resolve(file));
    Random random = new Random(SEED);
    // One line per load is too much for six thousand.
    Logger log = Logger.getLogger(BitBackend.class.getName());
    log.setLevel(Level.OFF);
    int ran = 0;
    int refused = 0;
    for (int round = 0; round < 1_500; round++) {
      byte[] bytes = sound.clone();
      for (int hits = 1 + random.nextInt(2); hits > 0; hits--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            random.nextBoolean()
                ? (byte) (bytes[at] ^ 1 << random.nextInt(8))
                : (byte) random.nextInt(256);
      }
      for (Backend backend : List.of(new ReferenceBackend(), new BitBackend(Optional.empty()))) {
        try (Network network = backend.load("damaged", bytes, BackendOptions.DEFAULT)) {
          network.run(inputs(network, random));
          ran++;
        } catch (ModelException | IllegalArgumentException e) {
          refused++;
          assertTrue(e.getMessage().startsWith("damaged"), e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
          throw new AssertionError(backend.name() + ", seed " + SEED + ", round " + round, e);
        }
      }
    }
    assertTrue(ran > 250 && refused > 250, ran + " ran, " + refused + " were refused");
  }

  private static Map<String, Tensor> inputs(Network network, Random random) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (TensorInfo info : network.inputs()) {
      int[] shape =
          info.shape().stream()
              .mapToInt(size -> size == TensorInfo.DYNAMIC ? 2 : Math.min(size, 1_000))
              .toArray();
      int size = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = size * (long) shape[i] > 100_000 ? 1 : shape[i];
        size *= shape[i];
      }
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.put(info.name(), Tensor.of(values, shape));
    }
    return inputs;
  }
}
