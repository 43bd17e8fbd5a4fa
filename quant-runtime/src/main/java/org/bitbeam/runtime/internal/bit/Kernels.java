package org.bitbeam.runtime.internal.bit;

/**
 * Inner loops on rows of float arrays. Every implementation returns the same bits: products are
 * chains of fused multiply-adds in the order of k, sums over a row go to 16 lanes (element i to
 * lane i mod 16) that are added as a tree, elementary functions are those of {@link FloatMath}.
 * Stateless.
 */
interface Kernels {
  /** Short name for logs and benchmark results, such as {@code scalar} or {@code vector-512}. */
  String name();

  /** Columns of the widest {@link Panels panel} that products read: a multiple of 16 by 2^i. */
  int panel();

  /**
   * c(m, n) = fma(a(m, K-1), b(K-1, n), ... fma(a(m, 0), b(0, n), c(m, n))).
   *
   * @param columns a multiple of {@link #LANES}
   * @param aAt where a begins; its rows are {@code aRow} apart; so for c
   * @param b the right side in {@link Panels} of at most {@link #panel} columns
   */
  void multiplyAdd(
      int rows,
      int inner,
      int columns,
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cRow);

  /** Elements of the working memory that the kernels overwrite. */
  int WORK = 512 + 16;

  /**
   * x(i) = f(x(i)) for {@code count} elements.
   *
   * @param work at least {@link #WORK} elements, overwritten
   */
  void apply(Activation activation, float alpha, float[] x, int at, int count, float[] work);

  /** Rows with whole vectors at every width are this many elements long, or a multiple. */
  int LANES = 16;

  /** The next multiple of {@link #LANES}. */
  static int padded(int count) {
    return (count + LANES - 1) / LANES * LANES;
  }

  /**
   * One row in place: exp(x - max) over its sum, {@link FloatMath#expOrZero}. The elements up to
   * the {@link #padded} length belong to the row and become zero.
   */
  void softmax(float[] x, int at, int count, float[] work);

  /** One row: (x - mean) / sqrt(variance + epsilon) * scale + shift. */
  void layerNorm(
      float[] x,
      int at,
      int count,
      float[] scale,
      float[] shift,
      float epsilon,
      float[] y,
      int to,
      float[] work);

  /** Sum of a row. */
  float sum(float[] x, int at, int count, float[] work);

  /** Largest magnitude of a row; infinity or NaN if there is one in it. */
  float largest(float[] x, int at, int count);

  /** codes(i) = round half to even of x(i) * factor, exact while that is below 2^22. */
  void quantise(float[] x, int at, int count, float factor, float[] codes, int to);

  /** y(n) = fma(y(n), scale, bias(n)). */
  void scaleShift(float[] y, int at, int count, float scale, float[] bias, int biasAt);

  /** y(i) = a(i) and b(i), put together; {@code y} is none of them. */
  void combine(Pair pair, float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count);

  /** y(i) = a(i) where mask(i) is not zero, else b(i); {@code y} is none of them. */
  void select(
      float[] mask,
      int maskAt,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] y,
      int to,
      int count);

  /** Columns that a sign matrix is filled up to: a multiple of {@link #LANES}. */
  default int wide(int outputs) {
    return padded(outputs);
  }

  /** The form of a sign matrix that {@link #multiplyCodes} wants. */
  default SignMatrix signs(float[] signs, int inputs, int wide) {
    float[] panels = Panels.of(this, inputs, wide, signs, wide);
    return new SignMatrix(inputs, wide, panels, new short[0], new long[0], new byte[0]);
  }

  /**
   * Exact sums of integer codes times signs: y(m, n) = sum over k of code(m, k) * sign(k, n). Float
   * arithmetic is exact here, since codes are at most 127 and sums stay below 2^24.
   *
   * @param codes rows of K codes, -127 to 127
   */
  default void multiplyCodes(int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    int inputs = matrix.inputs();
    int wide = matrix.wide();
    java.util.Arrays.fill(y, to, to + rows * wide, 0);
    multiplyAdd(rows, inputs, wide, codes, 0, inputs, matrix.signs(), 0, y, to, wide);
  }

  /** The same by table lookups; only for a matrix that has a table. */
  default void lookUpCodes(
      Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    throw new UnsupportedOperationException(name() + " have no lookups");
  }

  /** The same by tables of many rows; only for a matrix that has words. */
  default void tabulateCodes(
      Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    throw new UnsupportedOperationException(name() + " have no tables");
  }
}
