package org.bitbeam.physics.calo;

/**
 * Rational-quadratic spline with the derivative 1 at both ends (Durkan et al., Neural spline flows,
 * arXiv 1906.04032; conventions of specs/models.md 4.3). Parameters of a number: K widths, K
 * heights, K - 1 derivatives at the inner edges.
 *
 * @param count K
 * @param bound B
 */
record RationalQuadraticSpline(int count, double bound) implements Spline {
  private static final double LEAST_DERIVATIVE = 1e-3;

  @Override
  public int parameters() {
    return 3 * count - 1;
  }

  @Override
  public void tile(
      double[] values,
      int at,
      int size,
      float[] theta,
      int thetaAt,
      boolean inverse,
      Workspace room) {
    for (int i = 0; i < size; i++) {
      room.shares(i, false, room.width);
      room.shares(i, true, room.height);
      edges(room.width, room.left);
      edges(room.height, room.bottom);
      int k = Spline.find(inverse ? room.bottom : room.left, count, values[at + i]);
      int derivatives = thetaAt + i * parameters() + 2 * count;
      room.piece[i] = k;
      room.x0[i] = room.left[k];
      room.y0[i] = room.bottom[k];
      room.w[i] = room.left[k + 1] - room.left[k];
      room.h[i] = room.bottom[k + 1] - room.bottom[k];
      room.d0[i] = k == 0 ? 0 : theta[derivatives + k - 1];
      room.d1[i] = k == count - 1 ? 0 : theta[derivatives + k];
    }
    Elementary.softplus(room.d0, size);
    Elementary.softplus(room.d1, size);
    for (int i = 0; i < size; i++) {
      room.d0[i] = room.piece[i] == 0 ? 1 : LEAST_DERIVATIVE + room.d0[i];
      room.d1[i] = room.piece[i] == count - 1 ? 1 : LEAST_DERIVATIVE + room.d1[i];
    }
    if (inverse) {
      fromValues(values, at, size, room);
    } else {
      toValues(values, at, size, room);
    }
  }

  private void edges(double[] shares, double[] edges) {
    edges[0] = -bound;
    double sum = 0;
    for (int k = 1; k < count; k++) {
      sum += shares[k - 1];
      edges[k] = 2 * bound * sum - bound;
    }
    edges[count] = bound;
  }

  private static void toValues(double[] values, int at, int size, Workspace room) {
    for (int i = 0; i < size; i++) {
      double s = room.h[i] / room.w[i];
      double d0 = room.d0[i];
      double sum = d0 + room.d1[i] - 2 * s;
      double xi = (values[at + i] - room.x0[i]) / room.w[i];
      double rest = xi * (1 - xi);
      double denominator = s + sum * rest;
      values[at + i] = room.y0[i] + room.h[i] * (s * xi * xi + d0 * rest) / denominator;
      room.slope[i] = slope(s, d0, room.d1[i], xi, rest, denominator);
    }
  }

  private static void fromValues(double[] values, int at, int size, Workspace room) {
    for (int i = 0; i < size; i++) {
      double s = room.h[i] / room.w[i];
      double d0 = room.d0[i];
      double sum = d0 + room.d1[i] - 2 * s;
      double y = values[at + i] - room.y0[i];
      double a = room.h[i] * (s - d0) + y * sum;
      double b = room.h[i] * d0 - y * sum;
      double c = -s * y;
      double discriminant = Math.max(0, b * b - 4 * a * c);
      double xi = 2 * c / (-b - Math.sqrt(discriminant));
      values[at + i] = xi * room.w[i] + room.x0[i];
      double rest = xi * (1 - xi);
      room.slope[i] = slope(s, d0, room.d1[i], xi, rest, s + sum * rest);
    }
  }

  private static double slope(
      double s, double d0, double d1, double xi, double rest, double denominator) {
    return s
        * s
        * (d1 * xi * xi + 2 * s * rest + d0 * (1 - xi) * (1 - xi))
        / (denominator * denominator);
  }
}
