package org.bitbeam.physics.metrics;

import java.util.Arrays;

/**
 * Quality of an angle regression (specs/models.md section 6; SciPost Phys. 20, 038): residual =
 * estimate minus truth, in radians. Pure functions.
 */
public final class EftMetrics {
  private EftMetrics() {}

  /** The angle from -pi to pi that differs by full turns. */
  public static double wrap(double angle) {
    double wrapped = Math.IEEEremainder(angle, 2 * Math.PI);
    return wrapped == -Math.PI ? Math.PI : wrapped;
  }

  /** The angle from -pi/2 to pi/2 that differs by half turns. */
  public static double wrapHalf(double angle) {
    double wrapped = Math.IEEEremainder(angle, Math.PI);
    return wrapped == -Math.PI / 2 ? Math.PI / 2 : wrapped;
  }

  /** Mean of sin^2 of the residuals: the loss SMEFTNet is trained on; 0.5 for random angles. */
  public static double meanSinSquared(double[] estimate, double[] truth) {
    check(estimate, truth);
    double sum = 0;
    for (int i = 0; i < estimate.length; i++) {
      double sin = StrictMath.sin(estimate[i] - truth[i]);
      sum += sin * sin;
    }
    return sum / estimate.length;
  }

  /** Residuals modulo half turns, from -pi/2 to pi/2. */
  public static double[] residuals(double[] estimate, double[] truth) {
    check(estimate, truth);
    double[] residuals = new double[estimate.length];
    Arrays.setAll(residuals, i -> wrapHalf(estimate[i] - truth[i]));
    return residuals;
  }

  /**
   * Counts in equal bins; values outside are left out.
   *
   * @param bins the paper's figure has 70, its separation power 100, both from -pi to pi
   */
  public static double[] histogram(double[] values, double from, double to, int bins) {
    double[] counts = new double[bins];
    for (double value : values) {
      int bin = (int) Math.floor((value - from) / (to - from) * bins);
      if (value == to) {
        bin = bins - 1;
      }
      if (bin >= 0 && bin < bins && value >= from) {
        counts[bin]++;
      }
    }
    return counts;
  }

  /**
   * Separation power of two histograms of the same bins: 0.5 * sum of (p - q)^2 / (p + q), p and q
   * normalised to a sum of 1; from 0 (equal) to 1 (disjoint).
   */
  public static double separationPower(double[] first, double[] second) {
    check(first, second);
    double sumP = Arrays.stream(first).sum();
    double sumQ = Arrays.stream(second).sum();
    double sum = 0;
    for (int i = 0; i < first.length; i++) {
      double p = first[i] / sumP;
      double q = second[i] / sumQ;
      sum += p + q == 0 ? 0 : (p - q) * (p - q) / (p + q);
    }
    return 0.5 * sum;
  }

  /**
   * The same sum over densities instead of probabilities, as the authors' notebook has it: the
   * proper value divided by the bin width.
   */
  public static double separationPowerOfDensities(
      double[] first, double[] second, double binWidth) {
    return separationPower(first, second) / binWidth;
  }

  /** 1-Wasserstein distance of two samples: the area between their cumulative distributions. */
  public static double wasserstein(double[] first, double[] second) {
    double[] a = first.clone();
    double[] b = second.clone();
    Arrays.sort(a);
    Arrays.sort(b);
    double area = 0;
    int i = 0;
    int j = 0;
    double at = Math.min(a[0], b[0]);
    while (i < a.length || j < b.length) {
      double next = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
      area += (next - at) * Math.abs((double) i / a.length - (double) j / b.length);
      at = next;
      while (i < a.length && a[i] == next) {
        i++;
      }
      while (j < b.length && b[j] == next) {
        j++;
      }
    }
    return area;
  }

  private static void check(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          first.length + " and " + second.length + " values, expected as many");
    }
  }
}
