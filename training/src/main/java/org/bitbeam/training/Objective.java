package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/** What a network is trained for, and by what its best epoch is chosen. */
interface Objective {
  /** Name of the score, as logs and metrics have it. */
  String metric();

  /** Whether a larger score is the better one. */
  boolean largerIsBetter();

  /** What {@link #loss} needs to know of each jet. */
  int targets();

  /**
   * The targets, {@link #targets} values a jet.
   *
   * @param teacher output of the network that is learnt from
   * @param share of the teacher in the targets
   */
  float[] of(float[] truth, Optional<NDArray> teacher, double share);

  /**
   * Mean loss of a batch.
   *
   * @param output of the network, (jets, outputs)
   * @param targets (jets, targets)
   */
  NDArray loss(NDArray output, NDArray targets);

  /**
   * How good the network is on a sample.
   *
   * @param outputs of shape (jets, outputs), in row-major order
   */
  double score(float[] outputs, float[] truth);

  /** The standard deviation of {@link #score} over samples as large as this one. */
  double error(float[] outputs, float[] truth);

  /** The same of a mean of rows' values. */
  static double errorOfMean(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1) / values.length);
  }
}
