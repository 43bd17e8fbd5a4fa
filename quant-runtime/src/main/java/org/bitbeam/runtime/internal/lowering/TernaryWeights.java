package org.bitbeam.runtime.internal.lowering;

import java.util.Arrays;
import java.util.Optional;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/**
 * A matrix of signs with a scale per output, mostly the same for all: weight (n, k) is {@code
 * betas[n] * signs[n * inputs + k]}. Nobody changes the arrays.
 *
 * @param inputs K
 * @param outputs N
 * @param signs -1, 0 or +1, one row of K per output
 * @param betas N scales; not negative
 */
public record TernaryWeights(int inputs, int outputs, byte[] signs, float[] betas) {
  private static final float TOLERANCE = 1e-5f;

  /** The scale of all outputs, or of the first one. */
  public float beta() {
    return betas.length == 0 ? 0 : betas[0];
  }

  /** Whether all outputs have the same scale. */
  public boolean isUniform() {
    for (float beta : betas) {
      if (beta != betas[0]) {
        return false;
      }
    }
    return true;
  }

  /** Whether no weight is zero. */
  public boolean isBinary() {
    for (byte sign : signs) {
      if (sign == 0) {
        return false;
      }
    }
    return true;
  }

  /** Number of weights that are not zero: additions and subtractions per row. */
  public int nonZero() {
    int count = 0;
    for (byte sign : signs) {
      count += sign == 0 ? 0 : 1;
    }
    return count;
  }

  /**
   * Reads signs and scale off a matrix whose weights are all within 1e-5 of 0 or of plus or minus
   * the largest magnitude (the noise that {@code w + (q - w)} leaves). The scale is the median
   * magnitude of the others. Where that fails, each output may have a scale of its own: exporters
   * fold a following normalisation into the weights.
   *
   * @param matrix two axes
   * @param outputsFirst whether its shape is (N, K) and not (K, N)
   */
  static Optional<TernaryWeights> of(FloatArray matrix, boolean outputsFirst) {
    int outputs = matrix.shape()[outputsFirst ? 0 : 1];
    int inputs = matrix.shape()[outputsFirst ? 1 : 0];
    float[] byOutput = matrix.values();
    if (!outputsFirst) {
      byOutput = new float[matrix.size()];
      for (int n = 0; n < outputs; n++) {
        for (int k = 0; k < inputs; k++) {
          byOutput[n * inputs + k] = matrix.values()[k * outputs + n];
        }
      }
    }
    byte[] signs = new byte[byOutput.length];
    float[] betas = new float[outputs];
    float common = read(byOutput, 0, byOutput.length, signs);
    if (!Float.isNaN(common)) {
      Arrays.fill(betas, common);
      return Optional.of(new TernaryWeights(inputs, outputs, signs, betas));
    }
    for (int n = 0; n < outputs; n++) {
      betas[n] = read(byOutput, n * inputs, inputs, signs);
      if (Float.isNaN(betas[n])) {
        return Optional.empty();
      }
    }
    return Optional.of(new TernaryWeights(inputs, outputs, signs, betas));
  }

  /**
   * Writes the signs of a stretch of weights and returns their scale, NaN if they have no common
   * one.
   */
  private static float read(float[] weights, int at, int size, byte[] signs) {
    float max = 0;
    for (int i = at; i < at + size; i++) {
      if (!(Math.abs(weights[i]) <= Float.MAX_VALUE)) {
        return Float.NaN;
      }
      max = Math.max(max, Math.abs(weights[i]));
    }
    float[] magnitudes = new float[size];
    int count = 0;
    for (int i = at; i < at + size; i++) {
      float magnitude = Math.abs(weights[i]);
      if (magnitude <= TOLERANCE * max) {
        signs[i] = 0;
      } else if (max - magnitude <= TOLERANCE * max) {
        signs[i] = (byte) Math.signum(weights[i]);
        magnitudes[count++] = magnitude;
      } else {
        return Float.NaN;
      }
    }
    float[] sorted = Arrays.copyOf(magnitudes, count);
    Arrays.sort(sorted);
    return count == 0 ? 0 : sorted[count / 2];
  }
}
