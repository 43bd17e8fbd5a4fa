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
  public void tile(
      double[] values,
      int at,
      int size,
      float[] theta,
      int thetaAt,
      boolean inverse,
      Workspace room) {
    for (int i = 0; i < size; i++) {
      double unit = (values[at + i] + bound) / (2 * bound);
      room.shares(i, false, room.width);
      room.shares(i, true, room.height);
      edges(room.width, room.left);
      edges(room.height, room.bottom);
      int k = Spline.find(inverse ? room.bottom : room.left, count, unit);
      int ends = thetaAt + i * parameters() + 2 * count;
      double w = room.width[k];
      double s = room.height[k] / w;
      double d0 = derivative(theta, ends, k, room);
      double d1 = derivative(theta, ends, k + 1, room);
      double a = (d0 + d1 - 2 * s) / (w * w);
      double b = (3 * s - 2 * d0 - d1) / w;
      double t = inverse ? root(a, b, d0, unit - room.bottom[k], w) : unit - room.left[k];
      double result =
          inverse
              ? t + room.left[k]
              : Math.fma(Math.fma(Math.fma(a, t, b), t, d0), t, room.bottom[k]);
      values[at + i] = 2 * bound * result - bound;
      room.slope[i] = Math.fma(Math.fma(3 * a, t, 2 * b), t, d0);
    }
  }

  private void edges(double[] shares, double[] edges) {
    edges[0] = 0;
    for (int k = 1; k < count; k++) {
      edges[k] = edges[k - 1] + shares[k - 1];
    }
    edges[count] = 1;
  }

  private double derivative(float[] theta, int ends, int edge, Workspace room) {
    if (edge == 0 || edge == count) {
      int end = edge == 0 ? 0 : count - 1;
      double slope = room.height[end] / room.width[end];
      double share = Elementary.sigmoid(theta[ends + (edge == 0 ? 0 : 1)]);
      return LEAST_DERIVATIVE + share * (3 * slope - 2 * LEAST_DERIVATIVE);
    }
    double before = room.height[edge - 1] / room.width[edge - 1];
    double after = room.height[edge] / room.width[edge];
    double mean =
        0.5
            * (room.width[edge] * before + room.width[edge - 1] * after)
            / (room.width[edge - 1] + room.width[edge]);
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
