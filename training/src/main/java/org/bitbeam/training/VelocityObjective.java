package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Optional;

/**
 * The mean squared errors of velocities, summed over the networks ({@link VelocityErrors}).
 *
 * @param metric its name, for they are errors of velocities or of those over a step
 */
record VelocityObjective(String metric) implements Objective {
  @Override
  public boolean largerIsBetter() {
    return false;
  }

  @Override
  public int targets() {
    return 1;
  }

  /** The weight of each sample; a velocity has no teacher. */
  @Override
  public float[] of(float[] truth, Optional<NDArray> teacher, double share) {
    float[] targets = new float[truth.length];
    Arrays.fill(targets, 1f / truth.length);
    return targets;
  }

  @Override
  public NDArray loss(NDArray output, NDArray targets) {
    return output.mul(targets).sum();
  }

  @Override
  public double score(float[] outputs, float[] truth) {
    double sum = 0;
    for (float output : outputs) {
      sum += output;
    }
    return sum / truth.length;
  }

  @Override
  public double error(float[] outputs, float[] truth) {
    double[] errors = new double[truth.length];
    for (int i = 0; i < outputs.length; i++) {
      errors[i * truth.length / outputs.length] += outputs[i];
    }
    return Objective.errorOfMean(errors);
  }
}
