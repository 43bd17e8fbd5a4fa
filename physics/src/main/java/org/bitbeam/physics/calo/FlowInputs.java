package org.bitbeam.physics.calo;

/**
 * What the flow of {@link CaloInn} is given, in simulation and in training: a shower's shares
 * ({@code specs/models.md} 4.2: voxels over the energies of their layers, then u_0, u_1, ...) with
 * uniform noise, their logarithms, and the logarithm of the incident energy. Immutable.
 *
 * @param geometry the voxels
 * @param noise width of the noise that is added to each share
 */
public record FlowInputs(CaloGeometry geometry, double noise) {
  // Added before the logarithm, taken off after the exponential (specs/models.md 4.2).
  static final double LOG_EPSILON = 1e-8;

  public FlowInputs {
    if (!(noise >= 0 && noise < 1)) {
      throw new IllegalArgumentException("noise of width " + noise + ", expected 0 to below 1");
    }
  }

  /** Numbers of a shower: its voxels and layers. */
  public int length() {
    return new LayerShares(geometry).length();
  }

  /**
   * Shares of a shower, without noise.
   *
   * @param voxels energies in MeV
   * @param from where the shower begins
   * @param incident energy in MeV
   * @param target gets {@link #length()} numbers from {@code at} on
   */
  public void shares(double[] voxels, int from, double incident, double[] target, int at) {
    new LayerShares(geometry).of(voxels, from, incident, target, at);
  }

  /**
   * Adds noise to a shower's shares, in place.
   *
   * @param random where it is from; number k of a shower is its stream k
   * @param shower number of the shower
   */
  public void addNoise(double[] shares, int at, CounterRandom random, long shower) {
    int length = length();
    for (int k = 0; k < length; k++) {
      shares[at + k] += noise * random.uniform(shower, k);
    }
  }

  /** From shares to their logarithms, in place. */
  public static void logarithms(double[] shares) {
    for (int k = 0; k < shares.length; k++) {
      shares[k] = Elementary.log(shares[k] + LOG_EPSILON);
    }
  }

  /** The condition for an incident energy in MeV: log10 of it in GeV. */
  public static float condition(double incident) {
    return (float) StrictMath.log10(incident / 1e3);
  }
}
