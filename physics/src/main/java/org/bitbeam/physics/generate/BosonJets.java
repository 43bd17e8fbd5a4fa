package org.bitbeam.physics.generate;

import java.util.Map;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.generate.WzProcess.Hard;

/**
 * Jets of boosted W and Z bosons from W Z pairs, with the columns of the Pythia sample
 * (data/README.md, section 2): the hard process with its full correlations of spins at given Wilson
 * coefficients ({@link WzProcess}), each quark of the hadronic boson a {@link PartonShower} within
 * the angle of the pair, all hadrons scaled to the boson's momentum and mass, and the sample's
 * selection (jet of radius 0.8 above 500 GeV, soft-drop mass from 70 to 110 GeV). The pair recoils
 * against nothing; there are no neutrinos in the jet. {@code eft_coeff} is relative to the Standard
 * Model, whatever the coefficients of the events. Immutable.
 */
public final class BosonJets implements EventSource {
  private static final double RADIUS = 0.8;
  private static final double LEAST_PT = 500;
  private static final double MOST_ETA = 2.4;
  private static final double MOST_QUARK_DISTANCE = 0.6;
  private static final double LEAST_MASS = 70;
  private static final double MOST_MASS = 110;
  private static final int STORED = 60;
  private static final double MOST_COEFFICIENT = 1000;
  private static final double LEAST_QUARK_PT = 15;

  // Read off the Pythia sample.
  private static final double HADRONIC_W = 0.543;
  private static final double POSITIVE_W = 0.71;
  private static final double RAPIDITY_WIDTH = 0.87;
  private static final double QUARK_SIDE = 0.93;
  private static final double UNDERLYING = 7; // particles in a jet

  /** Branching fractions of the Z (Particle Data Group): hadronic, and to leptons in the sample. */
  private static final int[] Z_QUARKS = {2, 4, 1, 3, 5};

  private static final double[] Z_QUARK_SHARES = {0.166, 0.166, 0.226, 0.226, 0.216};
  private static final int[] Z_LEPTONS = {11, 13, 12, 14, 16};
  private static final double[] Z_LEPTON_SHARES = {0.126, 0.126, 0.2493, 0.2493, 0.2494};

  private static final ColumnType FLOATS = new ColumnType.ListOf(ColumnType.Primitive.FLOAT32);

  private final CounterRandom numbers;
  private final WzProcess process;
  private final PartonShower shower = new PartonShower(PartonShower.Tune.PYTHIA);
  private final Schema schema;

  /** A decay boson of the event. */
  private record Boson(
      int id, int fermion, int antifermion, double theta, double phi, Decay decay) {}

  /** Momenta in the laboratory. */
  private record Decay(Momentum fermion, Momentum antifermion) {
    Momentum boson() {
      return fermion.plus(antifermion);
    }
  }

  /** A jet that was selected. */
  private record Jet(Particles constituents, Momentum sum, double groomedMass) {}

  /**
   * Jets of a seed.
   *
   * @param cW coefficient of O_W, 1/TeV^2
   * @param cWtil that of its CP-odd partner
   * @throws IllegalArgumentException when a coefficient is beyond 1000 or no number
   */
  public BosonJets(long seed, double cW, double cWtil) {
    if (!(Math.abs(cW) <= MOST_COEFFICIENT && Math.abs(cWtil) <= MOST_COEFFICIENT)) {
      throw new IllegalArgumentException(
          "coefficients cW = "
              + cW
              + ", cWtil = "
              + cWtil
              + ", expected "
              + MOST_COEFFICIENT
              + " at most, either sign");
    }
    this.numbers = new CounterRandom(seed);
    this.process = new WzProcess(cW, cWtil);
    this.schema = fields();
  }

  private static Schema fields() {
    return new EventTable.Fields()
        .integer("nPart", "number of stored constituents, " + STORED + " at most")
        .add("Part_pt", FLOATS, "transverse momentum, descending", "GeV")
        .add("Part_deta", FLOATS, "pseudorapidity relative to the jet", "")
        .add("Part_dphi", FLOATS, "azimuth relative to the jet", "rad")
        .add("Part_pdgId", new ColumnType.ListOf(ColumnType.Primitive.INT32), "PDG id", "")
        .number("jet_pt", "transverse momentum of all constituents", "GeV")
        .number("jet_eta", "pseudorapidity", "")
        .number("jet_phi", "azimuth", "rad")
        .number("jet_mass", "mass", "GeV")
        .number("jet_msd", "soft-drop mass, beta 0, zcut 0.1", "GeV")
        .number("genJet_pt", "with neutrinos: there are none", "GeV")
        .integer("jet_nConst", "number of all constituents")
        .number("gen_theta_had", "polar angle of the hadronic boson's fermion", "rad")
        .number("gen_phi_had", "its azimuth", "rad")
        .number("gen_theta_lep", "polar angle of the leptonic boson's fermion", "rad")
        .number("gen_phi_lep", "its azimuth", "rad")
        .number("gen_mWZ", "mass of the pair", "GeV")
        .number("gen_cos_theta", "of the angle of the W and the incoming quark", "")
        .integer("gen_quark_dir", "1: the incoming quark moves along +z, -1: along -z")
        .number("lab_gamma", "direction of the quarks in (eta, phi), modulo pi", "rad")
        .number("q1_pt", "of the decay quark", "GeV")
        .number("q1_eta", "", "")
        .number("q1_phi", "", "rad")
        .number("q2_pt", "of the antiquark", "GeV")
        .number("q2_eta", "", "")
        .number("q2_phi", "", "rad")
        .number("boson_pt", "of the hadronic boson", "GeV")
        .number("boson_eta", "", "")
        .number("boson_phi", "", "rad")
        .integer("boson_pdgId", "23, 24, -24")
        .integer("q1_pdgId", "")
        .integer("q2_pdgId", "")
        .integer("lep1_pdgId", "decay fermion of the other boson")
        .integer("lep2_pdgId", "its antifermion")
        .add(
            "eft_coeff",
            new ColumnType.ArrayOf(ColumnType.Primitive.FLOAT32, 6),
            "weight: 1, cW, cWtil, cW^2, cW cWtil, cWtil^2; 1/TeV^2",
            "")
        .add("eventNumber", ColumnType.Primitive.INT64, "from 1", "")
        .schema();
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Map<String, String> counters() {
    return Map.of(
        "Part_pt", "nPart",
        "Part_deta", "nPart",
        "Part_dphi", "nPart",
        "Part_pdgId", "nPart");
  }

  @Override
  public EventBatch generate(long first, int count) {
    return EventTable.events(schema, "jets", first, count, this::event);
  }

  private void event(long event, EventTable table) {
    EventRandom random = new EventRandom(numbers, event, 0);
    boolean hadronicW = random.uniform() <= HADRONIC_W;
    int charge = random.uniform() <= POSITIVE_W ? 1 : -1;
    int zFlavour =
        hadronicW
            ? random.choice(Z_LEPTONS, Z_LEPTON_SHARES)
            : random.choice(Z_QUARKS, Z_QUARK_SHARES);
    boolean heavier = random.uniform() <= 0.5; // the W's second generation
    while (true) {
      Hard hard = process.draw(charge, zFlavour, random);
      double boost = RAPIDITY_WIDTH * random.normal();
      int side = random.uniform() <= 0.5 * (1 + StrictMath.tanh(QUARK_SIDE * boost)) ? 1 : -1;
      double around = random.uniform(-Math.PI, Math.PI);
      int up = (hadronicW ? 2 : 12) + (heavier ? 2 : 0);
      Boson w =
          new Boson(
              24 * charge,
              charge > 0 ? up : up - 1,
              charge > 0 ? -(up - 1) : -up,
              hard.decays().thetaW(),
              hard.decays().phiW(),
              decay(hard, true, side, around, boost));
      Boson z =
          new Boson(
              23,
              zFlavour,
              -zFlavour,
              hard.decays().thetaZ(),
              hard.decays().phiZ(),
              decay(hard, false, side, around, boost));
      Boson hadronic = hadronicW ? w : z;
      if (!promising(hadronic.decay())) {
        continue;
      }
      Jet jet = jet(hadronic.decay(), random);
      if (selected(jet, hadronic.decay())) {
        write(table, event, hard, hadronic, hadronicW ? z : w, side, jet);
        return;
      }
    }
  }

  /** Momenta of the decay of a boson; azimuth from the side of the incoming quark. */
  private static Decay decay(Hard hard, boolean isW, int side, double around, double boost) {
    double cosQuark = hard.production().cosTheta();
    double cos = side * (isW ? cosQuark : -cosQuark); // polar angle of the boson in the laboratory
    double sin = hard.production().sinTheta();
    double azimuth = isW ? around : around + Math.PI;
    double mass = isW ? hard.wMass() : hard.zMass();
    double theta = isW ? hard.decays().thetaW() : hard.decays().thetaZ();
    double phi = (isW ? hard.decays().phiW() : hard.decays().phiZ()) + (side < 0 ? Math.PI : 0);
    double energy = Math.sqrt(hard.momentum() * hard.momentum() + mass * mass);
    double st = StrictMath.sin(theta);
    double nx = st * StrictMath.cos(phi);
    double ny = st * StrictMath.sin(phi);
    double nz = StrictMath.cos(theta);
    Momentum[] both = new Momentum[2];
    for (int i = 0; i < 2; i++) {
      double sign = i == 0 ? 1 : -1;
      double along = (hard.momentum() + sign * energy * nz) / 2; // boosted along the boson
      double e = (energy + sign * hard.momentum() * nz) / 2;
      double px = sign * mass / 2 * nx;
      double py = sign * mass / 2 * ny;
      // Axes: z the boson, x the beam's part across it (-cos cosA, -cos sinA, sin), y = z cross x.
      double ca = StrictMath.cos(azimuth);
      double sa = StrictMath.sin(azimuth);
      double x = along * sin * ca - px * cos * ca + py * sa;
      double y = along * sin * sa - px * cos * sa - py * ca;
      double z = along * cos + px * sin;
      double ch = StrictMath.cosh(boost);
      double sh = StrictMath.sinh(boost);
      both[i] = new Momentum(e * ch + z * sh, x, y, z * ch + e * sh);
    }
    return new Decay(both[0], both[1]);
  }

  /** Whether the decay can pass the selection; saves showers. */
  private static boolean promising(Decay decay) {
    Momentum boson = decay.boson();
    return Math.abs(boson.pseudorapidity()) < MOST_ETA + 0.1
        && Math.min(decay.fermion().pt(), decay.antifermion().pt()) > LEAST_QUARK_PT
        && distance(decay.fermion(), boson) < MOST_QUARK_DISTANCE + 0.1
        && distance(decay.antifermion(), boson) < MOST_QUARK_DISTANCE + 0.1;
  }

  private static double distance(Momentum a, Momentum b) {
    double deta = a.pseudorapidity() - b.pseudorapidity();
    double dphi = Momentum.wrap(a.phi() - b.phi());
    return Math.sqrt(deta * deta + dphi * dphi);
  }

  private Jet jet(Decay decay, EventRandom random) {
    double opening = distance(decay.fermion(), decay.antifermion());
    Particles hadrons = new Particles();
    Particles all = new Particles();
    for (Momentum quark : new Momentum[] {decay.fermion(), decay.antifermion()}) {
      double eta = quark.pseudorapidity();
      double phi = quark.phi();
      hadrons.clear();
      shower.add(quark.pt(), eta, phi, false, opening, random, hadrons);
      hadrons.copyWithin(eta, phi, opening, all); // a pair without colour radiates into these cones
    }
    Momentum boson = decay.boson();
    all.reconcile(boson);
    shower.addUnderlyingEvent(UNDERLYING, boson.rapidity(), boson.phi(), RADIUS, random, all);
    Particles near = new Particles();
    all.copyWithin(boson.rapidity(), boson.phi(), RADIUS, near);
    Momentum axis = near.sum();
    Particles constituents = new Particles();
    all.copyWithin(axis.rapidity(), axis.phi(), RADIUS, constituents);
    return new Jet(constituents, constituents.sum(), SoftDrop.mass(constituents));
  }

  private static boolean selected(Jet jet, Decay decay) {
    return jet.sum().pt() > LEAST_PT
        && Math.abs(jet.sum().pseudorapidity()) < MOST_ETA
        && jet.groomedMass() > LEAST_MASS
        && jet.groomedMass() < MOST_MASS
        && distance(decay.fermion(), jet.sum()) < MOST_QUARK_DISTANCE
        && distance(decay.antifermion(), jet.sum()) < MOST_QUARK_DISTANCE;
  }

  private static void write(
      EventTable table, long event, Hard hard, Boson hadronic, Boson other, int side, Jet jet) {
    double eta = jet.sum().pseudorapidity();
    double phi = jet.sum().phi();
    Particles constituents = jet.constituents();
    int[] order = constituents.byPt();
    int stored = Math.min(STORED, order.length);
    table.add("nPart", stored);
    for (int k = 0; k < stored; k++) {
      int i = order[k];
      table.add("Part_pt", constituents.pt(i));
      table.add("Part_deta", constituents.momentum(i).pseudorapidity() - eta);
      table.add("Part_dphi", Momentum.wrap(constituents.phi(i) - phi));
      table.add("Part_pdgId", constituents.id(i));
    }
    table.add("jet_pt", jet.sum().pt());
    table.add("jet_eta", eta);
    table.add("jet_phi", phi);
    table.add("jet_mass", jet.sum().mass());
    table.add("jet_msd", jet.groomedMass());
    table.add("genJet_pt", jet.sum().pt());
    table.add("jet_nConst", order.length);
    double turn = side < 0 ? Math.PI : 0; // azimuths are about the beam, not the quark
    table.add("gen_theta_had", hadronic.theta());
    table.add("gen_phi_had", Momentum.wrap(hadronic.phi() - turn));
    table.add("gen_theta_lep", other.theta());
    table.add("gen_phi_lep", Momentum.wrap(other.phi() - turn));
    table.add("gen_mWZ", 1e3 * hard.production().massTeV());
    table.add("gen_cos_theta", hard.production().cosTheta());
    table.add("gen_quark_dir", side);
    Momentum q1 = hadronic.decay().fermion();
    Momentum q2 = hadronic.decay().antifermion();
    double gamma =
        StrictMath.atan2(
            Momentum.wrap(q1.phi() - q2.phi()), q1.pseudorapidity() - q2.pseudorapidity());
    table.add("lab_gamma", gamma < 0 ? gamma + Math.PI : gamma);
    addMomentum(table, "q1", q1);
    addMomentum(table, "q2", q2);
    addMomentum(table, "boson", hadronic.decay().boson());
    table.add("boson_pdgId", hadronic.id());
    table.add("q1_pdgId", hadronic.fermion());
    table.add("q2_pdgId", hadronic.antifermion());
    table.add("lep1_pdgId", other.fermion());
    table.add("lep2_pdgId", other.antifermion());
    for (double p : hard.polynomial().coefficients()) {
      table.add("eft_coeff", p);
    }
    table.add("eventNumber", event + 1);
  }

  private static void addMomentum(EventTable table, String name, Momentum momentum) {
    table.add(name + "_pt", momentum.pt());
    table.add(name + "_eta", momentum.pseudorapidity());
    table.add(name + "_phi", momentum.phi());
  }
}
