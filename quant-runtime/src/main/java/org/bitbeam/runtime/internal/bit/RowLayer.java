package org.bitbeam.runtime.internal.bit;

/** A layer that maps each row to a row, whatever stands in the others. Immutable. */
interface RowLayer {
  /** Length of a row that goes in. */
  int inputs();

  /** Length of a row that comes out. */
  int outputs();

  /**
   * At most {@link Dense#BLOCK} rows, one behind the other.
   *
   * @param y receives the results; never {@code x}
   */
  void rows(Frame frame, float[] x, int at, int count, float[] y, int to);
}
