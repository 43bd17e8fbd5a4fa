package org.bitbeam.physics.calo;

import java.util.Arrays;

/**
 * Explicit Runge-Kutta methods with fixed steps: t = 0, h, 2 h, ..., 1, the last step shorter if
 * need be, as torchdiffeq's {@code step_size} has it (specs/models.md 5.5).
 */
final class RungeKutta implements OdeSolver {
  private static final int MAX_STEPS = 1_000_000;

  private final String name;
  private final double step;
  private final double[] grid;
  private final double[] nodes;
  private final double[][] stages;
  private final double[] weights;

  /**
   * A method by its Butcher tableau.
   *
   * @param nodes c: times of the stages
   * @param stages a: what velocities go into each stage
   * @param weights b: what velocities go into the step
   */
  private RungeKutta(
      String name, double step, double[] nodes, double[][] stages, double[] weights) {
    if (!(step > 0 && step <= 1) || 1 / step > MAX_STEPS) {
      throw new IllegalArgumentException(
          name + " with step " + step + ", expected 1 / " + MAX_STEPS + " to 1");
    }
    this.name = name;
    this.step = step;
    this.grid = new double[(int) Math.ceil(1 / step + 1)];
    Arrays.setAll(grid, i -> i * step);
    grid[grid.length - 1] = 1;
    this.nodes = nodes;
    this.stages = stages;
    this.weights = weights;
  }

  static RungeKutta euler(double step) {
    return new RungeKutta("euler", step, new double[] {0}, new double[][] {{}}, new double[] {1});
  }

  static RungeKutta midpoint(double step) {
    return new RungeKutta(
        "midpoint", step, new double[] {0, .5}, new double[][] {{}, {.5}}, new double[] {0, 1});
  }

  static RungeKutta classical(double step) {
    return new RungeKutta(
        "rk4",
        step,
        new double[] {0, .5, .5, 1},
        new double[][] {{}, {.5}, {0, .5}, {0, 0, 1}},
        new double[] {1 / 6., 1 / 3., 1 / 3., 1 / 6.});
  }

  /** Kutta's 3/8 rule, which torchdiffeq calls rk4. */
  static RungeKutta threeEighths(double step) {
    return new RungeKutta(
        "rk4-3/8",
        step,
        new double[] {0, 1 / 3., 2 / 3., 1},
        new double[][] {{}, {1 / 3.}, {-1 / 3., 1}, {1, -1, 1}},
        new double[] {1 / 8., 3 / 8., 3 / 8., 1 / 8.});
  }

  @Override
  public int[] solve(Velocity velocity, double[] states, int rows) {
    int[] all = all(rows);
    double[] times = new double[rows];
    double[][] k = new double[weights.length][states.length];
    double[] stage = new double[states.length];
    for (int i = 1; i < grid.length; i++) {
      double from = grid[i - 1];
      double h = grid[i] - from;
      for (int s = 0; s < weights.length; s++) {
        Arrays.fill(times, nodes[s] == 1 ? grid[i] : from + nodes[s] * h);
        move(states, h, stages[s], k, stage);
        velocity.at(all, times, stage, k[s]);
      }
      move(states, h, weights, k, states);
    }
    int[] evaluations = new int[rows];
    Arrays.fill(evaluations, (grid.length - 1) * weights.length);
    return evaluations;
  }

  /** The rows 0, 1, ... */
  static int[] all(int rows) {
    int[] all = new int[rows];
    Arrays.setAll(all, i -> i);
    return all;
  }

  /** target = y + h * sum of weights * velocities. */
  static void move(double[] y, double h, double[] weights, double[][] k, double[] target) {
    for (int i = 0; i < target.length; i++) {
      double sum = 0;
      for (int j = 0; j < weights.length; j++) {
        sum += weights[j] * k[j][i];
      }
      target[i] = y[i] + h * sum;
    }
  }

  @Override
  public String toString() {
    return name + ", step " + step;
  }
}
