package org.bitbeam.physics.generate;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
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
  private static final double EDGE = 1e-9;

  /** The mass of the pair is at most this much above twice the momentum, to the fourth power. */
  private static final double MASS_EXCESS = 1.2;

  private static final int MOST_TRIES = 10_000_000;

  /** The end of the spectrum is below its value at the least pT times this power of pT. */
  private static final double STEEPER = 0.7;

  /** Cells of cos Theta, and how much larger than at their borders the density may be within. */
  private static final int CELLS = 2000;

  private static final double CELL_MARGIN = 1.02;

  private static final Resonance W = new Resonance(80.379, 2.085);
  private static final Resonance Z = new Resonance(91.1876, 2.4952);

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

  /** A mass distribution: a relativistic Breit and Wigner, within 20 GeV of its peak. */
  private record Resonance(double mass, double width, double low, double high) {
    private static final double WINDOW = 20;

    Resonance(double mass, double width) {
      this(mass, width, angle(mass, width, mass - WINDOW), angle(mass, width, mass + WINDOW));
    }

    private static double angle(double mass, double width, double at) {
      return StrictMath.atan((at * at - mass * mass) / (mass * width));
    }

    double draw(EventRandom random) {
      return Math.sqrt(mass * mass + mass * width * StrictMath.tan(random.uniform(low, high)));
    }
  }

  /**
   * Draws pT^-power and cos Theta by a histogram.
   *
   * @param heights of the cells
   * @param sums up to the end of each cell
   */
  private record Proposal(double power, double low, double high, double[] heights, double[] sums) {
    static Proposal of(double power, DoubleUnaryOperator density) {
      double[] heights = new double[CELLS];
      double[] sums = new double[CELLS];
      double sum = 0;
      for (int i = 0; i < CELLS; i++) {
        double left = density.applyAsDouble(Math.max(-1 + EDGE, 2.0 * i / CELLS - 1));
        double right = density.applyAsDouble(Math.min(1 - EDGE, 2.0 * (i + 1) / CELLS - 1));
        heights[i] = CELL_MARGIN * Math.max(left, right);
        sum += heights[i];
        sums[i] = sum;
      }
      return new Proposal(
          power,
          StrictMath.pow(LEAST_PT, 1 - power),
          StrictMath.pow(MOST_PT, 1 - power),
          heights,
          sums);
    }

    double integral() {
      return sums[CELLS - 1] * 2 / CELLS * (high - low) / (1 - power);
    }

    double pt(EventRandom random) {
      return StrictMath.pow(random.uniform(low, high), 1 / (1 - power));
    }

    double cos(EventRandom random) {
      int found = Arrays.binarySearch(sums, random.uniform() * sums[CELLS - 1]);
      int cell = Math.min(CELLS - 1, found < 0 ? -found - 1 : found);
      return 2 * (cell + random.uniform()) / CELLS - 1;
    }

    double height(double cos) {
      return heights[Math.min(CELLS - 1, (int) ((cos + 1) / 2 * CELLS))];
    }
  }

  /** Processes at these coefficients, 1/TeV^2. */
  WzProcess(double cW, double cWtil) {
    this.cW = cW;
    this.cWtil = cWtil;
    double square = cW * cW + cWtil * cWtil;
    this.doubling = square == 0 ? 1 : 2; // (a + b)^2 is at most 2 a^2 + 2 b^2
    this.anomalous = 2 * square * MASS_EXCESS;
    this.standardProposal = Proposal.of(POWER + STEEPER, cos -> angular(cos, false));
    this.anomalousProposal = Proposal.of(POWER + STEEPER - 4, cos -> angular(cos, true));
    double s = standardProposal.integral();
    this.standardShare = s / (s + anomalousProposal.integral());
  }

  /**
   * Density of the proposal in cos Theta where p = pT / sin Theta: the spectrum p^-n dp gives sin
   * to the power n - 1. Of the W's charges the larger one.
   */
  private double angular(double cos, boolean isAnomalous) {
    Production plus = new Production(1, cos, 2e-3);
    double sin = plus.sinTheta();
    double end = endPower(2 * LEAST_PT / COLLISION) * StrictMath.pow(LEAST_PT, STEEPER);
    if (isAnomalous) {
      // At p = pT / sin the mass is 2 pT / sin, in TeV 2e-3 pT / sin.
      return end
          * anomalous
          * WzAmplitudes.mostAnomalous(plus)
          * StrictMath.pow(sin, POWER - 1 - 4);
    }
    double most =
        Math.max(WzAmplitudes.most(plus), WzAmplitudes.most(new Production(-1, cos, 2e-3)));
    return end * doubling * most * StrictMath.pow(sin, POWER - 1);
  }

  private static double endPower(double x) {
    return StrictMath.pow(1 - x, END_POWER);
  }

  /** Draws a process of a charge of the W and a flavour of the Z's decay. */
  Hard draw(double charge, int zFlavour, EventRandom random) {
    double left = left(zFlavour);
    double right = right(zFlavour);
    for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
      boolean isAnomalous = random.uniform() > standardShare;
      Proposal proposal = isAnomalous ? anomalousProposal : standardProposal;
      double pt = proposal.pt(random);
      double cos = proposal.cos(random);
      double sin = Math.sqrt((1 - cos) * (1 + cos));
      double momentum = pt / sin;
      if (!(2 * momentum < COLLISION)) {
        continue;
      }
      double wMass = W.draw(random);
      double zMass = Z.draw(random);
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
      // Both over pT^-n.
      double proposed =
          (standardProposal.height(cos) + anomalousProposal.height(cos) * pt * pt * pt * pt)
              * StrictMath.pow(pt, -STEEPER);
      double wanted =
          polynomial.density()
              * polynomial.weight(cW, cWtil)
              * endPower(2 * momentum / COLLISION)
              * StrictMath.pow(sin, POWER - 1);
      if (random.uniform() * proposed < wanted) {
        return new Hard(production, decays, polynomial, momentum, wMass, zMass, zFlavour);
      }
    }
    throw new IllegalStateException(
        "no event in " + MOST_TRIES + " tries at cW = " + cW + ", cWtil = " + cWtil);
  }

  private static double isospin(int fermion) {
    return fermion % 2 == 0 ? 0.5 : -0.5;
  }

  /** Coupling of the Z to left-handed fermions, T3 - Q sin^2. */
  static double left(int fermion) {
    double charge =
        fermion > 10 ? (fermion % 2 == 0 ? 0 : -1) : (fermion % 2 == 0 ? 2.0 / 3 : -1.0 / 3);
    return isospin(fermion) - charge * WzAmplitudes.SIN2;
  }

  /** Coupling of the Z to right-handed fermions, -Q sin^2. */
  static double right(int fermion) {
    return left(fermion) - isospin(fermion);
  }
}
