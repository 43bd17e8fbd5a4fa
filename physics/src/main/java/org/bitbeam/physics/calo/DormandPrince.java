package org.bitbeam.physics.calo;

import java.util.Arrays;
import org.bitbeam.runtime.ModelException;

/**
 * The pair of Dormand and Prince, orders 5 and 4 (J. Comput. Appl. Math. 6 (1980) 19), with steps
 * chosen for every row by itself so that the estimated error stays below atol + rtol * |y| (root of
 * the mean square over the row). First step after Hairer, Norsett, Wanner, Solving Ordinary
 * Differential Equations I, section II.4; the last step ends at t = 1.
 *
 * <p>Rows whose velocities are not finite become NaN and stop.
 */
final class DormandPrince implements OdeSolver {
  private static final double[] NODES = {0, 1 / 5., 3 / 10., 4 / 5., 8 / 9., 1};
  private static final double[][] STAGES = {
    {},
    {1 / 5.},
    {3 / 40., 9 / 40.},
    {44 / 45., -56 / 15., 32 / 9.},
    {19372 / 6561., -25360 / 2187., 64448 / 6561., -212 / 729.},
    {9017 / 3168., -355 / 33., 46732 / 5247., 49 / 176., -5103 / 18656.}
  };
  private static final double[] WEIGHTS = {
    35 / 384., 0, 500 / 1113., 125 / 192., -2187 / 6784., 11 / 84.
  };
  // Order 5 minus order 4, the velocity at the end included.
  private static final double[] ERROR = {
    -71 / 57600., 0, 71 / 16695., -71 / 1920., 17253 / 339200., -22 / 525., 1 / 40.
  };
  private static final double SAFETY = 0.9;
  private static final double SMALLEST_FACTOR = 0.2;
  private static final double LARGEST_FACTOR = 10;
  private static final double EXPONENT = 1 / 5.;

  private final double rtol;
  private final double atol;

  DormandPrince(double rtol, double atol) {
    if (!(rtol >= 1e-13 && rtol < 1 && atol >= 0 && atol < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "dormand-prince with rtol "
              + rtol
              + " and atol "
              + atol
              + ", expected 1e-13 to 1 and 0 on");
    }
    this.rtol = rtol;
    this.atol = atol;
  }

  /** What one row has reached. */
  private static final class Row {
    final int index;
    final double[] y;
    final double[][] k; // k[0]: velocity at (t, y)
    double t;
    double h;
    boolean rejected;
    int evaluations;

    Row(int index, double[] y) {
      this.index = index;
      this.y = y;
      this.k = new double[ERROR.length][y.length];
    }
  }

  @Override
  public int[] solve(Velocity velocity, double[] states, int rows) {
    int columns = states.length / rows;
    Row[] all = new Row[rows];
    for (int i = 0; i < rows; i++) {
      all[i] = new Row(i, Arrays.copyOfRange(states, i * columns, (i + 1) * columns));
    }
    start(velocity, all);
    Row[] active = all;
    while (active.length > 0) {
      step(velocity, active);
      active = Arrays.stream(active).filter(row -> row.t < 1).toArray(Row[]::new);
    }
    int[] evaluations = new int[rows];
    for (Row row : all) {
      System.arraycopy(row.y, 0, states, row.index * columns, columns);
      evaluations[row.index] = row.evaluations;
    }
    return evaluations;
  }

  /** The first velocity and the length of the first step. */
  private void start(Velocity velocity, Row[] rows) {
    double[][] moved = new double[rows.length][];
    double[] times = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      moved[i] = rows[i].y;
    }
    evaluate(velocity, rows, times, moved, 0);
    for (int i = 0; i < rows.length; i++) {
      Row row = rows[i];
      double d0 = norm(row.y, row.y, row.y);
      double d1 = norm(row.k[0], row.y, row.y);
      row.h = Math.min(1, d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1);
      moved[i] = new double[row.y.length];
      RungeKutta.move(row.y, row.h, new double[] {1}, row.k, moved[i]);
      times[i] = row.h;
    }
    evaluate(velocity, rows, times, moved, 1);
    for (Row row : rows) {
      double[] change = new double[row.y.length];
      Arrays.setAll(change, j -> row.k[1][j] - row.k[0][j]);
      double d1 = norm(row.k[0], row.y, row.y);
      double d2 = norm(change, row.y, row.y) / row.h;
      double h1 =
          d1 <= 1e-15 && d2 <= 1e-15
              ? Math.max(1e-6, row.h * 1e-3)
              : StrictMath.pow(0.01 / Math.max(d1, d2), EXPONENT);
      row.h = Math.min(Math.min(100 * row.h, h1), 1);
    }
  }

  /** Tries a step of every row. */
  private void step(Velocity velocity, Row[] rows) {
    double[] times = new double[rows.length];
    double[] lengths = new double[rows.length];
    double[][] moved = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      Row row = rows[i];
      double smallest = 10 * Math.ulp(row.t);
      if (row.rejected && row.h < smallest) {
        throw new ModelException(
            this
                + ": the steps have become too small at t = "
                + row.t
                + "; raise the tolerances or take a method of fixed steps");
      }
      row.h = Math.max(row.h, smallest);
      lengths[i] = Math.min(row.t + row.h, 1) - row.t;
      moved[i] = new double[row.y.length];
    }
    for (int s = 1; s <= NODES.length; s++) {
      for (int i = 0; i < rows.length; i++) {
        Row row = rows[i];
        boolean end = s == NODES.length;
        times[i] = row.t + (end ? 1 : NODES[s]) * lengths[i];
        RungeKutta.move(row.y, lengths[i], end ? WEIGHTS : STAGES[s], row.k, moved[i]);
      }
      evaluate(velocity, rows, times, moved, s);
    }
    for (int i = 0; i < rows.length; i++) {
      accept(rows[i], lengths[i], moved[i]);
    }
  }

  private void accept(Row row, double length, double[] moved) {
    double[] error = new double[moved.length];
    RungeKutta.move(error, length, ERROR, row.k, error);
    double norm = norm(error, row.y, moved);
    if (!Double.isFinite(norm)) {
      Arrays.fill(row.y, Double.NaN);
      row.t = 1;
    } else if (norm < 1) {
      double factor =
          norm == 0
              ? LARGEST_FACTOR
              : Math.min(LARGEST_FACTOR, SAFETY * StrictMath.pow(norm, -EXPONENT));
      row.t = row.t + length >= 1 ? 1 : row.t + length;
      row.h = length * (row.rejected ? Math.min(1, factor) : factor);
      row.rejected = false;
      System.arraycopy(moved, 0, row.y, 0, moved.length);
      System.arraycopy(row.k[NODES.length], 0, row.k[0], 0, moved.length);
    } else {
      row.h = length * Math.max(SMALLEST_FACTOR, SAFETY * StrictMath.pow(norm, -EXPONENT));
      row.rejected = true;
    }
  }

  /** Velocity number {@code s} of all rows. */
  private static void evaluate(
      Velocity velocity, Row[] rows, double[] times, double[][] at, int s) {
    int columns = at[0].length;
    int[] indices = new int[rows.length];
    double[] states = new double[rows.length * columns];
    double[] target = new double[states.length];
    for (int i = 0; i < rows.length; i++) {
      indices[i] = rows[i].index;
      rows[i].evaluations++;
      System.arraycopy(at[i], 0, states, i * columns, columns);
    }
    velocity.at(indices, times, states, target);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(target, i * columns, rows[i].k[s], 0, columns);
    }
  }

  /** Root of the mean square of values over atol + rtol * max(|first|, |second|). */
  private double norm(double[] values, double[] first, double[] second) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      double scale = atol + rtol * Math.max(Math.abs(first[i]), Math.abs(second[i]));
      double ratio = values[i] / scale;
      sum += ratio * ratio;
    }
    return Math.sqrt(sum / values.length);
  }

  @Override
  public String toString() {
    return "dormand-prince, rtol " + rtol + ", atol " + atol;
  }
}
