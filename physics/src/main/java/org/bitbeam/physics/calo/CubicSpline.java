package org.bitbeam.physics.calo;

/**
 * Monotone cubic spline (Durkan et al., Cubic-spline flows, arXiv 1906.02145; conventions of
 * specs/models.md 4.3). Parameters of a number: K widths, K heights, the derivatives at both ends.
 * The inverse is found by Newton steps: a few for all numbers of a tile, and for the few that need
 * more steps between two bounds.
 *
 * @param count K
 * @param bound B
 */
record CubicSpline(int count, double bound) implements Spline {
  private static final double LEAST_DERIVATIVE = 1e-3;
  private static final int MAX_STEPS = 60;

  /** Newton steps for all numbers; with wide random parameters one in a hundred needs more. */
  private static final int STEPS = 7;

  /** A last step, in widths, after which the next would change nothing. */
  private static final double CLOSE = 1e-10;

  @Override
  public int parameters() {
    return 2 * count + 2;
  }

  @Override
  public void tile(int size, float[] theta, int thetaAt, boolean inverse, Workspace room) {
    room.edges(0, room.left, size);
    room.edges(1, room.bottom, size);
    room.find(inverse ? room.bottom : room.left, bound, size);
    derivatives(size, theta, thetaAt, room);
    // a t^3 + b t^2 + d0 t = y
    double[] a = room.more[0];
    double[] b = room.more[1];
    double[] t = room.more[2];
    double[] y = room.more[3];
    coefficients(size, room.w, room.h, room.d0, room.d1, a, b);
    if (inverse) {
      start(size, room.scratch, room.y0, room.w, room.h, y, t);
      for (int step = 0; step < STEPS; step++) {
        newton(size, a, b, room.d0, y, room.w, t, room.scratch);
      }
      for (int i = 0; i < size; i++) {
        if (!(Math.abs(room.scratch[i]) <= CLOSE * room.w[i])) {
          t[i] = root(a[i], b[i], room.d0[i], y[i], room.w[i]);
        }
      }
      toBounds(size, 2 * bound, t, room.x0, room.value);
    } else {
      values(size, a, b, room.d0, room.scratch, room.x0, t, y);
      toBounds(size, 2 * bound, y, room.y0, room.value);
    }
    if (room.derivatives) {
      slopes(size, a, b, room.d0, t, room.slope);
    }
  }

  /** Widths, heights and derivatives at the edges of the numbers' pieces. */
  private void derivatives(int size, float[] theta, int thetaAt, Workspace room) {
    double[] widthBefore = room.more[0];
    double[] heightBefore = room.more[1];
    double[] widthAfter = room.more[2];
    double[] heightAfter = room.more[3];
    for (int i = 0; i < size; i++) {
      int k = room.piece[i];
      int before = Math.max(k - 1, 0);
      int after = Math.min(k + 1, count - 1);
      room.x0[i] = room.left[k][i];
      room.y0[i] = room.bottom[k][i];
      widthBefore[i] = room.exponential(0, before, i);
      heightBefore[i] = room.exponential(1, before, i);
      room.w[i] = room.exponential(0, k, i);
      room.h[i] = room.exponential(1, k, i);
      widthAfter[i] = room.exponential(0, after, i);
      heightAfter[i] = room.exponential(1, after, i);
    }
    room.toShares(0, widthBefore, size);
    room.toShares(1, heightBefore, size);
    room.toShares(0, room.w, size);
    room.toShares(1, room.h, size);
    room.toShares(0, widthAfter, size);
    room.toShares(1, heightAfter, size);
    between(size, widthBefore, heightBefore, room.w, room.h, room.d0);
    between(size, room.w, room.h, widthAfter, heightAfter, room.d1);
    for (int i = 0; i < size; i++) {
      int ends = thetaAt + i * parameters() + 2 * count;
      if (room.piece[i] == 0) {
        room.d0[i] = atEnd(room.h[i] / room.w[i], theta[ends]);
      }
      if (room.piece[i] == count - 1) {
        room.d1[i] = atEnd(room.h[i] / room.w[i], theta[ends + 1]);
      }
    }
  }

  private static double atEnd(double slope, float theta) {
    return LEAST_DERIVATIVE + Elementary.sigmoid(theta) * (3 * slope - 2 * LEAST_DERIVATIVE);
  }

  /** Derivatives at the edges between two pieces. */
  private static void between(
      int size,
      double[] widthBefore,
      double[] heightBefore,
      double[] widthAfter,
      double[] heightAfter,
      double[] derivative) {
    for (int i = 0; i < size; i++) {
      double before = heightBefore[i] / widthBefore[i];
      double after = heightAfter[i] / widthAfter[i];
      double mean =
          0.5
              * (widthAfter[i] * before + widthBefore[i] * after)
              / (widthBefore[i] + widthAfter[i]);
      derivative[i] = 2 * Math.min(Math.min(before, after), mean);
    }
  }

  private static void coefficients(
      int size, double[] w, double[] h, double[] d0, double[] d1, double[] a, double[] b) {
    for (int i = 0; i < size; i++) {
      double s = h[i] / w[i];
      a[i] = (d0[i] + d1[i] - 2 * s) / (w[i] * w[i]);
      b[i] = (3 * s - 2 * d0[i] - d1[i]) / w[i];
    }
  }

  /** The function less the lower edge; {@code t} gets where in the piece each number lies. */
  private static void values(
      int size,
      double[] a,
      double[] b,
      double[] c,
      double[] unit,
      double[] x0,
      double[] t,
      double[] y) {
    for (int i = 0; i < size; i++) {
      double at = unit[i] - x0[i];
      y[i] = Math.fma(Math.fma(a[i], at, b[i]), at, c[i]) * at;
      t[i] = at;
    }
  }

  /** A first t: that of a straight line through the piece. */
  private static void start(
      int size, double[] unit, double[] y0, double[] w, double[] h, double[] y, double[] t) {
    for (int i = 0; i < size; i++) {
      y[i] = unit[i] - y0[i];
      t[i] = Math.max(0, Math.min(w[i], y[i] * w[i] / h[i]));
    }
  }

  /** A Newton step towards a t^3 + b t^2 + c t = y, from 0 to w. */
  private static void newton(
      int size,
      double[] a,
      double[] b,
      double[] c,
      double[] y,
      double[] w,
      double[] t,
      double[] change) {
    for (int i = 0; i < size; i++) {
      double value = Math.fma(Math.fma(a[i], t[i], b[i]), t[i], c[i]) * t[i] - y[i];
      double slope = Math.fma(Math.fma(3 * a[i], t[i], 2 * b[i]), t[i], c[i]);
      double next = Math.max(0, Math.min(w[i], t[i] - value / slope));
      change[i] = next - t[i];
      t[i] = next;
    }
  }

  /** From a place in a piece of an interval from 0 to 1 to one from -scale / 2 to scale / 2. */
  private static void toBounds(
      int size, double scale, double[] within, double[] edge, double[] values) {
    for (int i = 0; i < size; i++) {
      values[i] = scale * (within[i] + edge[i]) - 0.5 * scale;
    }
  }

  private static void slopes(
      int size, double[] a, double[] b, double[] c, double[] t, double[] slope) {
    for (int i = 0; i < size; i++) {
      slope[i] = Math.fma(Math.fma(3 * a[i], t[i], 2 * b[i]), t[i], c[i]);
    }
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
