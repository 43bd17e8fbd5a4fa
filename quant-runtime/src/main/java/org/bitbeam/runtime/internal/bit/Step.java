package org.bitbeam.runtime.internal.bit;

/**
 * What an instruction does in each pass over inputs of the same shapes: it reads and fills arrays
 * that were chosen in the first such pass, and makes no objects. Belongs to one {@link Frame}.
 */
@FunctionalInterface
interface Step {
  void run();
}
