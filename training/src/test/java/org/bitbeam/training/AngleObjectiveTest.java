package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Loss and gradient against their formulas. */
class AngleObjectiveTest {
  private static final int JETS = 50;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  /** (1 - s) sin^2(o - truth) + s sin^2(o - teacher), and its derivative. */
  @Test
  void lossAndGradientAreTheFormulas() {
    AngleObjective objective = new AngleObjective(3);
    SplittableRandom random = new SplittableRandom(5);
    float[] outputs = new float[3 * JETS];
    float[] taught = new float[3 * JETS];
    float[] truth = new float[JETS];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = (float) random.nextDouble(-6, 6);
      taught[i] = (float) random.nextDouble(-6, 6);
      truth[i / 3] = (float) random.nextDouble(0, Math.PI);
    }
    for (double share : new double[] {0, 0.3, 1}) {
      double loss = 0;
      float[] gradient = new float[outputs.length];
      for (int jet = 0; jet < JETS; jet++) {
        double a = (double) outputs[3 * jet] - truth[jet];
        double b = (double) outputs[3 * jet] - taught[3 * jet];
        loss += ((1 - share) * Math.pow(Math.sin(a), 2) + share * Math.pow(Math.sin(b), 2)) / JETS;
        gradient[3 * jet] =
            (float) (((1 - share) * Math.sin(2 * a) + share * Math.sin(2 * b)) / JETS);
      }
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray teacher = manager.create(taught, new Shape(JETS, 3));
        float[] targets =
            objective.of(truth, share == 0 ? Optional.empty() : Optional.of(teacher), share);
        NDArray output = manager.create(outputs, new Shape(JETS, 3));
        output.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDArray value = objective.loss(output, manager.create(targets, new Shape(JETS, 2)));
          collector.backward(value);
          assertEquals(loss, value.getFloat(), 1e-6);
          assertArrayEquals(gradient, output.getGradient().toFloatArray(), 1e-7f);
        }
      }
    }
    assertEquals(0, objective.score(new float[] {1, 9, 9}, new float[] {1}), 1e-12);
    assertEquals(1, objective.score(new float[] {1, 9, 9}, new float[] {1 + 1.5707964f}), 1e-7);
  }
}
