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
  public Bins bins() {
    return new Bins(count);
  }

  @Override
  public double piece(double value, float[] theta, int at, boolean inverse, Bins bins) {
    edges(theta, at, bins.width, bins.left);
    edges(theta, at + count, bins.height, bins.bottom);
    int k = Spline.find(inverse ? bins.bottom : bins.left, count, value);
    double w = bins.left[k + 1] - bins.left[k];
    double h = bins.bottom[k + 1] - bins.bottom[k];
    double s = h / w;
    double d0 = derivative(theta, at, k);
    double d1 = derivative(theta, at, k + 1);
    double sum = d0 + d1 - 2 * s;
    double xi;
    if (inverse) {
      double y = value - bins.bottom[k];
      double a = h * (s - d0) + y * sum;
      double b = h * d0 - y * sum;
      double c = -s * y;
      double discriminant = Math.max(0, b * b - 4 * a * c);
      xi = 2 * c / (-b - Math.sqrt(discriminant));
    } else {
      xi = (value - bins.left[k]) / w;
    }
    double rest = xi * (1 - xi);
    double denominator = s + sum * rest;
    double slope =
        s
            * s
            * (d1 * xi * xi + 2 * s * rest + d0 * (1 - xi) * (1 - xi))
            / (denominator * denominator);
    bins.logDerivative = inverse ? -Elementary.log(slope) : Elementary.log(slope);
    return inverse
        ? xi * w + bins.left[k]
        : bins.bottom[k] + h * (s * xi * xi + d0 * rest) / denominator;
  }

  private void edges(float[] theta, int at, double[] shares, double[] edges) {
    Spline.shares(theta, at, count, shares);
    edges[0] = -bound;
    double sum = 0;
    for (int k = 1; k < count; k++) {
      sum += shares[k - 1];
      edges[k] = 2 * bound * sum - bound;
    }
    edges[count] = bound;
  }

  private double derivative(float[] theta, int at, int edge) {
    return edge == 0 || edge == count
        ? 1
        : LEAST_DERIVATIVE + Elementary.softplus(theta[at + 2 * count + edge - 1]);
  }
}
