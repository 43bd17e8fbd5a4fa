package org.bitbeam.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines on which a function of two variables has a given value: marching squares, linear between
 * the points of a grid.
 */
final class Contours {
  private final double[] x;
  private final double[] y;
  private final double[][] values;

  /**
   * A function on a grid.
   *
   * @param values at [ix][iy]
   */
  Contours(double[] x, double[] y, double[][] values) {
    this.x = x.clone();
    this.y = y.clone();
    this.values = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
  }

  /** Pieces of the line, as two arrays of x and y, with NaN behind each piece. */
  double[][] at(double level) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i + 1 < x.length; i++) {
      for (int j = 0; j + 1 < y.length; j++) {
        cell(i, j, level, points);
      }
    }
    return new double[][] {
      points.stream().mapToDouble(point -> point[0]).toArray(),
      points.stream().mapToDouble(point -> point[1]).toArray()
    };
  }

  /** Joins the crossings of the edges of a cell in pairs, in their order around it. */
  private void cell(int i, int j, double level, List<double[]> points) {
    int[][] corners = {{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}};
    List<double[]> crossings = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      int[] a = corners[c];
      int[] b = corners[(c + 1) % 4];
      double from = values[a[0]][a[1]] - level;
      double to = values[b[0]][b[1]] - level;
      if (from > 0 != to > 0) {
        double share = from / (from - to);
        crossings.add(
            new double[] {
              x[a[0]] + share * (x[b[0]] - x[a[0]]), y[a[1]] + share * (y[b[1]] - y[a[1]])
            });
      }
    }
    for (int c = 0; c + 1 < crossings.size(); c += 2) {
      points.add(crossings.get(c));
      points.add(crossings.get(c + 1));
      points.add(new double[] {Double.NaN, Double.NaN});
    }
  }
}
