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
  public void tile(int size, float[] theta, int thetaAt, boolean inverse, Workspace room) {
    room.edges(0, room.left, size);
    room.edges(1, room.bottom, size);
    room.find(inverse ? room.bottom : room.left, bound, size);
    for (int i = 0; i < size; i++) {
      int k = room.piece[i];
      int derivatives = thetaAt + i * parameters() + 2 * count;
      double left = room.left[k][i];
      double bottom = room.bottom[k][i];
      room.x0[i] = left;
      room.y0[i] = bottom;
      room.w[i] = room.left[k + 1][i] - left;
      room.h[i] = room.bottom[k + 1][i] - bottom;
      room.d0[i] = k == 0 ? 0 : theta[derivatives + k - 1];
      room.d1[i] = k == count - 1 ? 0 : theta[derivatives + k];
    }
    Elementary.softplus(room.d0, room.scratch, size);
    Elementary.softplus(room.d1, room.scratch, size);
    for (int i = 0; i < size; i++) {
      room.d0[i] = room.piece[i] == 0 ? 1 : LEAST_DERIVATIVE + room.d0[i];
      room.d1[i] = room.piece[i] == count - 1 ? 1 : LEAST_DERIVATIVE + room.d1[i];
    }
    double scale = 2 * bound;
    toBounds(scale, room.x0, room.w, size);
    toBounds(scale, room.y0, room.h, size);
    if (inverse) {
      fromValues(
          size, room.value, room.x0, room.y0, room.w, room.h, room.d0, room.d1, room.scratch);
    } else {
      toValues(size, room.value, room.x0, room.y0, room.w, room.h, room.d0, room.d1, room.scratch);
    }
    if (room.derivatives) {
      slopes(size, room.scratch, room.w, room.h, room.d0, room.d1, room.slope);
    }
  }

  /** From an interval that begins at 0 and is 1 wide to one from -scale / 2 to scale / 2. */
  private static void toBounds(double scale, double[] edge, double[] extent, int size) {
    for (int i = 0; i < size; i++) {
      edge[i] = scale * edge[i] - 0.5 * scale;
      extent[i] *= scale;
    }
  }

  /** The function; {@code xi} gets where in the piece each number lies. */
  private static void toValues(
      int size,
      double[] values,
      double[] x0,
      double[] y0,
      double[] w,
      double[] h,
      double[] d0,
      double[] d1,
      double[] xi) {
    for (int i = 0; i < size; i++) {
      double s = h[i] / w[i];
      double sum = d0[i] + d1[i] - 2 * s;
      double at = (values[i] - x0[i]) / w[i];
      double rest = at * (1 - at);
      values[i] = y0[i] + h[i] * (s * at * at + d0[i] * rest) / (s + sum * rest);
      xi[i] = at;
    }
  }

  /** Its inverse. */
  private static void fromValues(
      int size,
      double[] values,
      double[] x0,
      double[] y0,
      double[] w,
      double[] h,
      double[] d0,
      double[] d1,
      double[] xi) {
    for (int i = 0; i < size; i++) {
      double s = h[i] / w[i];
      double sum = d0[i] + d1[i] - 2 * s;
      double y = values[i] - y0[i];
      double a = h[i] * (s - d0[i]) + y * sum;
      double b = h[i] * d0[i] - y * sum;
      double c = -s * y;
      double discriminant = Math.max(0, b * b - 4 * a * c);
      double at = 2 * c / (-b - Math.sqrt(discriminant));
      values[i] = at * w[i] + x0[i];
      xi[i] = at;
    }
  }

  /** Derivatives of the function. */
  private static void slopes(
      int size, double[] xi, double[] w, double[] h, double[] d0, double[] d1, double[] slope) {
    for (int i = 0; i < size; i++) {
      double s = h[i] / w[i];
      double rest = xi[i] * (1 - xi[i]);
      double denominator = s + (d0[i] + d1[i] - 2 * s) * rest;
      slope[i] =
          s
              * s
              * (d1[i] * xi[i] * xi[i] + 2 * s * rest + d0[i] * (1 - xi[i]) * (1 - xi[i]))
              / (denominator * denominator);
    }
  }
}
