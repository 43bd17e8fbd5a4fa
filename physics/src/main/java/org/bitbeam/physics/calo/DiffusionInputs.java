package org.bitbeam.physics.calo;

/**
 * What the networks of {@link CaloDream} learn from, with the published constants ({@code
 * specs/models.md} 5.1): the logits of a shower's shares, and the incident energy. Immutable.
 *
 * @param geometry the voxels
 */
public record DiffusionInputs(CaloGeometry geometry) {
  private static final ShareScaling.Options OPTIONS = ShareScaling.Options.PUBLISHED;

  /** Numbers of a shower: its voxels and layers. */
  public int length() {
    return new LayerShares(geometry).length();
  }

  /**
   * Logits of a shower's shares: each voxel of the energy of its layer, then u_0, u_1, ... Not
   * standardised.
   *
   * @param voxels energies in MeV
   * @param from where the shower begins
   * @param incident energy in MeV
   */
  public double[] logits(double[] voxels, int from, double incident) {
    return OPTIONS.logits(new LayerShares(geometry), voxels, from, incident);
  }

  /** The condition for an incident energy in MeV: 0 for 1 GeV, 1 for 1 TeV, by its logarithm. */
  public static double condition(double incident) {
    return OPTIONS.condition(incident);
  }
}
