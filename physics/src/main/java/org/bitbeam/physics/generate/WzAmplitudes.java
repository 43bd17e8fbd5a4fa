package org.bitbeam.physics.generate;

import java.util.List;

/**
 * Leading helicity amplitudes at high energy of q q' to W Z to four massless fermions, in the
 * Standard Model and with the operators O_W and its CP-odd partner (here cW and cWtil, in 1/TeV^2),
 * summed over the chiralities of the Z's decay. The formulas, the floor of the denominator and the
 * constants are those behind the weights of the Pythia sample (data/README.md, section 2); see also
 * Azatov, Contino, Machado and Riva, arXiv 1607.05236, and Panico, Riva and Wulzer, arXiv
 * 1708.07823.
 */
final class WzAmplitudes {
  /** Operators, in the order of the coefficients. */
  static final List<String> OPERATORS = List.of("cW", "cWtil");

  private static final double COUPLING = 0.652; // g
  static final double SIN2 = 0.2312; // of the weak mixing angle
  private static final double COS = Math.sqrt(1 - SIN2);
  private static final double ROOT2 = Math.sqrt(2);

  /** The density is not below this part of its mean over the decay angles. */
  private static final double FLOOR = 0.1;

  /** The squares are this much too large, so that rounding makes no weight negative. */
  private static final double ENLARGED = 1 + 1e-4;

  private WzAmplitudes() {}

  /**
   * The hard process.
   *
   * @param charge of the W, 1 or -1
   * @param cosTheta of the angle between the W and the incoming quark, in the rest frame of both
   * @param massTeV of both
   */
  record Production(double charge, double cosTheta, double massTeV) {
    double sinTheta() {
      return Math.sqrt((1 - cosTheta) * (1 + cosTheta));
    }

    private double transverse() {
      return charge
          * COUPLING
          * COUPLING
          * (SIN2 + 3 * COS * COS * charge * cosTheta)
          / (3 * ROOT2 * COS);
    }

    /** Amplitude of helicities (-, +); cot(Theta/2) = (1 + cos) / sin. */
    double minusPlus() {
      return -transverse() * (1 + cosTheta) / sinTheta();
    }

    /** Amplitude of helicities (+, -). */
    double plusMinus() {
      return transverse() * (1 - cosTheta) / sinTheta();
    }

    /** Amplitude of helicities (0, 0). */
    double longitudinal() {
      return -COUPLING * COUPLING * sinTheta() / (2 * ROOT2);
    }

    /** Amplitude of helicities (+, +) and (-, -) for cW = 1/TeV^2. */
    double anomalous() {
      return 3 * COUPLING * COS / ROOT2 * sinTheta() * massTeV * massTeV;
    }

    /** Mean over the decay angles of the Standard Model's squared amplitude, for couplings of 1. */
    double mean() {
      double a = minusPlus();
      double b = plusMinus();
      double c = longitudinal();
      return (a * a + b * b + c * c) / 9;
    }
  }

  /**
   * The decays: angles of the fermions (not antifermions) about their bosons; azimuths count from
   * the side of the incoming quark.
   *
   * @param left2 square of the coupling of the Z to its left-handed decay fermions
   * @param right2 the same of right-handed ones
   */
  record Decays(
      double thetaW, double phiW, double thetaZ, double phiZ, double left2, double right2) {}

  /**
   * Squared amplitude as polynomial in the coefficients.
   *
   * @param density of the Standard Model, not below its floor; over the squared couplings
   * @param coefficients p0 = 1, cW, cWtil, cW^2, cW cWtil, cWtil^2, over the density
   */
  record Polynomial(double density, double[] coefficients) {
    /** Weight of the coefficients relative to the Standard Model. */
    double weight(double cW, double cWtil) {
      double[] p = coefficients;
      return p[0]
          + p[1] * cW
          + p[2] * cWtil
          + p[3] * cW * cW
          + p[4] * cW * cWtil
          + p[5] * cWtil * cWtil;
    }
  }

  /** The polynomial of an event. */
  static Polynomial polynomial(Production production, Decays decays) {
    double standard = 0;
    double[] p = new double[6];
    for (int chirality = -1; chirality <= 1; chirality += 2) {
      double coupling = chirality < 0 ? decays.left2() : decays.right2();
      double cosW = StrictMath.cos(decays.thetaW());
      double cosZ = StrictMath.cos(decays.thetaZ());
      // d-functions: the W decays to left-handed fermions.
      double plusW = (1 - cosW) / 2;
      double minusW = (1 + cosW) / 2;
      double zeroW = StrictMath.sin(decays.thetaW()) / ROOT2;
      double plusZ = (1 + chirality * cosZ) / 2;
      double minusZ = (1 - chirality * cosZ) / 2;
      double zeroZ = -chirality * StrictMath.sin(decays.thetaZ()) / ROOT2;
      double difference = decays.phiW() - decays.phiZ();
      double sum = decays.phiW() + decays.phiZ();
      // Standard Model: exp(-i difference), exp(i difference), 1.
      double mp = production.minusPlus() * minusW * plusZ;
      double pm = production.plusMinus() * plusW * minusZ;
      double re =
          (mp + pm) * StrictMath.cos(difference) + production.longitudinal() * zeroW * zeroZ;
      double im = (pm - mp) * StrictMath.sin(difference);
      // Operators: (+, +) with exp(i sum), (-, -) with exp(-i sum).
      double pp = production.anomalous() * plusW * plusZ;
      double mm = production.anomalous() * minusW * minusZ;
      double evenRe = (pp + mm) * StrictMath.cos(sum);
      double evenIm = (pp - mm) * StrictMath.sin(sum);
      double oddRe = -(pp + mm) * StrictMath.sin(sum); // i pp exp(i sum) - i mm exp(-i sum)
      double oddIm = (pp - mm) * StrictMath.cos(sum);
      standard += coupling * (re * re + im * im);
      p[1] += coupling * 2 * (re * evenRe + im * evenIm);
      p[2] += coupling * 2 * (re * oddRe + im * oddIm);
      p[3] += coupling * (evenRe * evenRe + evenIm * evenIm);
      p[4] += coupling * 2 * (evenRe * oddRe + evenIm * oddIm);
      p[5] += coupling * (oddRe * oddRe + oddIm * oddIm);
    }
    double couplings = decays.left2() + decays.right2();
    double density = Math.max(standard, FLOOR * couplings * production.mean());
    for (int i = 1; i < p.length; i++) {
      p[i] *= (i == 3 || i == 5 ? ENLARGED : 1) / density;
    }
    p[0] = 1;
    return new Polynomial(density / couplings, p);
  }

  /**
   * At least the density of the Standard Model over the squared couplings, whatever the decay
   * angles.
   */
  static double most(Production production) {
    double sum =
        Math.abs(production.minusPlus())
            + Math.abs(production.plusMinus())
            + Math.abs(production.longitudinal()) / 2;
    return sum * sum + FLOOR * production.mean();
  }

  /** The same of the operators' squares, for cW^2 + cWtil^2 = 1. */
  static double mostAnomalous(Production production) {
    return ENLARGED * production.anomalous() * production.anomalous();
  }
}
