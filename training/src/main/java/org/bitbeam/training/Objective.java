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
}
