package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Optional;

/** The mean logarithm of the density that a flow gives to the samples (maximum likelihood). */
record DensityObjective() implements Objective {
  @Override
  public String metric() {
    return "logLikelihood";
  }

  @Override
  public boolean largerIsBetter() {
    return true;
  }

  @Override
  public int targets() {
    return 1;
  }

  /** Minus the weight of each sample; a density has no teacher. */
  @Override
  public float[] of(float[] truth, Optional<NDArray> teacher, double share) {
    float[] targets = new float[truth.length];
    Arrays.fill(targets, -1f / truth.length);
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
    return sum / outputs.length;
  }

  @Override
  public double error(float[] outputs, float[] truth) {
    double[] logarithms = new double[outputs.length];
    for (int row = 0; row < outputs.length; row++) {
      logarithms[row] = outputs[row];
    }
    return Objective.errorOfMean(logarithms);
  }
}
