package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.bitbeam.physics.metrics.TaggingMetrics;

/**
 * Two classes (background, signal) by cross-entropy of logits; best by area under the ROC curve.
 */
record ClassObjective() implements Objective {
  private static final int REPLICAS = 200;

  @Override
  public String metric() {
    return "auc";
  }

  @Override
  public boolean largerIsBetter() {
    return true;
  }

  @Override
  public int targets() {
    return 2;
  }

  /**
   * Minus the wanted probabilities over the number of jets: the loss is their product with log p.
   */
  @Override
  public float[] of(float[] truth, Optional<NDArray> teacher, double share) {
    float[] targets = new float[2 * truth.length];
    float[] learnt = teacher.map(t -> t.softmax(1).toFloatArray()).orElse(targets);
    double taught = teacher.isPresent() ? share : 0;
    for (int jet = 0; jet < truth.length; jet++) {
      for (int k = 0; k < 2; k++) {
        double label = truth[jet] == k ? 1 : 0;
        double wanted = (1 - taught) * label + taught * learnt[2 * jet + k];
        targets[2 * jet + k] = (float) (-wanted / truth.length);
      }
    }
    return targets;
  }

  @Override
  public NDArray loss(NDArray output, NDArray targets) {
    return output.logSoftmax(1).mul(targets).sum();
  }

  @Override
  public double score(float[] outputs, float[] truth) {
    return metrics(outputs, truth).summary().auc();
  }

  @Override
  public double error(float[] outputs, float[] truth) {
    return metrics(outputs, truth).bootstrapErrors(REPLICAS, 1).auc();
  }

  private static TaggingMetrics metrics(float[] outputs, float[] truth) {
    double[] scores = new double[truth.length];
    boolean[] signal = new boolean[truth.length];
    for (int jet = 0; jet < truth.length; jet++) {
      scores[jet] = (double) outputs[2 * jet + 1] - outputs[2 * jet];
      signal[jet] = truth[jet] == 1;
    }
    return TaggingMetrics.of(scores, signal);
  }
}
