package org.bitbeam.physics.generate;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Quarks and gluons that branch into others at ever smaller angles, down to a transverse momentum
 * where hadrons take over: leading logarithms with exact splitting functions and a running coupling
 * by the veto algorithm (specs/training.md 4.2; angular order: Marchesini and Webber, Nuclear
 * Physics B 238 (1984) 1). Hadrons come off each final parton one by one with parts of its energy.
 * Energies stand for transverse momenta, directions are in rapidity and azimuth. Immutable.
 *
 * @param tune free parameters
 */
record PartonShower(Tune tune) {
  private static final double GLUON_CHARGE = 3; // C_A
  private static final double QUARK_CHARGE = 4.0 / 3; // C_F
  private static final double FLAVOURS = 2.5; // T_R n_f
  private static final double BETA_0 = (33 - 10) / (12 * Math.PI);
  private static final double UNDERLYING_LEAST = 0.2; // GeV
  private static final double UNDERLYING_SLOPE = 0.6; // GeV
  private static final double LEAST_SCALE = 0.6; // GeV^2, below it the coupling is frozen

  /**
   * Free parameters.
   *
   * @param cutoff least transverse momentum of a branching, GeV
   * @param lambda2 square of Lambda of the coupling, GeV^2
   * @param gluonSoftness a: hadrons of gluons take part x of the energy, of mean 1 / (2 + a)
   * @param quarkSoftness the same of quarks
   * @param steadiness b: x follows the beta distribution of b and b (1 + a); the larger, the less
   *     it fluctuates; 1 gives the density (1 + a) (1 - x)^a
   * @param stop partons with less energy make no more hadrons, GeV
   * @param least energy of a hadron, GeV
   * @param kick transverse momentum of a hadron, GeV in each direction
   * @param underlying mean number of particles of the underlying event in a jet of radius 0.4
   */
  record Tune(
      double cutoff,
      double lambda2,
      double gluonSoftness,
      double quarkSoftness,
      double steadiness,
      double stop,
      double least,
      double kick,
      double underlying) {
    /**
     * Fitted to Pythia 8.317's quark and gluon jets of 500 to 550 GeV (docs/generators.md).
     * Branchings end at a large transverse momentum: the hadrons of fewer partons fluctuate less.
     */
    static final Tune PYTHIA = new Tune(2.7, 0.01, 3, 1, 2.6, 1, 0.1, 0.35, 0.4);
  }

  private record Parton(double e, double y, double phi, boolean gluon, double angle) {}

  /**
   * Adds the hadrons of a parton.
   *
   * @param e energy, GeV
   * @param y direction, also {@code phi}
   * @param angle largest opening angle of its branchings
   */
  void add(
      double e,
      double y,
      double phi,
      boolean gluon,
      double angle,
      EventRandom random,
      Particles hadrons) {
    Deque<Parton> waiting = new ArrayDeque<>();
    waiting.push(new Parton(e, y, phi, gluon, angle));
    while (!waiting.isEmpty()) {
      branch(waiting.pop(), random, waiting, hadrons);
    }
  }

  /**
   * Adds soft particles that do not belong to a jet, evenly within a radius.
   *
   * @param mean of their number
   * @param y centre, also {@code phi}
   */
  void addUnderlyingEvent(
      double mean, double y, double phi, double radius, EventRandom random, Particles hadrons) {
    int count = random.poisson(mean);
    for (int i = 0; i < count; i++) {
      double r = radius * Math.sqrt(random.uniform());
      double around = 2 * Math.PI * random.uniform();
      double pt = UNDERLYING_LEAST - UNDERLYING_SLOPE * StrictMath.log(random.uniform());
      hadron(pt, y + r * StrictMath.cos(around), phi + r * StrictMath.sin(around), random, hadrons);
    }
  }

  private double coupling(double scale) {
    return 1 / (BETA_0 * StrictMath.log(Math.max(scale, LEAST_SCALE) / tune.lambda2()));
  }

  private void branch(Parton parton, EventRandom random, Deque<Parton> waiting, Particles hadrons) {
    double most = coupling(tune.cutoff() * tune.cutoff());
    double charge = 2 * (parton.gluon() ? GLUON_CHARGE : QUARK_CHARGE);
    double pairs = parton.gluon() ? FLAVOURS : 0;
    double logAngle2 = 2 * StrictMath.log(parton.angle());
    while (true) {
      double least = tune.cutoff() / (parton.e() * StrictMath.exp(logAngle2 / 2));
      if (least >= 0.5) {
        break;
      }
      double soft = charge * StrictMath.log(1 / least);
      logAngle2 += StrictMath.log(random.uniform()) * 2 * Math.PI / (most * (soft + pairs));
      double angle = StrictMath.exp(logAngle2 / 2);
      if (tune.cutoff() / (parton.e() * angle) >= 0.5) {
        break;
      }
      boolean pair = parton.gluon() && random.uniform() * (soft + pairs) < pairs;
      double u = random.uniform();
      double z = pair ? u : StrictMath.exp(u * StrictMath.log(least));
      double kt = Math.min(z, 1 - z) * parton.e() * angle;
      if (kt < tune.cutoff()) {
        continue;
      }
      if (random.uniform() <= kernel(parton, pair, z) * coupling(kt * kt) / most) {
        split(parton, pair, z, angle, random, waiting);
        return;
      }
    }
    hadronise(parton, random, hadrons);
  }

  /** Splitting function over its overestimate. */
  private static double kernel(Parton parton, boolean pair, double z) {
    double rest = 1 - z;
    if (pair) {
      return z * z + rest * rest;
    }
    return parton.gluon() ? z / 2 * (2 * rest / z + z * rest) : (1 + rest * rest) / 2;
  }

  private static void split(
      Parton parton,
      boolean pair,
      double z,
      double angle,
      EventRandom random,
      Deque<Parton> waiting) {
    double around = 2 * Math.PI * random.uniform();
    double dy = angle * StrictMath.cos(around);
    double dphi = angle * StrictMath.sin(around);
    waiting.push(
        new Parton(
            (1 - z) * parton.e(),
            parton.y() - z * dy,
            parton.phi() - z * dphi,
            parton.gluon() && !pair,
            angle));
    waiting.push(
        new Parton(
            z * parton.e(),
            parton.y() + (1 - z) * dy,
            parton.phi() + (1 - z) * dphi,
            !pair,
            angle));
  }

  private void hadronise(Parton parton, EventRandom random, Particles hadrons) {
    double softness = parton.gluon() ? tune.gluonSoftness() : tune.quarkSoftness();
    double left = parton.e();
    while (left > tune.stop()) {
      double taken = random.gamma(tune.steadiness());
      double x = taken / (taken + random.gamma(tune.steadiness() * (1 + softness)));
      double energy = Math.max(tune.least(), x * left);
      left -= energy;
      double y = parton.y() + tune.kick() / energy * random.normal();
      double phi = parton.phi() + tune.kick() / energy * random.normal();
      hadron(energy, y, phi, random, hadrons);
    }
  }

  /** Kinds of hadrons as the quark and gluon jets of Pythia 8.317 have them. */
  private static void hadron(
      double energy, double y, double phi, EventRandom random, Particles hadrons) {
    double u = random.uniform();
    int sign = random.uniform() < 0.5 ? -1 : 1;
    if (u < 0.296) { // pi0
      double part = random.uniform();
      hadrons.add(part * energy, y, phi, 22);
      hadrons.add((1 - part) * energy, y, phi, 22);
    } else if (u < 0.822) {
      hadrons.add(energy, y, phi, sign * 211);
    } else if (u < 0.886) {
      hadrons.add(energy, y, phi, sign * 321);
    } else if (u < 0.918) {
      hadrons.add(energy, y, phi, 130);
    } else if (u < 0.959) {
      hadrons.add(energy, y, phi, sign * 2112);
    } else {
      hadrons.add(energy, y, phi, sign * 2212);
    }
  }
}
