package org.bitbeam.physics.tagging;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a network may want to know about a constituent or its jet, under the names that a bundle's
 * preprocessing uses. All are computed in double precision from single precision inputs; energies
 * are those of massless particles. In the formulas, E_jet = sqrt((pT_jet cosh eta_jet)^2 +
 * m_jet^2).
 */
public enum ConstituentVariable {
  /** Transverse momentum, GeV. */
  PT {
    @Override
    double of(Constituent c) {
      return c.pt;
    }
  },
  /** Pseudorapidity. */
  ETA {
    @Override
    double of(Constituent c) {
      return c.eta;
    }
  },
  /** Azimuth. */
  PHI {
    @Override
    double of(Constituent c) {
      return c.phi;
    }
  },
  /** E = pT cosh(eta), GeV. */
  ENERGY {
    @Override
    double of(Constituent c) {
      return c.energy;
    }
  },
  /** 1 for a constituent, 0 for padding. */
  MASK {
    @Override
    double of(Constituent c) {
      return 1;
    }
  },
  /** ln(pT / GeV). */
  LOG_PT {
    @Override
    double of(Constituent c) {
      return StrictMath.log(c.pt);
    }
  },
  /** ln(E / GeV). */
  LOG_E {
    @Override
    double of(Constituent c) {
      return StrictMath.log(c.energy);
    }
  },
  /** ln(pT / pT_jet). */
  LOG_PTREL {
    @Override
    double of(Constituent c) {
      return StrictMath.log(c.pt / c.jetPt);
    }
  },
  /** ln(E / E_jet). */
  LOG_EREL {
    @Override
    double of(Constituent c) {
      return StrictMath.log(c.energy / c.jetEnergy);
    }
  },
  /** (eta - eta_jet) sign(eta_jet), where sign(0) = +1. */
  DETA {
    @Override
    double of(Constituent c) {
      return c.deta;
    }
  },
  /** phi - phi_jet in [-pi, pi). */
  DPHI {
    @Override
    double of(Constituent c) {
      return c.dphi;
    }
  },
  /** Distance from the jet axis in (eta, phi). */
  DR {
    @Override
    double of(Constituent c) {
      return StrictMath.hypot(c.deta, c.dphi);
    }
  },
  /** Electric charge in units of e, from the PDG identifier. */
  CHARGE {
    @Override
    double of(Constituent c) {
      return c.kind.isCharged() ? Integer.signum(c.pdgId) * c.kind.chargeOfPositiveId() : 0;
    }
  },
  /** 1 for electrons and positrons. */
  IS_ELECTRON {
    @Override
    double of(Constituent c) {
      return c.kind == ParticleKind.ELECTRON ? 1 : 0;
    }
  },
  /** 1 for muons. */
  IS_MUON {
    @Override
    double of(Constituent c) {
      return c.kind == ParticleKind.MUON ? 1 : 0;
    }
  },
  /** 1 for photons. */
  IS_PHOTON {
    @Override
    double of(Constituent c) {
      return c.kind == ParticleKind.PHOTON ? 1 : 0;
    }
  },
  /** 1 for charged hadrons. */
  IS_CHARGED_HADRON {
    @Override
    double of(Constituent c) {
      return c.kind == ParticleKind.POSITIVE_HADRON || c.kind == ParticleKind.NEGATIVE_HADRON
          ? 1
          : 0;
    }
  },
  /** 1 for all other particles. */
  IS_NEUTRAL_HADRON {
    @Override
    double of(Constituent c) {
      return c.kind == ParticleKind.NEUTRAL_HADRON ? 1 : 0;
    }
  },
  /** |eta|. */
  ABS_ETA {
    @Override
    double of(Constituent c) {
      return Math.abs(c.eta);
    }
  },
  /** Transverse momentum of the jet, GeV. */
  JET_PT {
    @Override
    double of(Constituent c) {
      return c.jetPt;
    }
  },
  /** ln(pT_jet / GeV). */
  JET_LOG_PT {
    @Override
    double of(Constituent c) {
      return StrictMath.log(c.jetPt);
    }
  },
  /** Pseudorapidity of the jet. */
  JET_ETA {
    @Override
    double of(Constituent c) {
      return c.jetEta;
    }
  },
  /** Azimuth of the jet. */
  JET_PHI {
    @Override
    double of(Constituent c) {
      return c.jetPhi;
    }
  },
  /** Mass of the jet, GeV. */
  JET_MASS {
    @Override
    double of(Constituent c) {
      return c.jetMass;
    }
  };

  // The names CMS gives to the same numbers.
  private static final Map<String, ConstituentVariable> CMS_NAMES =
      Map.ofEntries(
          Map.entry("pfcand_pt", PT),
          Map.entry("pfcand_eta", ETA),
          Map.entry("pfcand_phi", PHI),
          Map.entry("pfcand_energy", ENERGY),
          Map.entry("pfcand_mask", MASK),
          Map.entry("pfcand_pt_log", LOG_PT),
          Map.entry("pfcand_e_log", LOG_E),
          Map.entry("pfcand_ptrel_log", LOG_PTREL),
          Map.entry("pfcand_erel_log", LOG_EREL),
          Map.entry("pfcand_etarel", DETA),
          Map.entry("pfcand_phirel", DPHI),
          Map.entry("pfcand_deltaR", DR),
          Map.entry("pfcand_abseta", ABS_ETA),
          Map.entry("pfcand_charge", CHARGE),
          Map.entry("pfcand_isEl", IS_ELECTRON),
          Map.entry("pfcand_isMu", IS_MUON),
          Map.entry("pfcand_isGamma", IS_PHOTON),
          Map.entry("pfcand_isChargedHad", IS_CHARGED_HADRON),
          Map.entry("pfcand_isNeutralHad", IS_NEUTRAL_HADRON));

  /** Value for a constituent. */
  abstract double of(Constituent c);

  /** The name in {@code var_names}, such as {@code log_ptrel}. */
  public String variableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The variable of that name, or of that name in CMS, such as {@code pfcand_ptrel_log}. */
  public static Optional<ConstituentVariable> named(String name) {
    ConstituentVariable cms = CMS_NAMES.get(name);
    return cms != null
        ? Optional.of(cms)
        : Arrays.stream(values()).filter(v -> v.variableName().equals(name)).findFirst();
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values())
        .map(ConstituentVariable::variableName)
        .collect(Collectors.joining(", "));
  }

  /** A constituent and its jet, filled anew for each. */
  static final class Constituent {
    double pt;
    double eta;
    double phi;
    double energy;
    double deta;
    double dphi;
    int pdgId;
    ParticleKind kind = ParticleKind.NONE;
    double jetPt;
    double jetEnergy;
    double jetEta;
    double jetPhi;
    double jetMass;
    private double etaSign;

    void setJet(double newPt, double newEta, double newPhi, double mass) {
      jetPt = newPt;
      jetEta = newEta;
      jetPhi = newPhi;
      jetMass = mass;
      etaSign = newEta >= 0 ? 1 : -1;
      double momentum = newPt * StrictMath.cosh(newEta);
      jetEnergy = Math.sqrt(momentum * momentum + mass * mass);
    }

    void set(double newPt, double newEta, double newPhi, int newPdgId) {
      pt = newPt;
      eta = newEta;
      phi = newPhi;
      pdgId = newPdgId;
      kind = ParticleKind.of(newPdgId);
      energy = newPt * StrictMath.cosh(newEta);
      deta = (newEta - jetEta) * etaSign;
      dphi = Angles.difference(newPhi, jetPhi);
    }
  }
}
