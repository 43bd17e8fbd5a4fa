package org.bitbeam.physics.calo;

import java.util.Arrays;

/**
 * Non-stationary solvers (Shaul et al., arXiv 2403.01329; specs/models.md 5.5): x_(i+1) = a_i x_0 +
 * sum over j up to i of b_ij v(t_j, x_j), with learned times t_i and numbers a_i, b_ij. One
 * evaluation a step.
 */
final class NonStationary implements OdeSolver {
  private final double[] times;
  private final double[] start;
  private final double[][] velocities;

  /**
   * A solver of n steps.
   *
   * @param times t_0 to t_(n-1)
   * @param start a_0 to a_(n-1)
   * @param velocities row i has b_i0 to b_ii
   */
  NonStationary(double[] times, double[] start, double[][] velocities) {
    if (times.length == 0 || start.length != times.length || velocities.length != times.length) {
      throw new IllegalArgumentException(
          "a non-stationary solver with "
              + times.length
              + " times, "
              + start.length
              + " start and "
              + velocities.length
              + " velocities, expected as many of each");
    }
    for (int i = 0; i < velocities.length; i++) {
      if (velocities[i].length != i + 1) {
        throw new IllegalArgumentException(
            "velocities[" + i + "] has " + velocities[i].length + " numbers, expected " + (i + 1));
      }
    }
    Bespoke.checkTimes(times, 1);
    this.times = times.clone();
    this.start = start.clone();
    this.velocities = Arrays.stream(velocities).map(double[]::clone).toArray(double[][]::new);
  }

  @Override
  public int[] solve(Velocity velocity, double[] states, int rows) {
    int[] all = RungeKutta.all(rows);
    double[] at = new double[rows];
    double[] first = states.clone();
    double[][] v = new double[times.length][states.length];
    for (int i = 0; i < times.length; i++) {
      Arrays.fill(at, times[i]);
      velocity.at(all, at, states, v[i]);
      for (int k = 0; k < states.length; k++) {
        double sum = start[i] * first[k];
        for (int j = 0; j <= i; j++) {
          sum += velocities[i][j] * v[j][k];
        }
        states[k] = sum;
      }
    }
    int[] evaluations = new int[rows];
    Arrays.fill(evaluations, times.length);
    return evaluations;
  }

  @Override
  public String toString() {
    return "non-stationary, " + times.length + " evaluations";
  }
}
