package org.bitbeam.training;

import java.util.List;
import java.util.Map;

/** A network, written once for training and export. Immutable. */
interface TrainableNetwork {
  /**
   * An input, of shape (batch, variables, length).
   *
   * @param variables size of the second axis; that of the third is free
   */
  record Input(String name, int variables) {}

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
