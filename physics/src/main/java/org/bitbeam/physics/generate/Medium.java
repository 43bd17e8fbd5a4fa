package org.bitbeam.physics.generate;

/**
 * A sampling calorimeter's mixture of absorber and active material as the parametrisation of
 * showers sees it (Grindhammer and Peters, hep-ex/0001020, section 3).
 *
 * @param z effective charge number
 * @param radiationLengthMm X0
 * @param criticalEnergyMeV E_c
 * @param moliereRadiusMm R_M
 * @param samplingFrequency F_s = X0 / (thickness of a pair of layers)
 * @param electronToMip e/mip signal ratio, 1 / (1 + 0.007 (Z_absorber - Z_active))
 */
record Medium(
    double z,
    double radiationLengthMm,
    double criticalEnergyMeV,
    double moliereRadiusMm,
    double samplingFrequency,
    double electronToMip) {
  private static final double SCALE_ENERGY_MEV = 21.2052; // E_s = m_e sqrt(4 pi / alpha)

  /**
   * A material (Particle Data Group, Atomic and nuclear properties of materials).
   *
   * @param z charge number
   * @param radiationLength g/cm2
   * @param criticalEnergy of electrons, MeV
   * @param density g/cm3
   */
  record Material(double z, double radiationLength, double criticalEnergy, double density) {
    static final Material TUNGSTEN = new Material(74, 6.76, 7.97, 19.3);
    static final Material SILICON = new Material(14, 21.82, 40.19, 2.33);
    static final Material LEAD = new Material(82, 6.37, 7.43, 11.35);
    static final Material LIQUID_ARGON = new Material(18, 19.55, 32.84, 1.396);
  }

  /** Layers of an absorber and an active material, of these thicknesses in mm. */
  static Medium of(Material absorber, double absorberMm, Material active, double activeMm) {
    double mass = absorberMm * absorber.density() + activeMm * active.density();
    double a = absorberMm * absorber.density() / mass;
    double p = 1 - a;
    double density = mass / (absorberMm + activeMm);
    double length = 1 / (a / absorber.radiationLength() + p / active.radiationLength());
    double critical =
        a * absorber.criticalEnergy() / absorber.radiationLength()
            + p * active.criticalEnergy() / active.radiationLength();
    double lengthMm = 10 * length / density;
    return new Medium(
        a * absorber.z() + p * active.z(),
        lengthMm,
        length * critical,
        10 * SCALE_ENERGY_MEV / (density * critical),
        lengthMm / (absorberMm + activeMm),
        1 / (1 + 0.007 * (absorber.z() - active.z())));
  }
}
