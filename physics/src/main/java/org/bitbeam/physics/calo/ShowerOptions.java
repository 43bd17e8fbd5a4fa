package org.bitbeam.physics.calo;

/**
 * How a {@link ShowerSimulator} works.
 *
 * @param energyColumn incident energies: one number an entry, or a list of particles
 * @param mevPerUnit 1 for a column in MeV, 1000 for GeV
 * @param seed of the noise
 * @param outOfRange what to do with energies the model was not trained for
 * @param dense whether all voxels are written, or those that are not zero with their indices
 */
public record ShowerOptions(
    String energyColumn, double mevPerUnit, long seed, OutOfRange outOfRange, boolean dense) {

  /** What to do with incident energies outside of the trained range. */
  public enum OutOfRange {
    /** Stop and name the entry. */
    ERROR,
    /** Simulate with the nearest energy of the range; counted. */
    CLAMP,
    /** Simulate as given, and say so in the column {@code shower_outOfRange}; counted. */
    FLAG
  }

  public ShowerOptions {
    if (!(mevPerUnit > 0)) {
      throw new IllegalArgumentException(mevPerUnit + " MeV a unit, expected more than 0");
    }
  }
}
