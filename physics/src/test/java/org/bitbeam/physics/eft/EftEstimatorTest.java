package org.bitbeam.physics.eft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.metrics.EftMetrics;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SMEFTNet on jets, against PyTorch's outputs for the same jets (fixtures/models/smeftnet). */
class EftEstimatorTest {
  private static final String ANGLE =
      "{\"kind\": \"eft\", \"variables\": [\"jet_pt\"], \"angle\": {\"output\": \"output\"}}";
  // A network with random weights: its three outputs stand for two operators' worth of linear
  // terms.
  private static final String POLYNOMIAL =
      "{\"kind\": \"eft\", \"variables\": [\"jet_pt\"], \"coefficients\": {\"output\": \"output\","
          + " \"first\": 1, \"operators\": [\"cW\", \"cHq\"], \"order\": 1, \"basis\": \"Warsaw\","
          + " \"lambdaTeV\": 2}}";

  private static EventBatch apply(
      ModelBundle bundle, String backend, EventBatch batch, Map<String, Long> counts) {
    List<Network> members = new ArrayList<>();
    for (String role : bundle.roles()) {
      members.add(bundle.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT));
    }
    EventBatch result =
        EftEstimator.of(bundle, members, EftEstimator.DEFAULTS)
            .apply(batch, (name, amount) -> counts.merge(name, amount, Long::sum));
    members.forEach(Network::close);
    return result;
  }

  private static float[] floats(Column column) {
    return ((FloatColumn) column).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "2x10_float, ort, 2e-5",
    "2x10_float, bit, 2e-5",
    "2x10_bit30, ort, 5e-3",
    "2x10_bit30, bit, 5e-3"
  })
  void anglesAreThoseOfPyTorch(String network, String backend, double tolerance)
      throws IOException {
    Tensor expected = EftFixtures.array(network + ".output");
    Map<String, Long> counts = new TreeMap<>();
    float[] angles =
        floats(
            apply(
                    EftFixtures.bundle(ANGLE, network),
                    backend,
                    EftFixtures.jets("angles", 0, 0),
                    counts)
                .column("jet_decayAngle"));
    for (int jet = 0; jet < 16; jet++) {
      double off = EftMetrics.wrapHalf(angles[jet] - expected.getDouble(3 * jet));
      assertEquals(0, off, tolerance, "jet " + jet);
      assertTrue(Math.abs(angles[jet]) <= (float) (Math.PI / 2));
    }
    assertEquals(16L, counts.get("jets"));
    assertEquals(0L, counts.get("truncatedJets"));
  }

  /** The features of the network depend on angles between constituents alone. */
  @Test
  void rotatingAJetRotatesItsPooledVector() throws IOException {
    ModelBundle bundle = EftFixtures.bundle(ANGLE, "2x10_float");
    Tensor pt = EftFixtures.array("pt");
    float[] plane = EftFixtures.array("angles").floats();
    SplittableRandom random = new SplittableRandom(11);
    try (Network network =
        bundle.load("member-0", Backends.standard().get("ort"), BackendOptions.DEFAULT)) {
      Map<String, Tensor> before =
          network.run(
              Map.of(
                  "pt",
                  pt,
                  "angles",
                  EftFixtures.array("angles"),
                  "scalars",
                  EftFixtures.array("scalars")));
      for (int trial = 0; trial < 20; trial++) {
        double turn = random.nextDouble(-Math.PI, Math.PI);
        float[] turned = new float[plane.length];
        for (int i = 0; i < plane.length; i += 2) {
          turned[i] = (float) (Math.cos(turn) * plane[i] - Math.sin(turn) * plane[i + 1]);
          turned[i + 1] = (float) (Math.sin(turn) * plane[i] + Math.cos(turn) * plane[i + 1]);
        }
        Map<String, Tensor> after =
            network.run(
                Map.of(
                    "pt",
                    pt,
                    "angles",
                    Tensor.of(turned, 16, 40, 2),
                    "scalars",
                    EftFixtures.array("scalars")));
        Tensor features = before.get("features");
        for (int i = 0; i < features.size(); i++) {
          assertEquals(features.getDouble(i), after.get("features").getDouble(i), 1e-5);
        }
        for (int jet = 0; jet < 16; jet++) {
          double x = before.get("output").getDouble(3 * jet + 1);
          double y = before.get("output").getDouble(3 * jet + 2);
          assertEquals(
              Math.cos(turn) * x - Math.sin(turn) * y,
              after.get("output").getDouble(3 * jet + 1),
              1e-5);
          assertEquals(
              Math.sin(turn) * x + Math.cos(turn) * y,
              after.get("output").getDouble(3 * jet + 2),
              1e-5);
        }
      }
    }
  }

  /** Every precision, messages weighted as coded (alike) and as described (by pT). */
  @ParameterizedTest
  @CsvSource({
    "2x10_float, ort",
    "2x10_float_ptweighted, ort",
    "2x10_float_ptweighted, bit",
    "2x10_bit30, bit",
    "2x10_bit30_ptweighted, bit",
    "2x10_bit70, bit",
    "2x10_bit100, bit"
  })
  void everyVariantTurnsWithTheJetAsInPyTorch(String variant, String backend) throws IOException {
    Path folder =
        Path.of(System.getProperty("bitbeam.shared", "../../shared"), "fixtures/models/smeftnet");
    Assumptions.assumeTrue(Files.isDirectory(folder), "shared fixtures are absent: " + folder);
    byte[] onnx = Files.readAllBytes(folder.resolve(variant + ".script.onnx"));
    List<Map<String, Tensor>> found = new ArrayList<>();
    try (Network network =
        Backends.standard().get(backend).load(variant, onnx, BackendOptions.DEFAULT)) {
      for (String rotated : new String[] {"", "rotated."}) {
        String angles = rotated.isEmpty() ? "angles.npy" : "angles_rotated.npy";
        found.add(
            network.run(
                Map.of(
                    "pt", Npy.read(folder.resolve("inputs/pt.npy")),
                    "angles", Npy.read(folder.resolve("inputs").resolve(angles)),
                    "scalars", Npy.read(folder.resolve("inputs/scalars.npy")))));
        for (String output : new String[] {"output", "features"}) {
          String name = variant + "." + rotated + output + ".npy";
          float[] expected = Npy.read(folder.resolve(name)).floats();
          assertArrayEquals(
              expected, found.get(found.size() - 1).get(output).floats(), 1e-5f, name);
        }
      }
    }
    double cos = Math.cos(0.7);
    double sin = Math.sin(0.7);
    Tensor before = found.get(0).get("output");
    Tensor after = found.get(1).get("output");
    for (int at = 0; at < before.size(); at += 3) {
      double x = before.getDouble(at + 1);
      double y = before.getDouble(at + 2);
      assertEquals(cos * x - sin * y, after.getDouble(at + 1), 1e-5);
      assertEquals(sin * x + cos * y, after.getDouble(at + 2), 1e-5);
    }
    assertArrayEquals(
        found.get(0).get("features").floats(), found.get(1).get("features").floats(), 1e-5f);
  }

  @Test
  void theAxisOfTheJetDoesNotMatterAndAzimuthsWrapAround() throws IOException {
    ModelBundle bundle = EftFixtures.bundle(ANGLE, "2x10_float");
    float[] centred =
        floats(
            apply(bundle, "ort", EftFixtures.jets("angles", 0, 0), new TreeMap<>())
                .column("jet_decayAngle"));
    float[] moved =
        floats(
            apply(bundle, "ort", EftFixtures.jets("angles", 0.5f, 3.1f), new TreeMap<>())
                .column("jet_decayAngle"));
    for (int jet = 0; jet < 16; jet++) {
      // Angles are rounded differently elsewhere.
      assertEquals(0, EftMetrics.wrapHalf(moved[jet] - centred[jet]), 2e-4, "jet " + jet);
    }
  }

  @ParameterizedTest
  @CsvSource({"ort", "bit"})
  void resultsDoNotDependOnTheBatch(String backend) throws IOException {
    ModelBundle bundle = EftFixtures.bundle(POLYNOMIAL, "2x10_float", "2x10_bit30");
    EventBatch all = EftFixtures.jets("angles", 0, 0);
    EventBatch whole = apply(bundle, backend, all, new TreeMap<>());
    for (int size : new int[] {1, 3, 7}) {
      List<EventBatch> parts = new ArrayList<>();
      for (int from = 0; from < 16; from += size) {
        parts.add(
            apply(bundle, backend, all.slice(from, Math.min(16, from + size)), new TreeMap<>()));
      }
      assertEquals(whole, EventBatch.concatenate(parts), "batches of " + size);
    }
  }

  @Test
  void anEnsembleGivesMeanAndSpread() throws IOException {
    EventBatch jets = EftFixtures.jets("angles", 0, 0);
    EventBatch both =
        apply(
            EftFixtures.bundle(POLYNOMIAL, "2x10_float", "2x10_bit30"),
            "ort",
            jets,
            new TreeMap<>());
    NumberColumn mean = (NumberColumn) ((ArrayColumn) both.column("eft_coefficients")).content();
    NumberColumn spread = (NumberColumn) ((ArrayColumn) both.column("eft_spread")).content();
    Tensor a = EftFixtures.array("2x10_float.output");
    Tensor b = EftFixtures.array("2x10_bit30.output");
    for (int jet = 0; jet < 16; jet++) {
      for (int i = 0; i < 2; i++) {
        double x = a.getDouble(3 * jet + 1 + i);
        double y = b.getDouble(3 * jet + 1 + i);
        assertEquals((x + y) / 2, mean.getDouble(2 * jet + i), 5e-3);
        assertEquals(Math.abs(x - y) / Math.sqrt(2), spread.getDouble(2 * jet + i), 5e-3);
      }
    }
    String description = both.schema().field("eft_coefficients").get().description();
    for (String part : List.of("cW, cHq", "basis Warsaw", "Lambda = 2.0 TeV")) {
      assertTrue(description.contains(part), description);
    }
    assertEquals("array<float32,2>", both.column("eft_spread").type().shape());
  }

  /** In events, the hardest jet that can be used counts; without one, NaN. */
  @Test
  void eventsTakeTheirHardestUsableJet() throws IOException {
    EventBatch flat = EftFixtures.jets("angles", 0, 0);
    ListColumn parts = (ListColumn) flat.column("Part_pt");
    // Event 0: jets 1 and 2; event 1: none; event 2: a jet without constituents and jet 3.
    Map<String, Column> columns = new LinkedHashMap<>();
    float[] pt = floats(flat.column("jet_pt"));
    int[] jetOffsets = {0, 2, 2, 4};
    float[] jetPt = {pt[1], pt[2], 9000, pt[3]};
    columns.put("Jet_pt", ListColumn.of(jetOffsets, FloatColumn.of(jetPt)));
    for (String name : List.of("Jet_eta", "Jet_phi", "Jet_mass")) {
      columns.put(name, ListColumn.of(jetOffsets, FloatColumn.of(new float[4])));
    }
    int first = parts.start(1);
    int second = parts.start(3);
    int[] candidateOffsets = {0, second - first, second - first, parts.end(3) - first};
    int[] jet = new int[parts.end(3) - first];
    int[] candidate = new int[jet.length];
    int[] candOfEvent = new int[jet.length];
    for (int i = 0; i < jet.length; i++) {
      boolean third = i >= second - first;
      jet[i] = third ? 1 : i < parts.count(1) ? 0 : 1;
      candidate[i] = third ? i - (second - first) : i;
    }
    columns.put("JetPFCands_jetIdx", ListColumn.of(candidateOffsets, IntColumn.of(jet)));
    columns.put("JetPFCands_pFCandsIdx", ListColumn.of(candidateOffsets, IntColumn.of(candidate)));
    for (String v : List.of("pt", "eta", "phi")) {
      FloatColumn all = (FloatColumn) ((ListColumn) flat.column("Part_" + v)).content();
      columns.put("PFCands_" + v, ListColumn.of(candidateOffsets, all.slice(first, parts.end(3))));
    }
    columns.put("PFCands_pdgId", ListColumn.of(candidateOffsets, IntColumn.of(candOfEvent)));
    Map<String, Long> counts = new TreeMap<>();
    EventBatch events = EftFixtures.batch(columns, 3);
    EventBatch result = apply(EftFixtures.bundle(POLYNOMIAL, "2x10_float"), "ort", events, counts);
    NumberColumn values =
        (NumberColumn) ((ArrayColumn) result.column("eft_coefficients")).content();
    Tensor expected = EftFixtures.array("2x10_float.output");
    int hardest = pt[1] > pt[2] ? 1 : 2;
    assertEquals(expected.getDouble(3 * hardest + 1), values.getDouble(0), 2e-5);
    assertTrue(Double.isNaN(values.getDouble(2)) && Double.isNaN(values.getDouble(3)));
    assertEquals(expected.getDouble(3 * 3 + 1), values.getDouble(4), 2e-5);
    assertEquals(1L, counts.get("entriesWithoutJet"));
    assertEquals(1L, counts.get("jetsWithoutConstituents"));
  }

  @Test
  void jetsOutsideOfTheTrainedRangeAreCountedAndThoseWithANonFiniteConstituentAreNaN()
      throws IOException {
    EventBatch jets = EftFixtures.jets("angles", 0, 0);
    NumberColumn pt = (NumberColumn) jets.column("jet_pt");
    double[] sorted = new double[pt.length()];
    Arrays.setAll(sorted, pt::getDouble);
    Arrays.sort(sorted);
    double middle = (sorted[7] + sorted[8]) / 2;
    String range =
        ", \"trainedFor\": {\"jetPtGeV\": {\"minimum\": 0, \"maximum\": " + middle + "}}}";
    String stage = ANGLE.substring(0, ANGLE.lastIndexOf('}')) + range;
    Map<String, Long> counts = new TreeMap<>();
    EventBatch flagged = apply(EftFixtures.bundle(stage, "2x10_float"), "ort", jets, counts);
    assertEquals(8L, counts.get(EftEstimator.JETS_OUT_OF_RANGE));
    EventBatch plain = apply(EftFixtures.bundle(ANGLE, "2x10_float"), "ort", jets, new TreeMap<>());
    assertEquals(plain.column("jet_decayAngle"), flagged.column("jet_decayAngle"));

    ListColumn constituents = (ListColumn) jets.column("Part_pt");
    float[] values = ((FloatColumn) constituents.content()).toArray();
    values[constituents.elementOffsets()[4]] = Float.NaN;
    List<Column> columns = new ArrayList<>(jets.columns());
    columns.set(
        jets.schema().indexOf("Part_pt"),
        ListColumn.of(constituents.elementOffsets(), FloatColumn.of(values)));
    EventBatch broken = EventBatch.of(jets.origin(), jets.schema(), columns, jets.entries());
    counts.clear();
    EventBatch result = apply(EftFixtures.bundle(ANGLE, "2x10_float"), "ort", broken, counts);
    assertEquals(1L, counts.get(EftEstimator.NON_FINITE_JETS));
    NumberColumn angles = (NumberColumn) result.column("jet_decayAngle");
    for (int jet = 0; jet < angles.length(); jet++) {
      assertEquals(jet == 4, Double.isNaN(angles.getDouble(jet)), "jet " + jet);
    }
  }

  @Test
  void wrongBundlesAreRefused() throws IOException {
    String other = ANGLE.replace("\"output\": \"output\"", "\"output\": \"angle\"");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    apply(
                        EftFixtures.bundle(other, "2x10_float"),
                        "ort",
                        EftFixtures.jets("angles", 0, 0),
                        new TreeMap<>()))
            .getMessage();
    assertTrue(message.contains("no output \"angle\""), message);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            apply(
                EftFixtures.bundle("{\"kind\": \"eft\"}", "2x10_float"),
                "ort",
                EftFixtures.jets("angles", 0, 0),
                new TreeMap<>()));
  }

  @Test
  void metricsOfAnglesOnKnownValues() {
    // scipy.stats.wasserstein_distance([0, 1, 3], [5, 6, 8]) = 5, ([0, 1], [0, 1, 1]) = 1/6
    assertEquals(5, EftMetrics.wasserstein(new double[] {0, 1, 3}, new double[] {5, 6, 8}), 1e-15);
    assertEquals(
        1 / 6., EftMetrics.wasserstein(new double[] {0, 1}, new double[] {0, 1, 1}), 1e-15);
    assertEquals(0, EftMetrics.separationPower(new double[] {1, 3}, new double[] {2, 6}));
    assertEquals(1, EftMetrics.separationPower(new double[] {1, 0}, new double[] {0, 5}));
    assertEquals(
        2.5,
        EftMetrics.separationPowerOfDensities(new double[] {1, 0}, new double[] {0, 5}, 0.4),
        1e-15);
    assertArrayEquals(
        new double[] {2, 0, 1}, EftMetrics.histogram(new double[] {0, 0.3, 3, -1, 3.1}, 0, 3, 3));
    assertEquals(
        1, EftMetrics.meanSinSquared(new double[] {Math.PI / 2}, new double[] {Math.PI}), 1e-15);
    assertEquals(
        0.1, EftMetrics.residuals(new double[] {3.1 + Math.PI}, new double[] {3})[0], 1e-12);
  }
}
