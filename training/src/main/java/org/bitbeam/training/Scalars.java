package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * The only place where numbers become arrays. DJL 0.35.1's {@code x.mul(Number)} and {@code
 * x.div(Number)} release the number's memory before the backward pass reads it: gradients are wrong
 * then. A scalar of the step's own manager lives until the step ends.
 */
final class Scalars {
  private Scalars() {}

  static NDArray of(NDManager manager, float value) {
    return manager.create(value);
  }

  /** A number of double precision, which takes the precision of the array it meets. */
  static NDArray of(NDManager manager, double value) {
    return manager.create(value);
  }
}
