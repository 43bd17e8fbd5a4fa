package org.bitbeam.training;

/**
 * A matrix by input, then output, or a vector. The array changes during the training.
 *
 * @param name such as {@code phi.0.weight}
 * @param shape one or two sizes
 * @param values in row-major order
 * @param isTrained by its gradient; else it is a statistic of the batches (running mean, variance)
 */
record Parameter(String name, int[] shape, float[] values, boolean isTrained) {
  Parameter copy() {
    return new Parameter(name, shape, values.clone(), isTrained);
  }
}
