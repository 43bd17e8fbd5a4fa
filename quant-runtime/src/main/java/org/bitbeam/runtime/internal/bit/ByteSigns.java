package org.bitbeam.runtime.internal.bit;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a few rows of codes with large sign matrices, which memory limits: signs are read as
 * bytes, a quarter of what floats take, and become floats in registers. Sums are exact, as those of
 * {@link Kernels#multiplyCodes}.
 */
final class ByteSigns {
  /** Most rows: with more of them, each float that is read serves enough products. */
  static final int ROWS = 2;

  /** Below so many signs, floats lie in the second cache. */
  private static final int LARGE = 1 << 17;

  private static final VectorSpecies<Float> F = VectorKernels.F;
  private static final int L = F.length();
  private static final VectorSpecies<Byte> B =
      VectorSpecies.of(byte.class, L == 16 ? VectorShape.S_128_BIT : VectorShape.S_64_BIT);

  private ByteSigns() {}

  static boolean fits(int signs) {
    return L >= 8 && signs >= LARGE;
  }

  /**
   * One row: y(n) = sum over k of code(k) * sign(k, n).
   *
   * @param columns a multiple of four vectors
   * @param signs in {@link Panels} of four vectors
   */
  static void multiply(
      int inputs, int columns, float[] codes, int at, byte[] signs, float[] y, int to) {
    for (int n = 0; n < columns; n += 4 * L) {
      panel(inputs, codes, at, signs, n * inputs, y, to + n);
    }
  }

  private static void panel(
      int inputs, float[] codes, int at, byte[] signs, int from, float[] y, int to) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int k = 0; k < inputs; k++) {
      FloatVector code = FloatVector.broadcast(F, codes[at + k]);
      int next = from + k * 4 * L;
      a = floats(signs, next).fma(code, a);
      b = floats(signs, next + L).fma(code, b);
      c = floats(signs, next + 2 * L).fma(code, c);
      d = floats(signs, next + 3 * L).fma(code, d);
    }
    a.intoArray(y, to);
    b.intoArray(y, to + L);
    c.intoArray(y, to + 2 * L);
    d.intoArray(y, to + 3 * L);
  }

  private static FloatVector floats(byte[] signs, int at) {
    return (FloatVector) ByteVector.fromArray(B, signs, at).convertShape(VectorOperators.B2F, F, 0);
  }
}
