package org.bitbeam.training;

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

  /** max(x, 0). */
  T relu(T x);

  /** Product of elements, with broadcasting. */
  T multiply(T a, T b);

  /** Product with a constant. */
  T scale(T x, float factor);

  /** Sum over an axis, which goes. */
  T sum(T x, int axis);

  /** Exchanges the last two of three axes. */
  T transposeLast(T x);

  /** (x - mean) / sqrt(variance + 1e-5) over the last axis, times a weight, plus a bias. */
  T layerNorm(String name, T x, int size);
}
