package org.bitbeam.physics.calo;

import java.util.Arrays;

/**
 * Bespoke solvers (Shaul et al., arXiv 2310.19075; specs/models.md 5.5): Euler or midpoint steps of
 * length h = 1 / n in a learned time r with t = t(r), for the learned scaling s(r) x of the state.
 *
 * <p>Euler has its grids at r = 0, h, 2 h, ...: n + 1 times and scales, n rates (derivatives by r).
 * Midpoint has them at half steps: 2 n + 1 times and scales, 2 n rates. With t = r and s = 1 they
 * are the plain methods.
 */
final class Bespoke implements OdeSolver {
  private final boolean midpoint;
  private final double[] times;
  private final double[] timeRates;
  private final double[] scales;
  private final double[] scaleRates;

  Bespoke(
      boolean midpoint, double[] times, double[] timeRates, double[] scales, double[] scaleRates) {
    int points = times.length;
    if (points < 2
        || (midpoint && points % 2 == 0)
        || scales.length != points
        || timeRates.length != points - 1
        || scaleRates.length != points - 1) {
      throw new IllegalArgumentException(
          "a bespoke solver with "
              + points
              + " times, "
              + timeRates.length
              + " timeRates, "
              + scales.length
              + " scales and "
              + scaleRates.length
              + " scaleRates, expected n + 1, n, n + 1, n"
              + (midpoint ? " with an even n" : ""));
    }
    checkTimes(times, 1);
    if (times[points - 1] < 1 - 1e-6) {
      throw new IllegalArgumentException("times end before 1: " + Arrays.toString(times));
    }
    if (!Arrays.stream(scales).allMatch(s -> s > 0)) {
      throw new IllegalArgumentException("scales are not all positive: " + Arrays.toString(scales));
    }
    this.midpoint = midpoint;
    this.times = times.clone();
    this.timeRates = timeRates.clone();
    this.scales = scales.clone();
    this.scaleRates = scaleRates.clone();
  }

  /** Checks that times ascend from 0 to {@code last} at most. */
  static void checkTimes(double[] times, double last) {
    for (int i = 0; i < times.length; i++) {
      if (!(times[i] >= (i == 0 ? 0 : times[i - 1]) && times[i] <= last + 1e-6)
          || (i == 0 && times[0] != 0)) {
        throw new IllegalArgumentException(
            "times do not ascend from 0 to 1: " + Arrays.toString(times));
      }
    }
  }

  @Override
  public int[] solve(Velocity velocity, double[] states, int rows) {
    int[] all = RungeKutta.all(rows);
    double[] at = new double[rows];
    double[] v = new double[states.length];
    double[] z = new double[states.length];
    int points = times.length - 1;
    int stride = midpoint ? 2 : 1;
    double h = (double) stride / points;
    for (int i = 0; i < points; i += stride) {
      Arrays.fill(at, times[i]);
      velocity.at(all, at, states, v);
      double half = midpoint ? h / 2 : h;
      // d(s x)/dr = s' x + s t' v: an Euler step of s x
      for (int j = 0; j < states.length; j++) {
        z[j] =
            (scales[i] + half * scaleRates[i]) * states[j] + half * timeRates[i] * scales[i] * v[j];
      }
      double before = scales[i];
      double after = scales[i + stride];
      if (!midpoint) {
        for (int j = 0; j < states.length; j++) {
          states[j] = z[j] / after;
        }
        continue;
      }
      int m = i + 1;
      for (int j = 0; j < z.length; j++) {
        z[j] /= scales[m];
      }
      Arrays.fill(at, times[m]);
      velocity.at(all, at, z, v);
      for (int j = 0; j < states.length; j++) {
        double rate = scaleRates[m] * z[j] + timeRates[m] * scales[m] * v[j];
        states[j] = (before * states[j] + h * rate) / after;
      }
    }
    int[] evaluations = new int[rows];
    Arrays.fill(evaluations, points);
    return evaluations;
  }

  @Override
  public String toString() {
    return "bespoke " + (midpoint ? "midpoint, " : "euler, ") + (times.length - 1) + " evaluations";
  }
}
