package org.bitbeam.training;

import java.util.List;
import java.util.Optional;

/**
 * What networks are made of. A {@link TrainableNetwork} is written once against this; declaring its
 * parameters, training it and exporting it are three implementations.
 *
 * @param <T> a value: an array of PyTorch, a name in an ONNX graph, or nothing
 */
interface Operations<T> {
  /**
   * {@code x W + b} over the last axis, in the precision that the plan gives to this name.
   *
   * @param name of the layer, unique in the network unless it is to be shared
   * @param inputs size of the last axis of x
   */
  T linear(String name, T x, int inputs, int outputs);

  /** {@code x W}: {@link #linear} without a bias. */
  T product(String name, T x, int inputs, int outputs);

  /**
   * Convolution of images (batch, 1, rows, columns) with one 3x3 kernel and a bias, float; zeros
   * around the image, so that its size stays.
   */
  T convolution(String name, T x);

  /** max(x, 0). */
  T relu(T x);

  /** x where it is positive, else x times the slope. */
  T leakyRelu(T x, float slope);

  /** x times the normal distribution's share below x: GELU with the error function. */
  T gelu(T x);

  /** Hyperbolic tangent of elements. */
  T hyperbolicTangent(T x);

  /**
   * In training 0 in place of this share of the elements, and the others over 1 - share; else x.
   *
   * @param share 0 to below 1
   */
  default T dropout(T x, double share) {
    return x;
  }

  /** Numbers that are not trained, in row-major order. */
  T constant(float[] values, int... shape);

  /** exp(x) over its sum along the last axis. */
  T softmax(T x);

  /** Sum of elements, with broadcasting, as of the three below. */
  T add(T a, T b);

  /** Difference of elements. */
  T subtract(T a, T b);

  /** Product of elements. */
  T multiply(T a, T b);

  /** Quotient of elements. */
  T divide(T a, T b);

  /** Product with a constant. */
  T scale(T x, float factor);

  /** Sum with a constant. */
  T shift(T x, float constant);

  /** Square root of elements. */
  T squareRoot(T x);

  /** Cosine of elements, in radians. */
  T cosine(T x);

  /** Sine of elements, in radians. */
  T sine(T x);

  /** Exponential of elements. */
  T exponential(T x);

  /** x / (1 + exp(-x)). */
  T silu(T x);

  /** A vector that is trained, zeros at first. */
  T vector(String name, int size);

  /** Element i of the last of two axes is element {@code from[i]} of what was there. */
  T permuted(T x, int[] from);

  /**
   * A monotone function of every number, and the logarithm of its derivative's determinant for
   * every row, behind the numbers.
   *
   * @param x (rows, numbers)
   * @param theta (rows, numbers times {@link SplineForm#parameters()})
   * @throws UnsupportedOperationException in ONNX: simulation has splines of its own
   */
  T spline(T x, T theta, SplineForm form);

  /** 1 where x is at most the limit, else 0; without gradient. */
  T atMost(T x, float limit);

  /** 1 where x is above 0, else 0; without gradient. */
  T isPositive(T x);

  /** Sum over an axis, which goes. */
  T sum(T x, int axis);

  /** A new axis of size 1 at this place. */
  T expand(T x, int axis);

  /** Products of matrices, those of the last two axes; others are batches, with broadcasting. */
  T matrixProduct(T a, T b);

  /** Products of a constant matrix (rows, columns), by row, with those of x. */
  T project(float[] matrix, int rows, int columns, T x);

  /**
   * The same numbers in other axes, in row-major order.
   *
   * @param axes sizes; 0 keeps the size of the axis at this place, -1 is what is left
   */
  T reshape(T x, int... axes);

  /** The axes in another order, as numbers from 0. */
  T transpose(T x, int... axes);

  /** Strings values together along their last axes; their other axes are the same. */
  T concatenate(List<T> parts);

  /** Elements {@code from} to before {@code to} of the last axis. */
  T slice(T x, int from, int to);

  /** Exchanges the last two of three axes. */
  T transposeLast(T x);

  /** (x - mean) / sqrt(variance + 1e-5) over the last axis, times a weight, plus a bias. */
  T layerNorm(String name, T x, int size);

  /** (x - mean) / sqrt(variance + 1e-6) over the last axis, without parameters. */
  T normalise(T x, int size);

  /**
   * (x - mean) / sqrt(variance + 1e-5) of each element of the last axis, times a weight, plus a
   * bias. In training mean and variance are those of all rows of the batch, and move the running
   * ones by a tenth; else the running ones (PyTorch's BatchNorm1d).
   *
   * @param counted 1 for rows that count in mean and variance, 0 for others; as x with a last axis
   *     of 1; empty: all count
   */
  T batchNorm(String name, T x, Optional<T> counted, int size);
}
