package org.bitbeam.physics.generate;

import java.util.Map;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * Jets of quarks and gluons by {@link PartonShower}, with the columns of the Pythia sample
 * (data/README.md, section 1): 500 to 550 GeV, rapidity within 1.7, radius 0.4, one jet an event,
 * half of them quarks in random order. The jet is what lies within the radius of the parton; there
 * is no clustering. Immutable.
 */
public final class QuarkGluonJets implements EventSource {
  private static final double RADIUS = 0.4;
  private static final double LEAST_PT = 500;
  private static final double MOST_PT = 550;
  private static final double MOST_RAPIDITY = 1.7;
  private static final double RAPIDITY_WIDTH = 1.15;
  private static final double RAPIDITY_MARGIN = 0.05; // between parton and jet

  /** Partons of what momenta can become such jets, GeV, and the power of their spectrum. */
  private static final double LEAST_PARTON_PT = 495;

  private static final double MOST_PARTON_PT = 660;
  private static final double POWER = 5;

  private static final int[] QUARKS = {2, 1, 3, -1, -2, -3};
  private static final double[] QUARK_SHARES = {0.482, 0.316, 0.041, 0.075, 0.047, 0.039};

  private static final Schema SCHEMA =
      new EventTable.Fields()
          .integer("nPart", "number of constituents")
          .add(
              "Part_pt",
              new ColumnType.ListOf(ColumnType.Primitive.FLOAT32),
              "transverse momentum, descending",
              "GeV")
          .add(
              "Part_eta", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32), "pseudorapidity", "")
          .add("Part_phi", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32), "azimuth", "rad")
          .add("Part_y", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32), "rapidity", "")
          .add("Part_pdgId", new ColumnType.ListOf(ColumnType.Primitive.INT32), "PDG id", "")
          .number("jet_pt", "transverse momentum", "GeV")
          .number("jet_eta", "pseudorapidity", "")
          .number("jet_y", "rapidity", "")
          .number("jet_phi", "azimuth", "rad")
          .number("jet_mass", "mass", "GeV")
          .integer("label", "1 quark, 0 gluon")
          .integer("parton_pdgId", "PDG id of the parton")
          .add("eventNumber", ColumnType.Primitive.INT64, "from 1", "")
          .schema();

  private final CounterRandom numbers;
  private final PartonShower shower;

  /** Jets of a seed. */
  public QuarkGluonJets(long seed) {
    this(seed, PartonShower.Tune.PYTHIA);
  }

  QuarkGluonJets(long seed, PartonShower.Tune tune) {
    this.numbers = new CounterRandom(seed);
    this.shower = new PartonShower(tune);
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Map<String, String> counters() {
    return Map.of(
        "Part_pt", "nPart",
        "Part_eta", "nPart",
        "Part_phi", "nPart",
        "Part_y", "nPart",
        "Part_pdgId", "nPart");
  }

  @Override
  public EventBatch generate(long first, int count) {
    return EventTable.events(SCHEMA, "jets", first, count, this::jet);
  }

  private void jet(long event, EventTable table) {
    EventRandom random = new EventRandom(numbers, event, 0);
    boolean gluon = random.uniform() <= 0.5;
    int parton = gluon ? 21 : random.choice(QUARKS, QUARK_SHARES);
    Particles constituents = new Particles();
    Momentum jet;
    do {
      constituents.clear();
      draw(gluon, random, constituents);
      jet = constituents.sum();
    } while (jet.pt() <= LEAST_PT
        || jet.pt() >= MOST_PT
        || Math.abs(jet.rapidity()) >= MOST_RAPIDITY);
    table.add("nPart", constituents.count());
    for (int i : constituents.byPt()) {
      Momentum p = constituents.momentum(i);
      table.add("Part_pt", constituents.pt(i));
      table.add("Part_eta", p.pseudorapidity());
      table.add("Part_phi", Momentum.wrap(constituents.phi(i)));
      table.add("Part_y", constituents.y(i));
      table.add("Part_pdgId", constituents.id(i));
    }
    table.add("jet_pt", jet.pt());
    table.add("jet_eta", jet.pseudorapidity());
    table.add("jet_y", jet.rapidity());
    table.add("jet_phi", jet.phi());
    table.add("jet_mass", jet.mass());
    table.add("label", gluon ? 0 : 1);
    table.add("parton_pdgId", parton);
    table.add("eventNumber", event + 1);
  }

  /** A parton and what it becomes within the radius. */
  private void draw(boolean gluon, EventRandom random, Particles constituents) {
    double low = StrictMath.pow(LEAST_PARTON_PT, 1 - POWER);
    double high = StrictMath.pow(MOST_PARTON_PT, 1 - POWER);
    double pt = StrictMath.pow(random.uniform(low, high), 1 / (1 - POWER));
    double y;
    do {
      y = RAPIDITY_WIDTH * random.normal();
    } while (Math.abs(y) > MOST_RAPIDITY + RAPIDITY_MARGIN);
    double phi = random.uniform(-Math.PI, Math.PI);
    Particles all = new Particles();
    shower.add(pt, y, phi, gluon, RADIUS, random, all);
    shower.addUnderlyingEvent(shower.tune().underlying(), y, phi, RADIUS, random, all);
    all.copyWithin(y, phi, RADIUS, constituents);
  }
}
