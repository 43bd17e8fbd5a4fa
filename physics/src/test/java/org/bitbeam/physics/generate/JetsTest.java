package org.bitbeam.physics.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.calo.CounterRandom;
import org.junit.jupiter.api.Test;

/** Jets of quarks, gluons and bosons: what holds for every event, and for any batch. */
class JetsTest {
  private static double number(EventBatch batch, String name, int entry) {
    return ((NumberColumn) batch.column(name)).getDouble(entry);
  }

  private static List<Momentum> constituents(EventBatch batch, int entry, boolean relative) {
    ListColumn pt = (ListColumn) batch.column("Part_pt");
    List<Momentum> momenta = new ArrayList<>();
    double last = Double.POSITIVE_INFINITY;
    for (int i = pt.start(entry); i < pt.end(entry); i++) {
      double p = item(batch, "Part_pt", i);
      assertTrue(p <= last, "descending");
      last = p;
      double m = Particles.mass((int) item(batch, "Part_pdgId", i));
      double eta =
          relative
              ? item(batch, "Part_deta", i) + number(batch, "jet_eta", entry)
              : item(batch, "Part_eta", i);
      double phi =
          relative
              ? item(batch, "Part_dphi", i) + number(batch, "jet_phi", entry)
              : item(batch, "Part_phi", i);
      double size = p * Math.cosh(eta);
      momenta.add(
          new Momentum(
              Math.sqrt(size * size + m * m),
              p * Math.cos(phi),
              p * Math.sin(phi),
              p * Math.sinh(eta)));
    }
    return momenta;
  }

  private static double item(EventBatch batch, String name, int index) {
    return ((NumberColumn) ((ListColumn) batch.column(name)).content()).getDouble(index);
  }

  @Test
  void jetsAreTheSumsOfTheirConstituents() {
    EventBatch batch = new QuarkGluonJets(3).generate(0, 400);
    int quarks = 0;
    for (int e = 0; e < 400; e++) {
      List<Momentum> momenta = constituents(batch, e, false);
      assertEquals(momenta.size(), number(batch, "nPart", e));
      Momentum jet = momenta.stream().reduce(Momentum.ZERO, Momentum::plus);
      assertEquals(jet.pt(), number(batch, "jet_pt", e), 1e-4 * jet.pt());
      assertEquals(jet.rapidity(), number(batch, "jet_y", e), 1e-5);
      assertEquals(jet.pseudorapidity(), number(batch, "jet_eta", e), 1e-5);
      assertEquals(0, Momentum.wrap(jet.phi() - number(batch, "jet_phi", e)), 1e-5);
      assertEquals(jet.mass(), number(batch, "jet_mass", e), 0.02);
      assertTrue(jet.pt() > 499.99 && jet.pt() < 550.01 && Math.abs(jet.rapidity()) < 1.7001);
      double label = number(batch, "label", e);
      assertEquals(label == 0, number(batch, "parton_pdgId", e) == 21);
      quarks += (int) label;
      assertEquals(e + 1, number(batch, "eventNumber", e));
    }
    assertEquals(200, quarks, 40);
  }

  /**
   * Means and AUCs of 62,718 jets of Pythia 8.317 (data/README.md, section Checks), and how near
   * ours are: docs/generators.md.
   */
  @Test
  void jetsAreNearThoseOfPythia() {
    int count = 4000;
    EventBatch batch = new QuarkGluonJets(1).generate(0, count);
    double[][] values = new double[3][count]; // multiplicity, width, pTD
    boolean[] quark = new boolean[count];
    for (int e = 0; e < count; e++) {
      quark[e] = number(batch, "label", e) == 1;
      ListColumn pt = (ListColumn) batch.column("Part_pt");
      double sum = 0;
      double squares = 0;
      double width = 0;
      for (int i = pt.start(e); i < pt.end(e); i++) {
        double p = item(batch, "Part_pt", i);
        double dy = item(batch, "Part_y", i) - number(batch, "jet_y", e);
        double dphi = Momentum.wrap(item(batch, "Part_phi", i) - number(batch, "jet_phi", e));
        sum += p;
        squares += p * p;
        width += p * Math.sqrt(dy * dy + dphi * dphi);
      }
      values[0][e] = number(batch, "nPart", e);
      values[1][e] = width / sum;
      values[2][e] = -Math.sqrt(squares) / sum;
    }
    double[][] means = {{32.94, 52.45}, {0.0367, 0.0619}, {-0.3839, -0.2741}};
    double[] aucs = {0.8432, 0.7466, 0.8078};
    double[] meanTolerance = {0.08, 0.12, 0.08};
    for (int v = 0; v < 3; v++) {
      for (int kind = 0; kind < 2; kind++) {
        double sum = 0;
        int n = 0;
        for (int e = 0; e < count; e++) {
          sum += quark[e] == (kind == 0) ? values[v][e] : 0;
          n += quark[e] == (kind == 0) ? 1 : 0;
        }
        double expected = means[v][kind];
        assertEquals(expected, sum / n, meanTolerance[v] * Math.abs(expected), v + " " + kind);
      }
      long above = 0;
      long pairs = 0;
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
          if (quark[i] && !quark[j]) {
            pairs++;
            above += values[v][j] > values[v][i] ? 1 : 0;
          }
        }
      }
      assertEquals(aucs[v], (double) above / pairs, 0.05, "AUC of " + v);
    }
  }

  @Test
  void bosonJetsPassTheSelectionOfTheSample() {
    EventBatch batch = new BosonJets(3, 0, 0).generate(0, 300);
    for (int e = 0; e < 300; e++) {
      List<Momentum> momenta = constituents(batch, e, true);
      assertTrue(momenta.size() == number(batch, "nPart", e) && momenta.size() <= 60);
      if (number(batch, "jet_nConst", e) <= 60) {
        Momentum jet = momenta.stream().reduce(Momentum.ZERO, Momentum::plus);
        assertEquals(jet.pt(), number(batch, "jet_pt", e), 1e-4 * jet.pt());
        assertEquals(jet.mass(), number(batch, "jet_mass", e), 0.05);
      }
      assertTrue(number(batch, "jet_pt", e) > 500);
      assertTrue(number(batch, "jet_msd", e) > 70 && number(batch, "jet_msd", e) < 110);
      // The quarks make the boson; its mass is that of a W or Z.
      Momentum q1 = massless(batch, "q1", e);
      Momentum q2 = massless(batch, "q2", e);
      Momentum boson = q1.plus(q2);
      assertEquals(number(batch, "boson_pt", e), boson.pt(), 1e-4 * boson.pt());
      assertEquals(number(batch, "boson_eta", e), boson.pseudorapidity(), 1e-5);
      double mass = Math.abs(number(batch, "boson_pdgId", e)) == 24 ? 80.4 : 91.2;
      assertEquals(mass, boson.mass(), 20.5);
      // Decay angle in the boson's rest frame, against the direction of its flight; the frame of
      // the pair is reached by a boost along the beam, which the boson's momentum in it fixes.
      double cos = number(batch, "gen_cos_theta", e);
      boolean hadronicW = mass < 85;
      double pz =
          (hadronicW ? 1 : -1)
              * number(batch, "gen_quark_dir", e)
              * cos
              / Math.sqrt(1 - cos * cos)
              * boson.pt();
      double mt = Math.sqrt(boson.mass() * boson.mass() + boson.pt() * boson.pt());
      double boost = boson.rapidity() - Momentum.asinh(pz / mt);
      Momentum flying = boosted(boson, -boost);
      Momentum quark = boosted(q1, -boost).boostedToRest(flying);
      double along =
          (quark.x() * flying.x() + quark.y() * flying.y() + quark.z() * flying.z())
              / quark.p()
              / flying.p();
      assertEquals(Math.cos(number(batch, "gen_theta_had", e)), along, 1e-3);
      // The azimuth counts from the plane of boson and beam.
      Momentum x =
          new Momentum(
              0,
              -flying.x() * flying.z(),
              -flying.y() * flying.z(),
              flying.p() * flying.p() - flying.z() * flying.z());
      double onX = (quark.x() * x.x() + quark.y() * x.y() + quark.z() * x.z()) / x.p() / quark.p();
      double theta = number(batch, "gen_theta_had", e);
      assertEquals(
          Math.sin(theta) * Math.cos(number(batch, "gen_phi_had", e)), onX, 1e-3, "entry " + e);
      // In the laboratory the plane is seen turned the other way round.
      double angle = number(batch, "lab_gamma", e) + number(batch, "gen_phi_had", e);
      assertTrue(Math.abs(Math.sin(angle)) < 0.6, "lab_gamma is -gen_phi_had, roughly: " + angle);
    }
  }

  private static Momentum massless(EventBatch batch, String name, int e) {
    double pt = number(batch, name + "_pt", e);
    double eta = number(batch, name + "_eta", e);
    double phi = number(batch, name + "_phi", e);
    return new Momentum(
        pt * Math.cosh(eta), pt * Math.cos(phi), pt * Math.sin(phi), pt * Math.sinh(eta));
  }

  private static Momentum boosted(Momentum p, double y) {
    return new Momentum(
        p.e() * Math.cosh(y) + p.z() * Math.sinh(y),
        p.x(),
        p.y(),
        p.z() * Math.cosh(y) + p.e() * Math.sinh(y));
  }

  @Test
  void eventsDoNotDependOnTheirBatch() {
    for (EventSource source : List.of(new QuarkGluonJets(4), new BosonJets(4, 0.02, 0))) {
      EventBatch whole = source.generate(10, 60);
      EventBatch part = source.generate(30, 20);
      for (String name : source.schema().names()) {
        Column expected = whole.column(name).slice(20, 40);
        assertEquals(expected, part.column(name), name);
      }
    }
    assertNotEquals(
        new QuarkGluonJets(4).generate(0, 5).column("jet_pt"),
        new QuarkGluonJets(5).generate(0, 5).column("jet_pt"));
  }

  /** The same clustering without any memory: every pair is looked at in every step. */
  @Test
  void softDropEqualsAPlainClustering() {
    for (int event = 0; event < 40; event++) {
      EventRandom random = new EventRandom(new CounterRandom(1), event, 0);
      Particles particles = new Particles();
      int count = 1 + event;
      for (int i = 0; i < count; i++) {
        particles.add(
            1 + 50 * random.uniform(),
            random.uniform(-0.8, 0.8),
            3 + random.uniform(-0.8, 0.8),
            i % 2 == 0 ? 22 : 211);
      }
      List<Momentum> momenta = new ArrayList<>();
      List<int[]> trees = new ArrayList<>(); // positions of both branches in history
      List<Momentum> history = new ArrayList<>();
      List<int[]> branches = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        momenta.add(particles.momentum(i));
        history.add(particles.momentum(i));
        branches.add(new int[] {-1, -1});
        trees.add(new int[] {i});
      }
      while (momenta.size() > 1) {
        int a = 0;
        int b = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < momenta.size(); i++) {
          for (int j = i + 1; j < momenta.size(); j++) {
            double d =
                Math.hypot(
                    momenta.get(i).rapidity() - momenta.get(j).rapidity(),
                    Momentum.wrap(momenta.get(i).phi() - momenta.get(j).phi()));
            if (d < least) {
              least = d;
              a = i;
              b = j;
            }
          }
        }
        history.add(momenta.get(a).plus(momenta.get(b)));
        branches.add(new int[] {trees.get(a)[0], trees.get(b)[0]});
        momenta.set(a, history.get(history.size() - 1));
        trees.set(a, new int[] {history.size() - 1});
        momenta.remove(b);
        trees.remove(b);
      }
      int at = history.size() - 1;
      while (branches.get(at)[0] >= 0) {
        Momentum p = history.get(branches.get(at)[0]);
        Momentum q = history.get(branches.get(at)[1]);
        if (Math.min(p.pt(), q.pt()) > 0.1 * (p.pt() + q.pt())) {
          break;
        }
        at = branches.get(at)[p.pt() > q.pt() ? 0 : 1];
      }
      assertEquals(history.get(at).mass(), SoftDrop.mass(particles), 1e-6, "event " + event);
    }
  }
}
