package org.bitbeam.physics.calo;

import org.bitbeam.physics.StageCounter;

/** Something that makes showers. Safe to use from several threads. */
public interface ShowerModel {
  /** The voxels. */
  CaloGeometry geometry();

  /** Incident energies the model was trained for, in MeV. */
  EnergyRange trainedFor();

  /** Most showers it makes at a time; results do not depend on it. */
  int showersPerCall();

  /**
   * Makes showers. Shower i depends on its number, its particle, its energy and the seed alone.
   *
   * @param energies incident energies in MeV, {@link #showersPerCall()} at most
   * @param random noise
   * @param showers number of each shower
   * @param particles number of the particle in its event, for each shower
   * @return energies of the voxels in MeV, shower by shower
   */
  double[] sample(double[] energies, CounterRandom random, long[] showers, int[] particles);

  /**
   * The same, and says what it took: models that integrate equations count the evaluations of their
   * velocities.
   */
  default double[] sample(
      double[] energies,
      CounterRandom random,
      long[] showers,
      int[] particles,
      StageCounter counter) {
    return sample(energies, random, showers, particles);
  }

  /**
   * A range of incident energies.
   *
   * @param minimum in MeV
   * @param maximum in MeV
   */
  record EnergyRange(double minimum, double maximum) {
    public EnergyRange {
      if (!(minimum > 0 && maximum >= minimum)) {
        throw new IllegalArgumentException(
            "energies from " + minimum + " to " + maximum + " MeV are no range");
      }
    }

    /** Whether an energy lies in it. */
    public boolean contains(double energy) {
      return energy >= minimum && energy <= maximum;
    }
  }
}
