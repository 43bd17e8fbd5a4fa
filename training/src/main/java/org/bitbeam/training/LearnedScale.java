package org.bitbeam.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.WeightQuantiser;

/**
 * Scales of ternary weights that are trained ({@link LayerPrecision#TERNARY_LEARNED}). The gradient
 * is that of LSQ (arXiv 1902.08153) for levels -1, 0 and 1. What is trained is the logarithm of the
 * scale over the weights' mean magnitude: it begins at 0, where the layer is a {@link
 * LayerPrecision#TERNARY} one, and the scale stays positive. Weights keep the straight-through
 * gradient of the other ternary layers, where LSQ gives none to those beyond the scale.
 */
final class LearnedScale {
  /** Behind the name of the layer: the parameter, one number. */
  static final String SUFFIX = ".scale";

  private LearnedScale() {}

  static boolean has(Plan plan, String layer) {
    return plan.of(layer) == LayerPrecision.TERNARY_LEARNED;
  }

  /** The scale of weights. */
  static float of(float[] weights, float logarithm) {
    return (float) (WeightQuantiser.meanMagnitude(weights) * Math.exp(logarithm));
  }

  /** Scales of a network's layers, by the names of their nodes. */
  static Map<String, Float> of(Map<String, String> layers, Parameters parameters, Plan plan) {
    Map<String, Float> scales = new LinkedHashMap<>();
    layers.forEach(
        (node, layer) -> {
          if (has(plan, layer)) {
            float[] weights = parameters.get(layer + ".weight").values();
            scales.put(node, of(weights, parameters.get(layer + SUFFIX).values()[0]));
          }
        });
    return scales;
  }

  /**
   * Derivative by the logarithm: the scale times the sum of {@code dL/dw' (round(w/s) - w/s)}, or
   * of {@code dL/dw'} times the sign of w where its magnitude is at least s, over the root of the
   * number of weights.
   *
   * @param gradients by the quantised weights w'
   */
  static float gradient(float[] weights, float scale, float[] gradients) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      double level = (double) weights[i] / scale;
      double slope = Math.abs(level) < 1 ? Math.rint(level) - level : Math.signum(level);
      sum += gradients[i] * slope;
    }
    return (float) (scale * sum / Math.sqrt(weights.length));
  }
}
