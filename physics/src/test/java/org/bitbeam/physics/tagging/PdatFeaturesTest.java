package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.tagging.PdatFeatures.Particles;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against tensors that the reference implementation in Python made of the same jets. */
class PdatFeaturesTest {
  private static final Set<String> ALL = Set.of("points", "pairs", "jet");

  /** The small set was made with wrapped azimuths, but the published jet azimuth. */
  private static final PdatOptions SMALL = new PdatOptions(24, 6, true, false, false, false, false);

  @Test
  void featuresOfThePublishedSizeAreThoseOfTheReference() throws IOException {
    Map<String, Tensor> large = zipped("features/large.zip");
    Features actual = new Features(PdatOptions.asPublished(), 20);
    compare(large.get("points"), actual.points);
    // The reference has pairs of the first jets only.
    compare(large.get("pairs"), actual.pairs);
    compare(npy("features/jet.npy"), actual.jet);
  }

  @Test
  void featuresOfTheSmallSizeAreThoseOfTheReference() throws IOException {
    Features actual = new Features(SMALL, 20);
    compare(npy("features_small/points.npy"), actual.points);
    compare(npy("features_small/pairs.npy"), actual.pairs);
    compare(npy("features_small/jet.npy"), actual.jet);
  }

  @ParameterizedTest
  @CsvSource({"float, 1e-5", "bit, 2e-3"})
  void networkGivesTheLogitsOfTheReference(String precision, double ofRange) throws IOException {
    Features features = new Features(SMALL, 20);
    Tensor expected = npy("small/" + precision + ".logits.npy");
    assertEquals(20, expected.axis(0));
    byte[] onnx = bytes("small/" + precision + ".script.onnx");
    try (Network network =
        Backends.standard().get("ort").load(precision, onnx, BackendOptions.DEFAULT)) {
      Tensor actual =
          network
              .run(
                  Map.of(
                      "points", Tensor.of(features.points, 20, 24, 6, 8),
                      "pairs", Tensor.of(features.pairs, 20, 24, 24, 6),
                      "jet", Tensor.of(features.jet, 20, 11, 11)))
              .get("logits");
      double largest = 0;
      for (float value : expected.floats()) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertArrayEquals(expected.floats(), actual.floats(), (float) (ofRange * largest));
    }
  }

  @Test
  void tensorsOfABatchAreThoseOfItsJets() throws IOException {
    List<RawJet> raw = jets();
    PdatFeatures features = PdatFeatures.of(SMALL);
    int[] chosen = {3, 0, 18};
    Map<String, Tensor> tensors = features.tensors(constituents(raw), chosen, 24, ALL);
    assertEquals(List.of("points", "pairs", "jet"), List.copyOf(tensors.keySet()));
    assertArrayEquals(new int[] {3, 24, 6, 8}, tensors.get("points").shape());
    Features one = new Features(SMALL, 20);
    for (int row = 0; row < chosen.length; row++) {
      for (int i = 0; i < 121; i++) {
        // Inputs are rounded to single precision here, and not there.
        float expected = one.jet[chosen[row] * 121 + i];
        assertEquals(
            expected,
            tensors.get("jet").floats()[row * 121 + i],
            2e-6 * Math.max(1, Math.abs(expected)));
      }
    }
    assertEquals(
        Set.of("jet"), features.tensors(constituents(raw), chosen, 24, Set.of("jet")).keySet());
  }

  @Test
  void correctedFeaturesDoNotDependOnWhereTheJetPoints() {
    float[] here = pointsAndPairs(PdatOptions.corrected().withSizes(6, 3), 1);
    float[] there = pointsAndPairs(PdatOptions.corrected().withSizes(6, 3), Math.PI - 0.01);
    assertArrayEquals(here, there, 2e-5f);
    float[] published = pointsAndPairs(PdatOptions.asPublished().withSizes(6, 3), 1);
    assertArrayEquals(published, here, 2e-5f);
    float worst = 0;
    float[] acrossThere = pointsAndPairs(PdatOptions.asPublished().withSizes(6, 3), Math.PI - 0.01);
    for (int i = 0; i < published.length; i++) {
      worst = Math.max(worst, Math.abs(published[i] - acrossThere[i]));
    }
    assertTrue(worst > 1, "the published features should break at pi, worst " + worst);
  }

  /** Without padding: what the padded features say of the constituents themselves. */
  @Test
  void maskedJetsHaveNoPadding() throws IOException {
    List<RawJet> raw = jets();
    JetConstituents jets = constituents(raw);
    PdatFeatures padded = PdatFeatures.of(SMALL);
    PdatFeatures masked = PdatFeatures.of(SMALL.withMask());
    assertEquals(List.of("points", "pairs", "jet", "mask"), masked.inputNames());
    boolean short1 = false;
    for (int j = 0; j < raw.size(); j++) {
      int n = masked.paddedLength(jets.count(j));
      short1 |= n < 24;
      assertEquals(Math.max(1, Math.min(24, jets.count(j))), n);
      Map<String, Tensor> expected = padded.tensors(jets, new int[] {j}, 24, ALL);
      // In a batch with a jet of 24 constituents, and alone.
      for (int length : new int[] {24, n}) {
        Map<String, Tensor> actual =
            masked.tensors(jets, new int[] {j}, length, Set.copyOf(masked.inputNames()));
        assertArrayEquals(new int[] {1, length, length, 6}, actual.get("pairs").shape());
        assertEquals(expected.get("jet"), actual.get("jet"));
        for (int i = 0; i < length; i++) {
          boolean isThere = i < jets.count(j);
          assertEquals(isThere ? 1 : 0, actual.get("mask").floats()[i]);
          for (int other = 0; other < length; other++) {
            boolean both = isThere && other < jets.count(j);
            for (int v = 0; v < 6; v++) {
              float padding = both ? expected.get("pairs").floats()[(i * 24 + other) * 6 + v] : 0;
              assertEquals(padding, actual.get("pairs").floats()[(i * length + other) * 6 + v]);
            }
          }
          for (int k = 0; k < 6; k++) {
            float[] point = new float[8];
            System.arraycopy(actual.get("points").floats(), (i * 6 + k) * 8, point, 0, 8);
            if (!isThere) {
              assertArrayEquals(new float[8], point);
            } else if (k >= jets.count(j)) {
              assertEquals(0, point[6], "further neighbours are the constituent itself");
            } else {
              assertTrue(point[1] > -10, "ln pT of padding as a neighbour");
            }
          }
        }
      }
    }
    assertTrue(short1, "a jet shorter than 24 is needed");
  }

  @Test
  void unknownSpeciesAreCounted() throws IOException {
    List<RawJet> raw = jets();
    long unknown = 0;
    for (RawJet jet : raw) {
      for (int id : jet.pdgId()) {
        int magnitude = Math.abs(id);
        boolean known =
            Set.of(11, 13, 211, 321, 2112, 2212).contains(magnitude) || id == 22 || id == 130;
        unknown += known ? 0 : 1;
      }
    }
    assertTrue(unknown > 0);
    assertEquals(unknown, PdatFeatures.unknownSpecies(constituents(raw)));
  }

  @Test
  void sizesAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> PdatOptions.asPublished().withSizes(20, 21));
    assertThrows(IllegalArgumentException.class, () -> PdatOptions.asPublished().withSizes(0, 0));
    assertThrows(IllegalArgumentException.class, () -> PdatOptions.corrected().withSizes(2000, 1));
    assertNotEquals(PdatOptions.asPublished(), PdatOptions.corrected());
  }

  private static float[] pointsAndPairs(PdatOptions options, double axis) {
    double[] pt = {50, 30, 20, 10, 5, 1};
    double[] eta = {0.1, 0.2, -0.1, 0.15, 0.3, 0.05};
    double[] phi = {0, 0.05, -0.1, 0.2, -0.3, 0.12};
    PdatFeatures features = PdatFeatures.of(options);
    Particles particles = features.particles();
    for (int i = 0; i < pt.length; i++) {
      // Azimuths from 0 to a full turn, as in the published data.
      double turned = (axis + phi[i] + 2 * Math.PI) % (2 * Math.PI);
      particles.set(i, pt[i], eta[i], turned, i % 2 == 0 ? 22 : 211);
    }
    float[] values = new float[6 * 3 * 8 + 6 * 6 * 6];
    particles.points(values, 0);
    particles.pairs(values, 6 * 3 * 8, 6);
    return values;
  }

  private static void compare(Tensor expected, float[] actual) {
    assertTrue(expected.size() > 0);
    for (int i = 0; i < expected.size(); i++) {
      double want = expected.getDouble(i);
      assertEquals(want, actual[i], 1e-6 * Math.max(1, Math.abs(want)), "value " + i);
    }
  }

  /** Features of the reference's jets, in double precision from the first number on. */
  private static final class Features {
    final float[] points;
    final float[] pairs;
    final float[] jet;

    Features(PdatOptions options, int count) throws IOException {
      int n = options.constituents();
      int pointValues = n * options.neighbours() * 8;
      points = new float[count * pointValues];
      pairs = new float[count * n * n * 6];
      jet = new float[count * 121];
      PdatFeatures features = PdatFeatures.of(options);
      List<RawJet> raw = jets();
      for (int j = 0; j < count; j++) {
        RawJet one = raw.get(j);
        Particles particles = features.particles();
        int[] order =
            IntStream.range(0, one.pt().length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -one.pt()[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < Math.min(order.length, n); i++) {
          int at = order[i];
          particles.set(i, one.pt()[at], one.eta()[at], one.phi()[at], one.pdgId()[at]);
        }
        particles.points(points, j * pointValues);
        particles.pairs(pairs, j * n * n * 6, n);
        particles.jet(jet, j * 121);
      }
    }
  }

  private record RawJet(double[] pt, double[] eta, double[] phi, int[] pdgId) {}

  private static List<RawJet> jets() throws IOException {
    JsonNode json = new ObjectMapper().readTree(bytes("jets.json"));
    List<RawJet> jets = new java.util.ArrayList<>();
    for (JsonNode jet : json) {
      jets.add(
          new RawJet(
              doubles(jet.get("pt")),
              doubles(jet.get("rapidity")),
              doubles(jet.get("phi")),
              IntStream.range(0, jet.get("pdgid").size())
                  .map(i -> jet.get("pdgid").get(i).asInt())
                  .toArray()));
    }
    return jets;
  }

  private static double[] doubles(JsonNode list) {
    return IntStream.range(0, list.size()).mapToDouble(i -> list.get(i).asDouble()).toArray();
  }

  private static JetConstituents constituents(List<RawJet> raw) {
    int[] jetOffsets = {0, raw.size()};
    int[] offsets = new int[raw.size() + 1];
    for (int j = 0; j < raw.size(); j++) {
      offsets[j + 1] = offsets[j] + raw.get(j).pt().length;
    }
    int total = offsets[raw.size()];
    float[][] values = new float[3][total];
    int[] pdgId = new int[total];
    for (int j = 0; j < raw.size(); j++) {
      for (int i = 0; i < raw.get(j).pt().length; i++) {
        values[0][offsets[j] + i] = (float) raw.get(j).pt()[i];
        values[1][offsets[j] + i] = (float) raw.get(j).eta()[i];
        values[2][offsets[j] + i] = (float) raw.get(j).phi()[i];
        pdgId[offsets[j] + i] = raw.get(j).pdgId()[i];
      }
    }
    int[] members = IntStream.range(0, total).toArray();
    return JetConstituents.collect(
        jetOffsets, new float[4][raw.size()], offsets, members, values, pdgId);
  }

  private static Tensor npy(String name) throws IOException {
    return Npy.parse(name, bytes(name));
  }

  private static Map<String, Tensor> zipped(String name) throws IOException {
    Map<String, Tensor> arrays = new java.util.TreeMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(PdatFeaturesTest.class.getResourceAsStream("/pdat/" + name))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(
            entry.getName().replace(".npy", ""), Npy.parse(entry.getName(), zip.readAllBytes()));
      }
    }
    return arrays;
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = PdatFeaturesTest.class.getResourceAsStream("/pdat/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void rapidityIsThatOfTheSpecies() {
    // y = ln((E + pz) / (E - pz)) / 2 of a proton with pT 1, eta 2, and of others.
    double pz = Math.sinh(2);
    double energy = Math.sqrt(1 + pz * pz + 0.93827209 * 0.93827209);
    double expected = 0.5 * Math.log((energy + pz) / (energy - pz));
    assertEquals(expected, PdatFeatures.rapidity(1, 2, 2212), 1e-12);
    assertEquals(-expected, PdatFeatures.rapidity(1, -2, -2212), 1e-12);
    assertEquals(2, PdatFeatures.rapidity(1, 2, 22));
    assertEquals(2, PdatFeatures.rapidity(1, 2, 999));
    assertEquals(2, PdatFeatures.rapidity(1e6, 2, 2212), 1e-9);
    // Features of rapidities are the features of a jet whose pseudorapidities are those.
    EventBatch batch = Samples.qgSample().slice(0, 3);
    JetConstituents jets = ConstituentLayout.jets().read(batch);
    PdatFeatures.Particles particles = PdatFeatures.of(SMALL).particles();
    for (int i = 0; i < Math.min(24, jets.count(0)); i++) {
      double y = PdatFeatures.rapidity(jets.pt()[i], jets.eta()[i], jets.pdgId()[i]);
      particles.set(i, jets.pt()[i], y, jets.phi()[i], jets.pdgId()[i]);
    }
    float[] expectedPoints = new float[24 * 6 * PdatFeatures.POINT_VALUES];
    particles.points(expectedPoints, 0);
    Tensor points =
        PdatFeatures.of(SMALL.withRapidity())
            .tensors(jets, new int[] {0}, 24, Set.of("points"))
            .get("points");
    assertArrayEquals(expectedPoints, points.floats());
    Tensor plain =
        PdatFeatures.of(SMALL).tensors(jets, new int[] {0}, 24, Set.of("points")).get("points");
    assertNotEquals(plain, points);
  }

  /** The matrix of a turned jet: what is relative to its axis stays. */
  @Test
  void correctedMatricesAreRelativeToTheJetsAxis() {
    float[] here = matrix(PdatOptions.corrected(), 1);
    double worst = 0;
    for (double axis : new double[] {-2, -0.01, 3.13}) {
      float[] there = matrix(PdatOptions.corrected(), axis);
      float[] published = matrix(PdatOptions.asPublished(), axis);
      // Mean differences and distance, those of the leading species, and the shares.
      for (int[] place :
          new int[][] {{7, 9}, {8, 9}, {5, 10}, {6, 10}, {7, 10}, {8, 10}, {9, 10}, {0, 10}}) {
        int at = place[0] * 11 + place[1];
        assertEquals(here[at], there[at], 1e-5, axis + ": " + place[0] + ", " + place[1]);
        worst = Math.max(worst, Math.abs(here[at] - published[at]));
      }
      // px / E and px / pT turn with it.
      assertEquals(here[1] / Math.cos(1 + TILT), there[1] / Math.cos(axis + TILT), 1e-3);
    }
    assertTrue(worst > 0.1, "the published azimuth is another one: " + worst);
  }

  /** Azimuth of the made jet's momentum, its axis at zero. */
  private static final double TILT =
      Math.atan2(
          50 * Math.sin(0) + 30 * Math.sin(0.05) - 20 * Math.sin(0.1) + 10 * Math.sin(0.2),
          50 * Math.cos(0) + 30 * Math.cos(0.05) + 20 * Math.cos(0.1) + 10 * Math.cos(0.2));

  private static float[] matrix(PdatOptions options, double axis) {
    double[] pt = {50, 30, 20, 10};
    double[] eta = {0.1, 0.2, -0.1, 0.15};
    double[] phi = {0, 0.05, -0.1, 0.2};
    Particles particles = PdatFeatures.of(options.withSizes(6, 3)).particles();
    for (int i = 0; i < pt.length; i++) {
      // From 0 to a full turn, as in the published data.
      double turned = (axis + phi[i] + 2 * Math.PI) % (2 * Math.PI);
      particles.set(i, pt[i], eta[i], turned, 22);
    }
    float[] values = new float[121];
    particles.jet(values, 0);
    return values;
  }

  @Test
  void conventionsHaveNames() throws IOException {
    ObjectMapper json = new ObjectMapper();
    for (String[] pair :
        new String[][] {
          {"'convention': 'asPublished'", "false false false"},
          {"'convention': 'corrected'", "true true true"},
          {"'convention': 'corrected', 'signs_jet_azimuth': false", "true false true"},
        }) {
      String text = "{'constituents': 100, 'neighbours': 21, " + pair[0] + "}";
      PdatOptions read = PdatFeatures.parse("p", json.readTree(text.replace('\'', '"'))).options();
      assertEquals(
          pair[1],
          read.wrapsAzimuth() + " " + read.signsJetAzimuth() + " " + read.wrapsDifferences());
    }
    String bad = "{\"constituents\": 1, \"neighbours\": 1, \"convention\": \"paper\"}";
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> PdatFeatures.parse("p", json.readTree(bad)))
            .getMessage();
    assertEquals("p: no convention \"paper\"; there are: asPublished, corrected", message);
  }
}
