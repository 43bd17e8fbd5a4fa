package org.bitbeam.training;

/**
 * What is trained: a matrix by input, then output, or a vector. The array changes while it is
 * trained.
 *
 * @param name such as {@code phi.0.weight}
 * @param shape one or two sizes
 * @param values in row-major order
 */
record Parameter(String name, int[] shape, float[] values) {
  Parameter copy() {
    return new Parameter(name, shape, values.clone());
  }
}
