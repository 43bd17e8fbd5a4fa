package org.bitbeam.training;

/**
 * Jets of a step, padded with zeros to the longest of them.
 *
 * @param features of shape (jets, variables, length)
 * @param mask of shape (jets, 1, length), 1 where there is a constituent
 * @param signal of every jet
 * @param length of the last axis
 */
record JetBatch(float[] features, float[] mask, boolean[] signal, int length) {
  int jets() {
    return signal.length;
  }
}
