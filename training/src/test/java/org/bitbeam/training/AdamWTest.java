package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against values computed from the published formulas in Python, in double precision. */
class AdamWTest {
  @Test
  void threeSteps() {
    Parameters parameters =
        Parameters.of(List.of(new Parameter("w", new int[] {2}, new float[] {0.5f, -1}, true)));
    AdamW optimiser = new AdamW(parameters, 0.1);
    float[][] gradients = {{0.1f, -0.2f}, {0.3f, 0}, {-0.05f, 0.4f}};
    double[][] expected = {
      {0.4895000010, -0.9890000005},
      {0.4798326902, -0.9813104184},
      {0.4733437243, -0.9837294526}
    };
    for (int step = 0; step < gradients.length; step++) {
      optimiser.step(parameters, Map.of("w", gradients[step]), 0.01);
      assertEquals(expected[step][0], parameters.get("w").values()[0], 1e-7);
      assertEquals(expected[step][1], parameters.get("w").values()[1], 1e-7);
    }
  }

  @Test
  void schedules() {
    double[] oneCycle = {
      0.04,
      0.52,
      1,
      0.95048463201347,
      0.81174565394976,
      0.61126202193629,
      0.38874197806371,
      0.18825834605024,
      0.049519367986526,
      4.000000000004e-06
    };
    for (int step = 0; step < oneCycle.length; step++) {
      assertEquals(oneCycle[step], Schedule.parse("onecycle").factor(step, 5, 10), 1e-12);
    }
    Schedule steps = Schedule.parse("step:10:0.5");
    assertEquals(1, steps.factor(99, 10, 1000));
    assertEquals(0.5, steps.factor(100, 10, 1000));
    assertEquals(0.25, steps.factor(299, 10, 1000));
    Schedule cosine = Schedule.parse("cosine");
    assertEquals(1, cosine.factor(0, 10, 100));
    assertEquals(0.5, cosine.factor(50, 10, 100), 1e-12);
    assertEquals(0.75, cosine.factor(100, 10, 300), 1e-12);
    assertEquals(1, Schedule.parse("constant").factor(77, 10, 100));
    assertThrows(IllegalArgumentException.class, () -> Schedule.parse("step:10"));
    assertThrows(IllegalArgumentException.class, () -> Schedule.parse("step:x:0.5"));
    assertThrows(IllegalArgumentException.class, () -> Schedule.parse("warp"));
  }
}
