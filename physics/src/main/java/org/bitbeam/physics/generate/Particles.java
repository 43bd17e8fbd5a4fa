package org.bitbeam.physics.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Particles of one event, by transverse momentum, rapidity, azimuth, PDG id; energies in GeV. Not
 * safe for several threads.
 */
final class Particles {
  private static final double LEAST_PT = 0.1;
  private static final int NEWTON_STEPS = 8;

  private double[] pt = new double[64];
  private double[] y = new double[64];
  private double[] phi = new double[64];
  private int[] id = new int[64];
  private int count;

  void clear() {
    count = 0;
  }

  int count() {
    return count;
  }

  void add(double pt, double y, double phi, int id) {
    if (count == this.id.length) {
      this.pt = Arrays.copyOf(this.pt, 2 * count);
      this.y = Arrays.copyOf(this.y, 2 * count);
      this.phi = Arrays.copyOf(this.phi, 2 * count);
      this.id = Arrays.copyOf(this.id, 2 * count);
    }
    this.pt[count] = pt;
    this.y[count] = y;
    this.phi[count] = phi;
    this.id[count++] = id;
  }

  double pt(int i) {
    return pt[i];
  }

  double y(int i) {
    return y[i];
  }

  double phi(int i) {
    return phi[i];
  }

  int id(int i) {
    return id[i];
  }

  /** Mass of a particle (Particle Data Group), GeV. */
  static double mass(int id) {
    return switch (Math.abs(id)) {
      case 11 -> 0.000510999;
      case 13 -> 0.10565837;
      case 22 -> 0;
      case 130 -> 0.497611;
      case 211 -> 0.13957039;
      case 321 -> 0.493677;
      case 2112 -> 0.93956542;
      case 2212 -> 0.93827209;
      default -> throw new IllegalArgumentException("no mass of particle " + id);
    };
  }

  Momentum momentum(int i) {
    double m = mass(id[i]);
    double mt = Math.sqrt(pt[i] * pt[i] + m * m);
    return new Momentum(
        mt * StrictMath.cosh(y[i]),
        pt[i] * StrictMath.cos(phi[i]),
        pt[i] * StrictMath.sin(phi[i]),
        mt * StrictMath.sinh(y[i]));
  }

  /** Copies those within a distance in rapidity and azimuth, and of at least 0.1 GeV. */
  void copyWithin(double centreY, double centrePhi, double radius, Particles target) {
    for (int i = 0; i < count; i++) {
      double dy = y[i] - centreY;
      double dphi = Momentum.wrap(phi[i] - centrePhi);
      if (pt[i] >= LEAST_PT && dy * dy + dphi * dphi < radius * radius) {
        target.add(pt[i], y[i], phi[i], id[i]);
      }
    }
  }

  /** Sum of the momenta of all. */
  Momentum sum() {
    Momentum sum = Momentum.ZERO;
    for (int i = 0; i < count; i++) {
      sum = sum.plus(momentum(i));
    }
    return sum;
  }

  /**
   * Gives all together a momentum: in their rest frame the momenta are scaled until the energies
   * add up to its mass.
   *
   * @throws IllegalArgumentException when the particles have more mass
   */
  void reconcile(Momentum total) {
    Momentum now = sum();
    Momentum[] resting = new Momentum[count];
    double masses = 0;
    for (int i = 0; i < count; i++) {
      resting[i] = momentum(i).boostedToRest(now);
      masses += mass(id[i]);
    }
    double wanted = total.mass();
    if (!(masses < wanted)) {
      throw new IllegalArgumentException(
          "particles of " + masses + " GeV together, the total has " + wanted);
    }
    double factor = 1;
    for (int step = 0; step < NEWTON_STEPS; step++) {
      double energy = 0;
      double slope = 0;
      for (int i = 0; i < count; i++) {
        double e = resting[i].scaled(factor, mass(id[i])).e();
        energy += e;
        slope += factor * resting[i].p() * resting[i].p() / e;
      }
      factor -= (energy - wanted) / slope; // convex: converges from above
    }
    for (int i = 0; i < count; i++) {
      Momentum p = resting[i].scaled(factor, mass(id[i])).boostedFromRest(total);
      pt[i] = p.pt();
      y[i] = p.rapidity();
      phi[i] = p.phi();
    }
  }

  /** Numbers of the particles, the hardest first. */
  int[] byPt() {
    return IntStream.range(0, count)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -pt[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
