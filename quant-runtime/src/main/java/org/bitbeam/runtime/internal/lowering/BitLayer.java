package org.bitbeam.runtime.internal.lowering;

/**
 * A BitLinear layer found in a graph: rows of {@code input} are quantised to int8 by their largest
 * magnitude, multiplied by ternary or binary weights, scaled, shifted (specs/models.md section 1).
 *
 * @param name of the product's node, for people
 * @param input value whose rows are quantised
 * @param output value that is produced
 * @param quantiser how rows are quantised
 * @param weights signs and scale
 * @param bias one number per output; zeros if there is none
 */
public record BitLayer(
    String name,
    String input,
    String output,
    RowQuantiser quantiser,
    TernaryWeights weights,
    float[] bias) {

  /**
   * How a row becomes codes: g from the largest magnitude m, then round half to even of x * g.
   *
   * @param reciprocal whether g is {@code (1 / m) * 127} and not {@code 127 / m}: they differ by an
   *     ulp
   * @param epsilon least m
   */
  public record RowQuantiser(boolean reciprocal, float epsilon) {
    /** Factor of a row with that largest magnitude. */
    public float factor(float max) {
      float m = Math.max(max, epsilon);
      return reciprocal ? (1f / m) * 127f : 127f / m;
    }
  }
}
