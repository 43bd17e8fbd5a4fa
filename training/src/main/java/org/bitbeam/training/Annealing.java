package org.bitbeam.training;

/**
 * Weights on their way to ternary ones: piecewise-affine maps that begin as the identity and get
 * steeper between the three values until they are steps (PARQ, arXiv 2503.15748; the cosine of the
 * way is ours). Gradients are those at the mapped weights, as with the straight-through estimator,
 * which is the end of the way.
 */
final class Annealing {
  private Annealing() {}

  /**
   * Inverse of the slope: 1 at the first step, 0 from the last one on.
   *
   * @param done steps before this one
   * @param steps of the way
   */
  static double softness(long done, double steps) {
    return done >= steps ? 0 : (1 + Math.cos(Math.PI * done / steps)) / 2;
  }

  /**
   * Weights between what they are (softness 1) and what they are quantised to (0).
   *
   * @param quantised the same, each -beta, 0 or beta
   */
  static float[] soften(float[] weights, float[] quantised, double softness) {
    double beta = 0;
    for (float q : quantised) {
      beta = Math.max(beta, Math.abs(q));
    }
    float[] soft = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      double distance = weights[i] - (double) quantised[i];
      boolean isOutside = Math.abs(weights[i]) > beta;
      double flat = isOutside ? 0 : beta / 2 * (1 - softness);
      double left = Math.max(0, Math.abs(distance) - flat);
      double slope = isOutside ? softness : 1 / softness;
      soft[i] = (float) (quantised[i] + Math.signum(distance) * left * slope);
    }
    return soft;
  }
}
