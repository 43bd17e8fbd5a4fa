package org.bitbeam.training;

import java.util.Map;
import java.util.Objects;

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) as PyTorch defines it, betas 0.9 and 0.999,
 * epsilon 1e-8; weight decay acts on every parameter. Moments are kept in single precision, a step
 * is computed in double.
 */
final class AdamW {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double weightDecay;
  private final Parameters first;
  private final Parameters second;
  private long steps;

  AdamW(Parameters parameters, double weightDecay) {
    this(weightDecay, parameters.zeros(), parameters.zeros(), 0);
  }

  /** Continues. */
  AdamW(double weightDecay, Parameters first, Parameters second, long steps) {
    this.weightDecay = weightDecay;
    this.first = first;
    this.second = second;
    this.steps = steps;
  }

  Parameters first() {
    return first;
  }

  Parameters second() {
    return second;
  }

  long steps() {
    return steps;
  }

  /** A step. */
  void step(Parameters parameters, Map<String, float[]> gradients, double learningRate) {
    steps++;
    double correction1 = 1 - Math.pow(BETA1, steps);
    double correction2 = Math.sqrt(1 - Math.pow(BETA2, steps));
    for (Parameter parameter : parameters.trained()) {
      float[] w = parameter.values();
      float[] g = Objects.requireNonNull(gradients.get(parameter.name()));
      float[] m = first.get(parameter.name()).values();
      float[] v = second.get(parameter.name()).values();
      for (int i = 0; i < w.length; i++) {
        m[i] = (float) (BETA1 * m[i] + (1 - BETA1) * g[i]);
        v[i] = (float) (BETA2 * v[i] + (1 - BETA2) * g[i] * g[i]);
        double decayed = w[i] * (1 - learningRate * weightDecay);
        double size = Math.sqrt(v[i]) / correction2 + EPSILON;
        w[i] = (float) (decayed - learningRate / correction1 * m[i] / size);
      }
    }
  }
}
