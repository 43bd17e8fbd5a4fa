package org.bitbeam.runtime;

import java.util.List;
import java.util.Map;

/**
 * A loaded network. Safe to use from several threads at a time; closing waits for the calls that
 * are under way.
 */
public interface Network extends AutoCloseable {

  /** What the network needs, in its own order. */
  List<TensorInfo> inputs();

  /** What the network returns, in its own order. */
  List<TensorInfo> outputs();

  /**
   * One forward pass.
   *
   * @param inputs a tensor for every input, and no others
   * @return a tensor for every output, by name, in the network's order
   * @throws IllegalArgumentException when inputs are missing, unknown, or of the wrong type or
   *     shape; names the network and the input
   * @throws IllegalStateException when the network is closed
   * @throws ModelException when the engine fails; names the network
   */
  Map<String, Tensor> run(Map<String, Tensor> inputs);

  /**
   * Runs passes over made-up numbers until their time settles, at most for three seconds: the first
   * passes of a JVM are many times slower than later ones, because its compiler still has to do its
   * work. Call it before timing, or before the first batch that somebody waits for.
   *
   * @param rows size of each input's first axis where that is dynamic, at least 1
   * @param length size of every other dynamic axis, at least 1
   * @return number of passes
   * @throws IllegalArgumentException when a size is below 1
   * @throws IllegalStateException when the network is closed
   * @throws ModelException when the network cannot run on inputs of these shapes
   */
  default int warmUp(int rows, int length) {
    return WarmUp.run(this, rows, length);
  }

  /**
   * What was chosen for speed so far, one line each, for people: such as which kernel multiplies
   * which shape, and the measurements behind it. Empty where there is nothing to choose. Choices
   * are made during the first passes, so ask after {@link #warmUp}.
   */
  default List<String> choices() {
    return List.of();
  }

  /** Frees what the engine holds. Closing twice does nothing. */
  @Override
  void close();
}
