package org.bitbeam.physics.generate;

/**
 * Shapes of electromagnetic showers of one energy in a sampling calorimeter: the parametrisation of
 * GFLASH (Grindhammer and Peters, hep-ex/0001020, with the coefficients of Geant4's sampling
 * tuning). Depths in radiation lengths behind the beginning of the shower, radii in Moliere radii.
 * Immutable.
 */
final class GflashProfile {
  private static final double LEAST_SHAPE = 1.1;
  private static final double LEAST_CORE = 1e-3;
  private static final double LEAST_TAIL = 1e-2;

  private final Medium medium;
  private final double logEnergy; // of GeV
  private final double meanLogMaximum;
  private final double meanLogShape;
  private final double sigmaMaximum;
  private final double sigmaShape;
  private final double correlation;
  private final double spots;

  /**
   * Shapes of an energy.
   *
   * @param energy MeV, well above the medium's critical energy
   */
  GflashProfile(Medium medium, double energy) {
    this.medium = medium;
    this.logEnergy = StrictMath.log(energy / 1e3);
    double l = StrictMath.log(energy / medium.criticalEnergyMeV());
    double fs = medium.samplingFrequency();
    meanLogMaximum = StrictMath.log(l - 0.812 - 0.55 / fs - 0.69 * (1 - medium.electronToMip()));
    meanLogShape = StrictMath.log(0.81 + (0.458 + 2.26 / medium.z()) * l - 0.476 / fs);
    sigmaMaximum = 1 / (-2.5 + 1.25 * l);
    sigmaShape = 1 / (-0.82 + 0.79 * l);
    correlation = 0.784 - 0.023 * l;
    spots =
        10.3 * StrictMath.log(medium.z()) * StrictMath.exp(0.959 * StrictMath.log(energy / 1e3));
  }

  /**
   * How a shower develops: density (beta t)^(alpha - 1) beta exp(-beta t) / Gamma(alpha).
   *
   * @param maximum depth of its maximum, T
   * @param shape alpha
   */
  record Longitudinal(double maximum, double shape) {
    /** beta. */
    double rate() {
      return (shape - 1) / maximum;
    }
  }

  /** The mean shower (of the logarithms). */
  Longitudinal mean() {
    return longitudinal(0, 0);
  }

  /** A shower, for two standard normal numbers. */
  Longitudinal longitudinal(double first, double second) {
    double plus = Math.sqrt((1 + correlation) / 2);
    double minus = Math.sqrt((1 - correlation) / 2);
    double maximum = meanLogMaximum + sigmaMaximum * (plus * first + minus * second);
    double shape = meanLogShape + sigmaShape * (plus * first - minus * second);
    return new Longitudinal(StrictMath.exp(maximum), Math.max(LEAST_SHAPE, StrictMath.exp(shape)));
  }

  /** How the spots of a shower develop. */
  Longitudinal spots(Longitudinal shower) {
    return new Longitudinal(
        shower.maximum() * (0.813 + 0.0019 * medium.z()),
        Math.max(LEAST_SHAPE, shower.shape() * (0.844 + 0.0026 * medium.z())));
  }

  /** Expected number of spots in all of a shower. */
  double spotCount() {
    return spots;
  }

  /** Mean depth of the mean shower. */
  double meanDepth() {
    Longitudinal mean = mean();
    return mean.maximum() * mean.shape() / (mean.shape() - 1);
  }

  /**
   * Radial distribution: f(r) = share 2 r core^2 / (r^2 + core^2)^2 + (1 - share) 2 r tail^2 / (r^2
   * + tail^2)^2.
   */
  record Radial(double share, double core, double tail) {
    /** A radius, for two uniform numbers. */
    double radius(double choice, double u) {
      double scale = choice <= share ? core : tail;
      // u may be 1; its neighbour gives the largest radius.
      return scale * Math.sqrt(u / Math.max(0x1p-53, 1 - u));
    }

    /** Part of the energy within a radius. */
    double within(double r) {
      return share * r * r / (r * r + core * core) + (1 - share) * r * r / (r * r + tail * tail);
    }
  }

  /** Radial distribution in a depth of {@code tau} times the mean depth. */
  Radial radial(double tau) {
    double z = medium.z();
    double fs = medium.samplingFrequency();
    double loss = 1 - medium.electronToMip();
    double damped = StrictMath.exp(-tau);
    double core =
        0.0251
            + 0.00319 * logEnergy
            + (0.1162 - 0.000381 * z) * tau
            - 0.0203 * loss
            + 0.0397 / fs * damped;
    double tail =
        (0.659 - 0.00309 * z)
                * (StrictMath.exp(-2.59 * (tau - 0.645))
                    + StrictMath.exp((0.3585 + 0.0412 * logEnergy) * (tau - 0.645)))
            - 0.14 * loss
            - 0.495 / fs * damped;
    double x = (0.401 + 0.00187 * z - tau) / (1.313 - 0.0686 * logEnergy);
    double share =
        (2.632 - 0.00094 * z) * StrictMath.exp(x - StrictMath.exp(x))
            + loss * (0.348 - 0.642 / fs * StrictMath.exp(-(tau - 1) * (tau - 1)));
    return new Radial(
        Math.min(1, Math.max(0, share)), Math.max(LEAST_CORE, core), Math.max(LEAST_TAIL, tail));
  }
}
