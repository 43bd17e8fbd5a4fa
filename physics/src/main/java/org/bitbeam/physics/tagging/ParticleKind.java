package org.bitbeam.physics.tagging;

/** What a tagger tells apart by the PDG identifier. */
enum ParticleKind {
  ELECTRON,
  MUON,
  PHOTON,
  /** A charged hadron whose positive identifier has charge +1. */
  POSITIVE_HADRON,
  /** A charged hadron whose positive identifier has charge -1. */
  NEGATIVE_HADRON,
  /** All that is none of the others. */
  NEUTRAL_HADRON,
  /** Identifier 0: not known. */
  NONE;

  static ParticleKind of(int pdgId) {
    return switch (Math.abs(pdgId)) {
      case 0 -> NONE;
      case 11 -> ELECTRON;
      case 13 -> MUON;
      case 22 -> PHOTON;
      // pi+, K+, p, Sigma+
      case 211, 321, 2212, 3222 -> POSITIVE_HADRON;
      // Sigma-, Xi-, Omega-
      case 3112, 3312, 3334 -> NEGATIVE_HADRON;
      default -> NEUTRAL_HADRON;
    };
  }

  boolean isCharged() {
    return this != PHOTON && this != NEUTRAL_HADRON && this != NONE;
  }

  int chargeOfPositiveId() {
    return this == POSITIVE_HADRON ? 1 : -1;
  }
}
