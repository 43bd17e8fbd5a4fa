package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  /** Counts its passes and keeps what the last one was given. */
  private static final class Recording implements Network {
    int passes;
    @Nullable Map<String, Tensor> last;

    @Override
    public List<TensorInfo> inputs() {
      int any = TensorInfo.DYNAMIC;
      return List.of(
          new TensorInfo("x", ElementType.FLOAT32, List.of(any, 3, any)),
          new TensorInfo("mask", ElementType.BOOL, List.of(any, any)),
          new TensorInfo("index", ElementType.INT64, List.of(2)));
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of();
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
      passes++;
      last = inputs;
      return Map.of();
    }

    @Override
    public void close() {}
  }

  @Test
  void passesHaveTheShapesAskedFor() {
    Recording network = new Recording();
    int passes = network.warmUp(5, 7);
    assertEquals(network.passes, passes);
    assertTrue(passes > 1, () -> passes + " passes");
    Map<String, Tensor> inputs = network.last == null ? Map.of() : network.last;
    assertArrayEquals(new int[] {5, 3, 7}, inputs.get("x").shape());
    assertArrayEquals(new int[] {5, 7}, inputs.get("mask").shape());
    assertEquals(1.0, inputs.get("mask").getDouble(0));
    assertArrayEquals(new long[2], inputs.get("index").longs());
  }

  @Test
  void sizesBelowOneAreRefused() {
    Recording network = new Recording();
    assertThrows(IllegalArgumentException.class, () -> network.warmUp(0, 1));
    assertThrows(IllegalArgumentException.class, () -> network.warmUp(1, 0));
  }
}
