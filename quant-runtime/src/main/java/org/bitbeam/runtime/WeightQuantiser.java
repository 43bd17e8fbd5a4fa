package org.bitbeam.runtime;

import java.util.Arrays;

/**
 * Weights of a layer as they count when it is quantised (SciPost Phys. 20, 038): the same numbers
 * when a trained network is quantised and while one is trained for it. Sums run in double precision
 * and are rounded once.
 */
public final class WeightQuantiser {
  private static final float LEAST_BETA = 1e-8f;

  private WeightQuantiser() {}

  /**
   * Effective weights: {@code beta * code} for ternary ({@code beta} = mean or median |w|, of one
   * that is learnt the mean; code = round(w / beta) within -1 to 1, half to even) and binary layers
   * (code = sign of w - mean), {@code scale * code} with a scale per output for int8.
   *
   * @param weights by input, then output; not changed
   * @param outputs number of outputs
   * @return a new array
   */
  public static float[] quantise(float[] weights, int outputs, LayerPrecision precision) {
    float[] effective = new float[weights.length];
    switch (precision) {
      case FLOAT -> {
        return weights.clone();
      }
      case INT8 -> {
        float[] scales = int8Scales(weights, outputs);
        for (int i = 0; i < weights.length; i++) {
          float scale = scales[i % outputs];
          effective[i] = scale * (float) Math.rint((double) weights[i] / scale);
        }
      }
      case TERNARY, TERNARY_LEARNED -> {
        return ternary(weights, meanMagnitude(weights));
      }
      case TERNARY_MEDIAN -> {
        return ternary(weights, median(weights));
      }
      case BINARY -> {
        float beta = meanMagnitude(weights);
        double sum = 0;
        for (float weight : weights) {
          sum += weight;
        }
        float alpha = (float) (sum / weights.length);
        for (int i = 0; i < weights.length; i++) {
          effective[i] = beta * Math.signum(weights[i] - alpha);
        }
      }
    }
    return effective;
  }

  /**
   * Effective weights of a ternary layer: {@code scale * round(w / scale)} within -scale to scale,
   * half to even.
   *
   * @param scale above 0
   * @return a new array
   */
  public static float[] ternary(float[] weights, float scale) {
    float[] effective = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      float sign = Math.max(-1, Math.min(1, (float) Math.rint(weights[i] / scale)));
      effective[i] = scale * sign;
    }
    return effective;
  }

  /**
   * Scales of int8 weights, one per output: largest magnitude / 127, or 1 if all are zero.
   *
   * @param weights by input, then output
   */
  public static float[] int8Scales(float[] weights, int outputs) {
    float[] scales = new float[outputs];
    for (int i = 0; i < weights.length; i++) {
      int n = i % outputs;
      scales[n] = Math.max(scales[n], Math.abs(weights[i]));
    }
    for (int n = 0; n < scales.length; n++) {
      scales[n] = scales[n] == 0 ? 1 : scales[n] / 127;
    }
    return scales;
  }

  private static float median(float[] weights) {
    float[] magnitudes = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      magnitudes[i] = Math.abs(weights[i]);
    }
    Arrays.sort(magnitudes);
    return Math.max(magnitudes[(magnitudes.length - 1) / 2], LEAST_BETA); // PyTorch's median
  }

  /** Mean magnitude of weights, or 1e-8 if it is less. */
  public static float meanMagnitude(float[] weights) {
    double sum = 0;
    for (float weight : weights) {
      sum += Math.abs(weight);
    }
    return Math.max((float) (sum / weights.length), LEAST_BETA);
  }
}
