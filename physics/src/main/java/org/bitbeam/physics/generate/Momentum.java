package org.bitbeam.physics.generate;

/** A momentum of four components, GeV. */
record Momentum(double e, double x, double y, double z) {
  static final Momentum ZERO = new Momentum(0, 0, 0, 0);

  Momentum plus(Momentum other) {
    return new Momentum(e + other.e, x + other.x, y + other.y, z + other.z);
  }

  double pt() {
    return Math.sqrt(x * x + y * y);
  }

  double p() {
    return Math.sqrt(x * x + y * y + z * z);
  }

  /** Azimuth from -pi to pi. */
  double phi() {
    return StrictMath.atan2(y, x);
  }

  double rapidity() {
    return 0.5 * StrictMath.log((e + z) / (e - z));
  }

  double pseudorapidity() {
    return asinh(z / pt());
  }

  /** Invariant mass; 0 where rounding makes its square negative. */
  double mass() {
    return Math.sqrt(Math.max(0, e * e - x * x - y * y - z * z));
  }

  private double dot(Momentum other) {
    return e * other.e - x * other.x - y * other.y - z * other.z;
  }

  /** As seen by somebody for whom what has the momentum {@code of} now is at rest. */
  Momentum boostedToRest(Momentum of) {
    double m = of.mass();
    double energy = dot(of) / m;
    double f = (e + energy) / (of.e + m);
    return new Momentum(energy, x - f * of.x, y - f * of.y, z - f * of.z);
  }

  /** The momentum in space times a factor, with a mass. */
  Momentum scaled(double factor, double mass) {
    double size = factor * p();
    return new Momentum(Math.sqrt(size * size + mass * mass), factor * x, factor * y, factor * z);
  }

  /** As seen by somebody for whom what was at rest now has the momentum {@code of}. */
  Momentum boostedFromRest(Momentum of) {
    return boostedToRest(new Momentum(of.e, -of.x, -of.y, -of.z));
  }

  /** Inverse of the hyperbolic sine. */
  static double asinh(double x) {
    double a = Math.abs(x);
    return Math.copySign(StrictMath.log(a + Math.sqrt(a * a + 1)), x);
  }

  /** An angle brought to -pi to pi. */
  static double wrap(double angle) {
    return angle - 2 * Math.PI * Math.rint(angle / (2 * Math.PI));
  }
}
