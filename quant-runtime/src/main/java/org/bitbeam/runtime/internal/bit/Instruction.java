package org.bitbeam.runtime.internal.bit;

/** One part of a plan. Immutable. */
@FunctionalInterface
interface Instruction {
  /**
   * Computes its output slots from its input slots in the first pass over inputs of some shapes:
   * checks them, takes arrays for the results, and does the rest by {@link Frame#perform}, so that
   * later passes over the same shapes do nothing else.
   *
   * @throws IllegalArgumentException if shapes or types do not fit
   */
  void bind(Frame frame);
}
