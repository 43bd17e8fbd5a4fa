package org.bitbeam.training;

import java.util.List;
import java.util.Map;

/** A network, written once for training and export. Immutable. */
interface TrainableNetwork {
  /** Size of an axis that differs from batch to batch. */
  int FREE = -1;

  /**
   * An input.
   *
   * @param axes sizes after the first axis, which is the batch
   */
  record Input(String name, List<Integer> axes) {
    public Input {
      axes = List.copyOf(axes);
    }
  }

  /** Name that a bundle gets. */
  String name();

  /** For people. */
  String description();

  List<Input> inputs();

  /** Name of the output, of shape (batch, outputs). */
  String output();

  /** The output for inputs by name. */
  <T> T apply(Operations<T> operations, Map<String, T> inputs);
}
