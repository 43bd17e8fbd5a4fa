package org.bitbeam.runtime;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Products of codes and signs by code for this machine's own instructions, for the backend {@code
 * bit}. Bound by a Guice module of an optional artefact ({@code native-kernels}); nothing needs it.
 * Results are the same bits as without. Safe for several threads.
 */
public interface NativeProducts {
  /** Which instructions it uses, such as {@code avx512-vnni}, or why none; for logs. */
  String name();

  /**
   * The signs of a layer in the form that products read; empty where there is no code for this
   * machine.
   *
   * @param signs -1, 0 or +1, one row of {@code inputs} per output
   */
  Optional<Signs> pack(int inputs, int outputs, byte[] signs);

  /** The signs of one layer. */
  interface Signs {
    /** Bytes of working memory for that many rows. */
    int scratch(int rows);

    /**
     * y(m, n) = fma(sum over k of code(m, k) * sign(k, n), scale(m), bias(n)), where code = round
     * half to even of x * factor, with an exact sum and one rounding.
     *
     * @param x rows of inputs; x * factor is from -127 to 127
     * @param at where x begins; its rows follow each other
     * @param factors one per row; NaN for a row whose codes are 0
     * @param scratch at least {@link #scratch} bytes
     * @param scales one per row; null for the sums alone
     * @param bias one per column; not read without scales
     * @param to where y begins; its rows follow each other
     * @throws IndexOutOfBoundsException when an array is too short
     */
    void multiply(
        int rows,
        float[] x,
        int at,
        float[] factors,
        byte[] scratch,
        float @Nullable [] scales,
        float[] bias,
        float[] y,
        int to);
  }
}
