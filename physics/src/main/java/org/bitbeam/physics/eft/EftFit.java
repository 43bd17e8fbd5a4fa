package org.bitbeam.physics.eft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
  private static final int PROBES = 12; // on each ray, each twice as far as the one before
  private static final int MAX_STARTS = 6;

  private EftFit() {}

  /**
   * Looks for all maxima: quadratic terms make likelihoods that often have a second one, where
   * interference and square trade places. The likelihood is probed on rays from the Standard Model
   * and from the first maximum, along each operator and each axis of the error ellipse, at 3 to
   * 6,144 standard deviations to both sides (two passes through the events); where it rises again,
   * another search begins, at most six.
   *
   * @param start where to begin
   * @param pass goes through all events for the sums at points
   * @return the maxima found, largest likelihood first; at least one
   */
  public static List<EftEstimate> maxima(
      double[] start, Function<List<double[]>, LikelihoodSums> pass) {
    return maxima(start, pass, pass);
  }

  /**
   * The same, where the many points of the rays are taken without derivatives.
   *
   * @param values goes through all events for {@link LikelihoodSums#ofValues} at points
   */
  public static List<EftEstimate> maxima(
      double[] start,
      Function<List<double[]>, LikelihoodSums> pass,
      Function<List<double[]>, LikelihoodSums> values) {
    EftEstimate first = maximise(start, pass);
    List<EftEstimate> found = new ArrayList<>(List.of(first));
    double[] origin = new double[start.length];
    double[][] information = pass.apply(List.of(origin)).fisherInformation(0);
    for (double[] row : information) {
      for (int i = 0; i < row.length; i++) {
        row[i] = -row[i];
      }
    }
    double[][] scale = covariance(information);
    List<double[]> probes = new ArrayList<>();
    addRays(origin, scale, probes);
    addRays(first.values(), first.covariance(), probes);
    LikelihoodSums sums = values.apply(probes);
    for (double[] next : starts(probes, sums)) {
      EftEstimate other = maximise(next, pass);
      if (other.converged() && found.stream().noneMatch(known -> same(known, other))) {
        found.add(other);
      }
    }
    // Where only squares count the likelihood tends to a bound: a search that runs off is no
    // maximum.
    List<EftEstimate> near = found.stream().filter(estimate -> isNear(estimate, scale)).toList();
    if (!near.isEmpty()) {
      found = new ArrayList<>(near);
    }
    found.sort(Comparator.comparingDouble(EftEstimate::logLikelihood).reversed());
    return List.copyOf(found);
  }

  /** Along each operator and each axis of the ellipse; none where there is no ellipse. */
  private static void addRays(double[] from, double[][] covariance, List<double[]> probes) {
    int n = covariance.length;
    if (Double.isNaN(covariance[0][0])) {
      return;
    }
    List<double[]> directions = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double[] direction = new double[n];
      direction[i] = Math.sqrt(covariance[i][i]);
      directions.add(direction);
    }
    if (n > 1) {
      EigenDecompositionSymmetric eigen = eigen(covariance);
      for (int k = 0; k < n; k++) {
        double deviation = Math.sqrt(eigen.getEigenvalues()[k]);
        directions.add(eigen.getEigenvector(k).mapMultiply(deviation).toArray());
      }
    }
    for (double[] direction : directions) {
      for (int sign = -1; sign <= 1; sign += 2) {
        for (int k = 0; k < PROBES; k++) {
          double[] probe = from.clone();
          for (int i = 0; i < probe.length; i++) {
            probe[i] += sign * 3 * (1 << k) * direction[i];
          }
          probes.add(probe);
        }
      }
    }
  }

  /**
   * Probes between lower ones on their ray; the likelihood that rises to its end has a bound there.
   */
  private static List<double[]> starts(List<double[]> probes, LikelihoodSums sums) {
    List<Integer> risen = new ArrayList<>();
    for (int p = 0; p < probes.size(); p++) {
      int k = p % PROBES;
      if (k > 0
          && k < PROBES - 1
          && sums.logLikelihood(p) > sums.logLikelihood(p - 1)
          && sums.logLikelihood(p) >= sums.logLikelihood(p + 1)) {
        risen.add(p);
      }
    }
    return risen.stream()
        .sorted(Comparator.comparingDouble((Integer p) -> sums.logLikelihood(p)).reversed())
        .limit(MAX_STARTS)
        .map(probes::get)
        .toList();
  }

  private static boolean isNear(EftEstimate estimate, double[][] scale) {
    for (int i = 0; i < scale.length; i++) {
      if (Math.abs(estimate.values()[i]) > 6 * (1 << PROBES) * Math.sqrt(scale[i][i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(EftEstimate a, EftEstimate b) {
    for (int i = 0; i < a.values().length; i++) {
      double error = Math.min(a.error(i), b.error(i));
      if (Math.abs(a.values()[i] - b.values()[i]) > 0.01 * error) {
        return false;
      }
    }
    return true;
  }

  /**
   * Maximises from one point; ends in the maximum whose slope it is on.
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
