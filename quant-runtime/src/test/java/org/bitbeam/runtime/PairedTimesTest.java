package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedTimesTest {
  @Test
  void bothRunInTurnsAndWarmUpDoesNotCount() {
    List<String> order = new ArrayList<>();
    PairedTimes times = PairedTimes.measure(0.01, () -> work(order, "a"), () -> work(order, "b"));
    for (int i = 0; i < order.size(); i++) {
      assertEquals(i % 2 == 0 ? "a" : "b", order.get(i));
    }
    assertTrue(times.samples() >= 7 && times.samples() < order.size() / 2, times.toString());
    assertTrue(times.ratio() > 0, times.toString());
  }

  @Test
  void noTimeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> PairedTimes.measure(0, () -> {}, () -> {}));
  }

  private static void work(List<String> order, String name) {
    order.add(name);
    double x = 1;
    for (int i = 0; i < 100_000; i++) {
      x = Math.sqrt(x + i);
    }
    assertTrue(x > 0);
  }
}
