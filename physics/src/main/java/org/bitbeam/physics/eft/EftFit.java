package org.bitbeam.physics.eft;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * Finds the largest likelihood by Newton steps with a trust radius (Nocedal and Wright, Numerical
 * Optimization, section 4.3, with the step from the eigenvectors of the second derivatives). Each
 * step goes through all events once, with exact sums: results do not depend on how the events are
 * split.
 */
public final class EftFit {
  private static final int MAX_PASSES = 200;
  private static final double TOLERANCE = 1e-9;
  private static final double FIRST_RADIUS = 1;

  private EftFit() {}

  /**
   * Maximises.
   *
   * @param start where to begin, such as the Standard Model or the best point of a grid
   * @param pass goes through all events for the sums at points
   */
  public static EftEstimate maximise(
      double[] start, Function<List<double[]>, LikelihoodSums> pass) {
    double[] origin = new double[start.length];
    LikelihoodSums sums = pass.apply(List.of(origin, start));
    double reference = sums.logLikelihood(0);
    double[] at = start.clone();
    double best = sums.logLikelihood(1);
    double[] gradient = sums.gradient(1);
    double[][] hessian = sums.hessian(1);
    double radius = FIRST_RADIUS;
    int passes = 1;
    boolean converged = false;
    while (passes < MAX_PASSES && !converged) {
      double[] step = step(gradient, hessian, radius);
      double expected = gain(gradient, hessian, step);
      if (!(expected > TOLERANCE * 1e-3)) {
        converged = curvedDown(hessian);
        break;
      }
      double[] next = at.clone();
      for (int i = 0; i < next.length; i++) {
        next[i] += step[i];
      }
      LikelihoodSums there = pass.apply(List.of(next));
      passes++;
      double gained = there.logLikelihood(0) - best;
      if (gained > 0) {
        at = next;
        best = there.logLikelihood(0);
        gradient = there.gradient(0);
        hessian = there.hessian(0);
        converged = expected < TOLERANCE && curvedDown(hessian);
      } else if (expected < TOLERANCE) {
        converged = curvedDown(hessian); // rounding is all that is left
        break;
      }
      double share = gained / expected;
      if (share < 0.25) {
        radius = 0.25 * norm(step);
      } else if (share > 0.75) {
        radius = Math.max(radius, 2 * norm(step));
      }
    }
    return new EftEstimate(
        sums.basis().operators(), at, covariance(hessian), best - reference, converged, passes);
  }

  /** Inverse of the negative second derivatives; all NaN where they are not negative definite. */
  static double[][] covariance(double[][] hessian) {
    EigenDecompositionSymmetric eigen = eigen(hessian);
    double[] values = eigen.getEigenvalues();
    int n = values.length;
    double[][] covariance = new double[n][n];
    for (double[] row : covariance) {
      Arrays.fill(row, curvedDown(hessian) ? 0 : Double.NaN);
    }
    for (int k = 0; k < n; k++) {
      RealVector v = eigen.getEigenvector(k);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          covariance[i][j] -= v.getEntry(i) * v.getEntry(j) / values[k];
        }
      }
    }
    return covariance;
  }

  private static boolean curvedDown(double[][] hessian) {
    return Arrays.stream(eigen(hessian).getEigenvalues()).allMatch(value -> value < 0);
  }

  private static EigenDecompositionSymmetric eigen(double[][] hessian) {
    return new EigenDecompositionSymmetric(new Array2DRowRealMatrix(hessian));
  }

  /**
   * The step of at most that length that gains most in the quadratic model, up to saddle points.
   */
  private static double[] step(double[] gradient, double[][] hessian, double radius) {
    EigenDecompositionSymmetric eigen = eigen(hessian);
    double[] values = eigen.getEigenvalues();
    RealMatrix vectors = eigen.getV();
    RealVector slopes = vectors.transpose().operate(new ArrayRealVector(gradient));
    double low = Math.max(0, Arrays.stream(values).max().orElse(0));
    double[] free = shifted(slopes, values, low == 0 ? 0 : low * (1 + 1e-12));
    if (low > 0 || !(norm(free) <= radius)) {
      // Find the shift whose step has the length of the radius.
      double high = low + slopes.getNorm() / radius;
      for (int i = 0; i < 100 && high - low > 1e-12 * high; i++) {
        double middle = 0.5 * (low + high);
        if (norm(shifted(slopes, values, middle)) > radius) {
          low = middle;
        } else {
          high = middle;
        }
      }
      free = shifted(slopes, values, high);
    }
    return vectors.operate(free);
  }

  private static double[] shifted(RealVector slopes, double[] values, double shift) {
    double[] step = new double[values.length];
    for (int i = 0; i < step.length; i++) {
      step[i] = slopes.getEntry(i) == 0 ? 0 : slopes.getEntry(i) / (shift - values[i]);
    }
    return step;
  }

  private static double gain(double[] gradient, double[][] hessian, double[] step) {
    double gain = 0;
    for (int i = 0; i < step.length; i++) {
      gain += gradient[i] * step[i];
      for (int j = 0; j < step.length; j++) {
        gain += 0.5 * step[i] * hessian[i][j] * step[j];
      }
    }
    return gain;
  }

  private static double norm(double[] step) {
    double sum = 0;
    for (double s : step) {
      sum += s * s;
    }
    return Math.sqrt(sum);
  }
}
