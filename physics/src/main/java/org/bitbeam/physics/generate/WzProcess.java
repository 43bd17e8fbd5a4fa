package org.bitbeam.physics.generate;

import org.bitbeam.physics.generate.WzAmplitudes.Decays;
import org.bitbeam.physics.generate.WzAmplitudes.Polynomial;
import org.bitbeam.physics.generate.WzAmplitudes.Production;

/**
 * Draws hard processes q q' to W Z to four fermions from their squared amplitude at given Wilson
 * coefficients, times the spectrum p^-n (1 - 2p / 14 TeV)^m of the momentum in the rest frame of
 * both, whose exponents make transverse momenta and masses those of the Pythia sample. Both bosons
 * have at least {@link #LEAST_PT}. Exact: acceptance and rejection under a bound. Immutable.
 */
final class WzProcess {
  /** Least transverse momentum of the bosons, GeV. */
  static final double LEAST_PT = 490;

  /** Collision energy, GeV. */
  static final double COLLISION = 14_000;

  static final double POWER = 4.4;
  static final double END_POWER = 9;

  private static final double MOST_PT = 6900;
  private static final double W_MASS = 80.379;
  private static final double W_WIDTH = 2.085;
  private static final double Z_MASS = 91.1876;
  private static final double Z_WIDTH = 2.4952;
  private static final double MASS_WINDOW = 20;

  /** The mass of the pair is at most this much above twice the momentum, to the fourth power. */
  private static final double MASS_EXCESS = 1.2;

  private static final int GRID = 2000;
  private static final int MOST_TRIES = 10_000_000;

  private final double cW;
  private final double cWtil;
  private final double doubling;
  private final double anomalous;
  private final Proposal standardProposal;
  private final Proposal anomalousProposal;
  private final double standardShare;

  /**
   * A hard process.
   *
   * @param momentum of each boson in the rest frame of both, GeV
   * @param wMass mass of the W, GeV
   * @param zMass mass of the Z, GeV
   * @param zFlavour what the Z decays to: PDG id of the fermion
   */
  record Hard(
      Production production,
      Decays decays,
      Polynomial polynomial,
      double momentum,
      double wMass,
      double zMass,
      int zFlavour) {}

  /** Transverse momenta pT^-power and cosines with a density. */
  private record Proposal(double power, double most, double integral) {}

  /** Processes at these coefficients, 1/TeV^2. */
  WzProcess(double cW, double cWtil) {
    this.cW = cW;
    this.cWtil = cWtil;
    double square = cW * cW + cWtil * cWtil;
    this.doubling = square == 0 ? 1 : 2; // (a + b)^2 is at most 2 a^2 + 2 b^2
    this.anomalous = 2 * square * MASS_EXCESS;
    this.standardProposal = proposal(POWER, false);
    this.anomalousProposal = proposal(POWER - 4, true);
    double s = standardProposal.integral() * powerIntegral(POWER);
    double a = anomalousProposal.integral() * powerIntegral(POWER - 4);
    this.standardShare = s / (s + a);
  }

  private Proposal proposal(double power, boolean isAnomalous) {
    double most = 0;
    double integral = 0;
    for (int i = 0; i < GRID; i++) {
      double value = angular((i + 0.5) * 2 / GRID - 1, isAnomalous);
      most = Math.max(most, value);
      integral += value * 2 / GRID;
    }
    return new Proposal(power, 1.05 * most, integral);
  }

  /**
   * Density of the proposal in cos Theta where p = pT / sin Theta: the spectrum p^-n dp gives sin
   * to the power n - 1. Mean over the W's charge is not taken: the larger one.
   */
  private double angular(double cos, boolean isAnomalous) {
    Production plus = new Production(1, cos, 2e-3);
    double sin = plus.sinTheta();
    if (isAnomalous) {
      // At p = pT / sin the mass is 2 pT / sin, in TeV 2e-3 pT / sin.
      return anomalous * WzAmplitudes.mostAnomalous(plus) * StrictMath.pow(sin, POWER - 1 - 4);
    }
    double most =
        Math.max(WzAmplitudes.most(plus), WzAmplitudes.most(new Production(-1, cos, 2e-3)));
    return doubling * most * StrictMath.pow(sin, POWER - 1);
  }

  private static double powerIntegral(double power) {
    return (StrictMath.pow(MOST_PT, 1 - power) - StrictMath.pow(LEAST_PT, 1 - power)) / (1 - power);
  }

  private static double fromPower(double power, double u) {
    double low = StrictMath.pow(LEAST_PT, 1 - power);
    double high = StrictMath.pow(MOST_PT, 1 - power);
    return StrictMath.pow(low + u * (high - low), 1 / (1 - power));
  }

  /** Draws a process of a charge of the W and a flavour of the Z's decay. */
  Hard draw(double charge, int zFlavour, EventRandom random) {
    double left = left(zFlavour);
    double right = left - isospin(zFlavour);
    for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
      boolean isAnomalous = random.uniform() > standardShare;
      Proposal proposal = isAnomalous ? anomalousProposal : standardProposal;
      double pt = fromPower(proposal.power(), random.uniform());
      double cos = random.uniform(-1, 1);
      double u = random.uniform() * proposal.most();
      double angular = angular(cos, isAnomalous);
      if (!(u < angular)) {
        continue;
      }
      double momentum = pt / Math.sqrt((1 - cos) * (1 + cos));
      double end = 1 - 2 * momentum / COLLISION;
      if (!(end > 0)) {
        continue;
      }
      double wMass = breitWigner(W_MASS, W_WIDTH, random);
      double zMass = breitWigner(Z_MASS, Z_WIDTH, random);
      double mass =
          Math.sqrt(momentum * momentum + wMass * wMass)
              + Math.sqrt(momentum * momentum + zMass * zMass);
      Production production = new Production(charge, cos, mass / 1e3);
      Decays decays =
          new Decays(
              StrictMath.acos(random.uniform(-1, 1)),
              random.uniform(-Math.PI, Math.PI),
              StrictMath.acos(random.uniform(-1, 1)),
              random.uniform(-Math.PI, Math.PI),
              left * left,
              right * right);
      Polynomial polynomial = WzAmplitudes.polynomial(production, decays);
      double proposed =
          angular(cos, false) * StrictMath.pow(pt, -POWER)
              + angular(cos, true) * StrictMath.pow(pt, 4 - POWER);
      double wanted =
          polynomial.density()
              * polynomial.weight(cW, cWtil)
              * StrictMath.pow(end, END_POWER)
              * StrictMath.pow(pt, -POWER)
              * StrictMath.pow(production.sinTheta(), POWER - 1);
      if (random.uniform() * proposed < wanted) {
        return new Hard(production, decays, polynomial, momentum, wMass, zMass, zFlavour);
      }
    }
    throw new IllegalStateException(
        "no event in " + MOST_TRIES + " tries at cW = " + cW + ", cWtil = " + cWtil);
  }

  /** A mass of a relativistic Breit and Wigner distribution, within 20 GeV of its peak. */
  private static double breitWigner(double mass, double width, EventRandom random) {
    double scale = mass * width;
    double low =
        StrictMath.atan(((mass - MASS_WINDOW) * (mass - MASS_WINDOW) - mass * mass) / scale);
    double high =
        StrictMath.atan(((mass + MASS_WINDOW) * (mass + MASS_WINDOW) - mass * mass) / scale);
    return Math.sqrt(mass * mass + scale * StrictMath.tan(random.uniform(low, high)));
  }

  private static double isospin(int fermion) {
    return fermion % 2 == 0 ? 0.5 : -0.5;
  }

  /** Coupling of the Z to left-handed fermions, T3 - Q sin^2. */
  private static double left(int fermion) {
    double charge =
        fermion > 10 ? (fermion % 2 == 0 ? 0 : -1) : (fermion % 2 == 0 ? 2.0 / 3 : -1.0 / 3);
    return isospin(fermion) - charge * WzAmplitudes.SIN2;
  }
}
