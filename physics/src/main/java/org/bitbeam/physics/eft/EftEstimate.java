package org.bitbeam.physics.eft;

import java.util.List;

/**
 * An estimate of the Wilson coefficients.
 *
 * @param operators their names
 * @param values where the likelihood is largest
 * @param covariance inverse of the negative second derivatives there, n x n; NaN where the
 *     likelihood is not curved downwards
 * @param logLikelihood largest log-likelihood minus that of the Standard Model
 * @param converged whether a maximum was found
 * @param passes how often the events were gone through
 */
public record EftEstimate(
    List<String> operators,
    double[] values,
    double[][] covariance,
    double logLikelihood,
    boolean converged,
    int passes) {

  /** Standard deviation of a coefficient. */
  public double error(int i) {
    return Math.sqrt(covariance[i][i]);
  }
}
