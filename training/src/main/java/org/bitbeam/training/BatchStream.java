package org.bitbeam.training;

import java.io.IOException;

/** Labelled rows, in batches, in a shuffled order that depends on seed and epoch alone. */
interface BatchStream {
  /** What is called with the batches of an epoch, in order. */
  interface Consumer {
    /**
     * Takes a batch.
     *
     * @param step its number in the epoch
     * @return whether to go on
     */
    boolean accept(int step, JetBatch batch) throws IOException;
  }

  /** Number of rows. */
  int rows();

  /** Batches of an epoch, the last with the rest. */
  default int steps(int batch) {
    return (rows() + batch - 1) / batch;
  }

  /**
   * Goes through an epoch in its shuffled order.
   *
   * @param size rows of a batch; the last has the rest
   * @param from the first step that is wanted
   */
  void shuffled(int epoch, int size, int from, Consumer consumer) throws IOException;

  /** Goes through all rows in a fixed order. */
  void inOrder(int size, Consumer consumer) throws IOException;
}
