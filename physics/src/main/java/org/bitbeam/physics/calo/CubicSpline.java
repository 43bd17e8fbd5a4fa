package org.bitbeam.physics.calo;

/**
 * Monotone cubic spline (Durkan et al., Cubic-spline flows, arXiv 1906.02145; conventions of
 * specs/models.md 4.3). Parameters of a number: K widths, K heights, the derivatives at both ends.
 * The inverse is found by Newton steps that stay between two bounds.
 *
 * @param count K
 * @param bound B
 */
record CubicSpline(int count, double bound) implements Spline {
  private static final double LEAST_DERIVATIVE = 1e-3;
  private static final int MAX_STEPS = 60;

  @Override
  public int parameters() {
    return 2 * count + 2;
  }

  @Override
  public void tile(int size, float[] theta, int thetaAt, boolean inverse, Workspace room) {
    room.edges(0, room.left, size);
    room.edges(1, room.bottom, size);
    room.find(inverse ? room.bottom : room.left, bound, size);
    for (int i = 0; i < size; i++) {
      int k = room.piece[i];
      int ends = thetaAt + i * parameters() + 2 * count;
      room.x0[i] = room.left[k][i];
      room.y0[i] = room.bottom[k][i];
      room.w[i] = room.share(0, k, i);
      room.h[i] = room.share(1, k, i);
      room.d0[i] = derivative(theta, ends, k, i, room);
      room.d1[i] = derivative(theta, ends, k + 1, i, room);
    }
    for (int i = 0; i < size; i++) {
      double w = room.w[i];
      double s = room.h[i] / w;
      double d0 = room.d0[i];
      double a = (d0 + room.d1[i] - 2 * s) / (w * w);
      double b = (3 * s - 2 * d0 - room.d1[i]) / w;
      double unit = room.scratch[i];
      double t = inverse ? root(a, b, d0, unit - room.y0[i], w) : unit - room.x0[i];
      double result =
          inverse ? t + room.x0[i] : Math.fma(Math.fma(Math.fma(a, t, b), t, d0), t, room.y0[i]);
      room.value[i] = 2 * bound * result - bound;
      room.slope[i] = Math.fma(Math.fma(3 * a, t, 2 * b), t, d0);
    }
  }

  private double derivative(float[] theta, int ends, int edge, int number, Workspace room) {
    if (edge == 0 || edge == count) {
      int end = edge == 0 ? 0 : count - 1;
      double slope = room.share(1, end, number) / room.share(0, end, number);
      double share = Elementary.sigmoid(theta[ends + (edge == 0 ? 0 : 1)]);
      return LEAST_DERIVATIVE + share * (3 * slope - 2 * LEAST_DERIVATIVE);
    }
    double widthBefore = room.share(0, edge - 1, number);
    double widthAfter = room.share(0, edge, number);
    double before = room.share(1, edge - 1, number) / widthBefore;
    double after = room.share(1, edge, number) / widthAfter;
    double mean = 0.5 * (widthAfter * before + widthBefore * after) / (widthBefore + widthAfter);
    return 2 * Math.min(Math.min(before, after), mean);
  }

  /** The t from 0 to w with a t^3 + b t^2 + c t = y; the left side grows with t. */
  private static double root(double a, double b, double c, double y, double w) {
    double low = 0;
    double high = w;
    double t = 0.5 * w;
    for (int i = 0; i < MAX_STEPS; i++) {
      double value = Math.fma(Math.fma(a, t, b), t, c) * t - y;
      if (value == 0) {
        return t;
      }
      if (value < 0) {
        low = t;
      } else {
        high = t;
      }
      double slope = Math.fma(Math.fma(3 * a, t, 2 * b), t, c);
      double next = t - value / slope;
      if (!(next > low && next < high)) {
        next = 0.5 * (low + high);
      }
      if (Math.abs(next - t) <= 1e-16 * w) {
        return next;
      }
      t = next;
    }
    return t;
  }
}
