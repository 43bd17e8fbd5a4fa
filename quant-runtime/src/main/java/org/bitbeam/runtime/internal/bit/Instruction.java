package org.bitbeam.runtime.internal.bit;

/** One step of a plan. Immutable. */
@FunctionalInterface
interface Instruction {
  /**
   * Reads its input slots and fills its output slots.
   *
   * @throws IllegalArgumentException if shapes or types do not fit
   */
  void run(Frame frame);
}
