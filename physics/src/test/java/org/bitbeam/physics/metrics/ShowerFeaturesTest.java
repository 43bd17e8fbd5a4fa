package org.bitbeam.physics.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Features of showers against numpy (make_calo_features.py). */
class ShowerFeaturesTest {
  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ShowerFeaturesTest.class.getResourceAsStream("/metrics/" + name)) {
      return in.readAllBytes();
    }
  }

  private static JsonNode expected(String set) throws IOException {
    return new ObjectMapper().readTree(resource("calo_features.json")).get(set);
  }

  private static double[] showers(String set) throws IOException {
    Tensor array = Npy.parse(set, resource("calo_" + set + ".npy"));
    double[] values = new double[array.size()];
    Arrays.setAll(values, array::getDouble);
    return values;
  }

  private static ShowerFeatures features(String set) throws IOException {
    return new ShowerFeatures(CaloGeometry.ofJson(set, expected(set).get("geometry")));
  }

  private static double[] doubles(JsonNode list) {
    return IntStream.range(0, list.size())
        .mapToDouble(i -> list.get(i).isNull() ? Double.NaN : list.get(i).asDouble())
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"photon", "dream"})
  void featuresAreThoseOfNumpy(String set) throws IOException {
    JsonNode expected = expected(set);
    double[] incident = new double[expected.get("total").size()];
    Arrays.fill(incident, 1e4);
    List<Features> showers = features(set).of(showers(set), incident, 0);
    Map<String, Function<Features, double[]>> arrays =
        Map.of(
            "layerEnergies", Features::layerEnergies,
            "centreEta", Features::centreEta,
            "centrePhi", Features::centrePhi,
            "widthEta", Features::widthEta,
            "widthPhi", Features::widthPhi,
            "centreR", Features::centreR,
            "widthR", Features::widthR,
            "occupancy", Features::occupancy);
    for (int i = 0; i < incident.length; i++) {
      Features shower = showers.get(i);
      double total = expected.get("total").get(i).asDouble();
      assertEquals(total, shower.total(), 1e-12 * total);
      assertEquals(total / 1e4, shower.response(), 1e-12 * total);
      for (String name : arrays.keySet()) {
        double[] golden = doubles(expected.get(name).get(i));
        // mm or MeV; a difference of squares loses half of the digits where the width is 0
        double tolerance = name.equals("layerEnergies") ? 1e-12 * total : 1e-6;
        assertArrayEquals(golden, arrays.get(name).apply(shower), tolerance, name + " of " + i);
      }
    }
  }

  @Test
  void depthsProfilesAndSpectraAreThoseOfNumpy() throws IOException {
    JsonNode expected = expected("dream");
    ShowerFeatures features = features("dream");
    double[] showers = showers("dream");
    int length = features.geometry().voxels();
    int count = showers.length / length;
    for (JsonNode depths : expected.get("depths")) {
      int from = depths.get("from").asInt();
      int to = depths.get("to").asInt();
      for (int i = 0; i < count; i++) {
        double[] shower = Arrays.copyOfRange(showers, i * length, (i + 1) * length);
        assertArrayEquals(
            doubles(depths.get("ring").get(i)), features.depthByRing(shower, from, to), 1e-11);
        assertArrayEquals(
            doubles(depths.get("sector").get(i)), features.depthBySector(shower, from, to), 1e-11);
      }
    }
    assertArrayEquals(
        doubles(expected.get("longitudinal")), features.longitudinalProfile(showers, count), 1e-8);
    List<double[]> radial = features.radialProfiles(showers, count);
    for (int l = 0; l < radial.size(); l++) {
      assertArrayEquals(doubles(expected.get("radial").get(l)), radial.get(l), 1e-8);
    }
    assertArrayEquals(
        doubles(expected.get("spectrum")), CaloMetrics.voxelSpectrum(showers, 1e-2, 1e5, 20));
  }

  @Test
  void layersBinnedDifferentlyHaveNoDepths() throws IOException {
    ShowerFeatures features = features("photon");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> features.depthByRing(new double[features.geometry().voxels()], 0, 2));
    assertTrue(e.getMessage().contains("layer 1 has 16 x 10"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> features.of(new double[3], new double[1], 0));
  }

  @Test
  void occupancyCountsWhatIsAboveTheThreshold() throws IOException {
    double[] showers = showers("photon");
    double[] incident = {1, 1, 1, 1, 1, 1};
    double[] all = features("photon").of(showers, incident, 0).get(0).occupancy();
    double[] some = features("photon").of(showers, incident, 10).get(0).occupancy();
    long above = Arrays.stream(showers, 8, 168).filter(e -> e > 10).count();
    assertEquals(above / 160., some[1]);
    assertTrue(some[1] < all[1] && some[1] > 0);
  }

  @Property(tries = 30)
  void turningAShowerBySectorsTurnsItsCentre(@ForAll long seed) throws IOException {
    ShowerFeatures features = features("dream");
    SplittableRandom random = new SplittableRandom(seed);
    double[] shower = random.doubles(features.geometry().voxels()).toArray();
    double[] turned = new double[shower.length];
    for (int v = 0; v < shower.length; v++) {
      int layer = v / 72;
      turned[layer * 72 + (v % 72 + 9) % 72] = shower[v];
    }
    Features one = features.of(shower, new double[] {1}, 0).get(0);
    Features two = features.of(turned, new double[] {1}, 0).get(0);
    double cos = Math.cos(Math.PI / 4);
    for (int l = 0; l < 15; l++) {
      double eta = one.centreEta()[l];
      double phi = one.centrePhi()[l];
      assertEquals(cos * (eta - phi), two.centreEta()[l], 1e-9);
      assertEquals(cos * (eta + phi), two.centrePhi()[l], 1e-9);
      assertEquals(one.widthR()[l], two.widthR()[l], 1e-9);
    }
  }

  @Test
  void responsesAreMeansAndSpreadsOfEachBin() {
    List<Features> showers =
        Arrays.stream(new double[][] {{100, 90}, {150, 150}, {199, 218.9}, {200, 100}, {500, 1}})
            .map(
                pair ->
                    new Features(
                        pair[0],
                        pair[1],
                        new double[0],
                        new double[0],
                        new double[0],
                        new double[0],
                        new double[0],
                        new double[0],
                        new double[0],
                        new double[0]))
            .toList();
    List<CaloMetrics.Response> responses =
        CaloMetrics.responses(showers, new double[] {100, 200, 300, 400});
    // 0.9, 1, 1.1
    assertEquals(3, responses.get(0).showers());
    assertEquals(1, responses.get(0).response(), 1e-12);
    assertEquals(0.1, responses.get(0).resolution(), 1e-12);
    assertEquals(0.5, responses.get(1).response());
    assertTrue(Double.isNaN(responses.get(1).resolution()));
    assertEquals(0, responses.get(2).showers());
    assertTrue(Double.isNaN(responses.get(2).response()));
  }

  @Test
  void separationPowersTellShowersApart() throws IOException {
    ShowerFeatures features = features("photon");
    double[] showers = showers("photon");
    double[] incident = {1e4, 1e4, 1e4, 1e4, 1e4, 1e4};
    double[] larger = Arrays.stream(showers).map(e -> 1e4 * e + 1e3).toArray();
    List<Features> reference = features.of(showers, incident, 0);
    CaloMetrics.separationPowers(reference, reference, 10)
        .forEach((name, power) -> assertEquals(0, power, name));
    Map<String, Double> apart =
        CaloMetrics.separationPowers(reference, features.of(larger, incident, 0), 1000);
    assertEquals(1, apart.get("layerEnergy"), 0.1);
    assertEquals(1, apart.get("occupancy"), 0.5);
    assertEquals(9, apart.size());
    // p = (1/2, 1/2), q = (3/4, 1/4) in the outer bins: 0.5 (0.0625 / 1.25 + 0.0625 / 0.75)
    assertEquals(
        0.0625 * (1 / 1.25 + 1 / 0.75) / 2,
        CaloMetrics.separationPower(new double[] {0, 0, 10, 10}, new double[] {0, 0, 0, 10}, 10),
        1e-15);
    assertEquals(0, CaloMetrics.separationPower(new double[] {3}, new double[] {3, 3}, 10));
    List<Features> broken = features.of(new double[6 * 368], incident, 0);
    broken.get(0).layerEnergies()[0] = Double.NaN;
    assertThrows(
        IllegalArgumentException.class, () -> CaloMetrics.separationPowers(reference, broken, 10));
    assertThrows(
        IllegalArgumentException.class,
        () -> CaloMetrics.separationPower(new double[0], new double[1], 3));
  }
}
