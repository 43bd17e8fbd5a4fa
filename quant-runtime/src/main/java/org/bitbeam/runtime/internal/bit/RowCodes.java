package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows and their quantisation: code = round half to even of x * factor. Layers that share them
 * share the codes, which are made when the first one asks: native products make their own.
 */
final class RowCodes {
  private final Frame frame;
  private float[] x = {};
  private int at;
  private int rows;
  private int inputs;
  private float[] factors = {};
  private float @Nullable [] codes;

  RowCodes(Frame frame) {
    this.frame = frame;
  }

  /**
   * Goes on to other rows.
   *
   * @param at where the first of {@code rows} rows of {@code inputs} elements begins
   * @param factors one per row; NaN for a row that is not finite, all codes of which are 0
   */
  void start(float[] x, int at, int rows, int inputs, float[] factors) {
    this.x = x;
    this.at = at;
    this.rows = rows;
    this.inputs = inputs;
    this.factors = factors;
    this.codes = null;
  }

  float[] x() {
    return x;
  }

  int at() {
    return at;
  }

  int rows() {
    return rows;
  }

  float[] factors() {
    return factors;
  }

  /** Rows of codes from -127 to 127. */
  float[] codes(Kernels kernels) {
    float[] made = codes;
    if (made == null) {
      made = frame.scratch(0, rows * inputs);
      for (int i = 0; i < rows; i++) {
        if (Float.isNaN(factors[i])) {
          Arrays.fill(made, i * inputs, (i + 1) * inputs, 0);
        } else {
          kernels.quantise(x, at + i * inputs, inputs, factors[i], made, i * inputs);
        }
      }
      codes = made;
    }
    return made;
  }
}
