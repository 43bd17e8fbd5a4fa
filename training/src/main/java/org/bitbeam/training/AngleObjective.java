package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.bitbeam.physics.metrics.EftMetrics;

/**
 * An angle that is known up to half a turn, the first output, by the mean of sin^2(output - truth):
 * 0 for perfect ones, 0.5 for any constant (specs/models.md 3.4). With a teacher a share of the
 * loss is sin^2(output - its output).
 *
 * @param outputs of the network
 */
record AngleObjective(int outputs) implements Objective {
  @Override
  public String metric() {
    return "meanSinSquared";
  }

  @Override
  public boolean largerIsBetter() {
    return false;
  }

  @Override
  public int targets() {
    return 2;
  }

  /**
   * Vectors t with loss = 1/2 + sum of t . (cos 2 output, sin 2 output), for sin^2(a - b) = (1 -
   * cos 2a cos 2b - sin 2a sin 2b) / 2.
   */
  @Override
  public float[] of(float[] truth, Optional<NDArray> teacher, double share) {
    float[] learnt = teacher.map(NDArray::toFloatArray).orElse(new float[0]);
    double taught = teacher.isPresent() ? share : 0;
    float[] targets = new float[2 * truth.length];
    for (int jet = 0; jet < truth.length; jet++) {
      double angle = 2.0 * truth[jet];
      double cos = (1 - taught) * StrictMath.cos(angle);
      double sin = (1 - taught) * StrictMath.sin(angle);
      if (taught > 0) {
        double other = 2.0 * learnt[jet * outputs];
        cos += taught * StrictMath.cos(other);
        sin += taught * StrictMath.sin(other);
      }
      targets[2 * jet] = (float) (-cos / 2 / truth.length);
      targets[2 * jet + 1] = (float) (-sin / 2 / truth.length);
    }
    return targets;
  }

  @Override
  public NDArray loss(NDArray output, NDArray targets) {
    NDArray angle = output.get(":, :1");
    NDArray twice = angle.add(angle);
    NDArray half = Scalars.of(output.getManager(), 0.5f);
    return half.add(twice.cos().concat(twice.sin(), 1).mul(targets).sum());
  }

  @Override
  public double score(float[] values, float[] truth) {
    double[] estimates = new double[truth.length];
    double[] truths = new double[truth.length];
    for (int jet = 0; jet < truth.length; jet++) {
      estimates[jet] = values[jet * outputs];
      truths[jet] = truth[jet];
    }
    return EftMetrics.meanSinSquared(estimates, truths);
  }

  @Override
  public double error(float[] values, float[] truth) {
    double[] losses = new double[truth.length];
    for (int jet = 0; jet < truth.length; jet++) {
      double sine = StrictMath.sin((double) values[jet * outputs] - truth[jet]);
      losses[jet] = sine * sine;
    }
    return Objective.errorOfMean(losses);
  }
}
