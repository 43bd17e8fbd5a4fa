package org.bitbeam.physics.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.NamedGeometries;
import org.bitbeam.physics.generate.GflashProfile.Longitudinal;
import org.bitbeam.physics.generate.GflashProfile.Radial;
import org.bitbeam.physics.generate.GflashShowers.Particle;
import org.junit.jupiter.api.Test;

/** Showers against scipy ({@code make_showers.py}) and against specs/training.md 4.1. */
class GflashShowersTest {
  private static JsonNode golden() throws IOException {
    try (InputStream in = GflashShowersTest.class.getResourceAsStream("/generate/showers.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
  }

  private static CaloGeometry geometry(String name) {
    return NamedGeometries.find(name).orElseThrow();
  }

  private static double[] sample(GflashShowers model, double energy, long seed, int count) {
    double[] energies = new double[count];
    Arrays.fill(energies, energy);
    return model.sample(
        energies,
        new CounterRandom(seed),
        IntStream.range(0, count).asLongStream().toArray(),
        new int[count]);
  }

  /** The same layers with one ring that catches everything. */
  private static CaloGeometry open(CaloGeometry geometry) {
    return new CaloGeometry(
        geometry.name(),
        geometry.layers().stream()
            .map(layer -> new CaloGeometry.Layer(layer.id(), List.of(0.0, 1e30), 1))
            .toList());
  }

  @Test
  void namedGeometriesHaveTheVoxelsOfTheChallenge() {
    assertEquals(368, geometry("ds1-photon").voxels());
    assertEquals(533, geometry("ds1-pion").voxels());
    assertEquals(6480, geometry("ds2").voxels());
    assertEquals(40500, geometry("ds3").voxels());
    assertEquals(1080, geometry("ds2-small").voxels());
    assertEquals(62, geometry("tiny").voxels());
    for (String name : NamedGeometries.names()) {
      assertEquals(name, geometry(name).name());
    }
  }

  @Test
  void geometriesForHadronicShowersAreRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Calorimeter.of(geometry("ds1-pion")));
    assertTrue(refused.getMessage().contains("choose ds1-photon"), refused.getMessage());
  }

  @Test
  void parametersAreThoseOfScipy() throws IOException {
    JsonNode golden = golden();
    for (JsonNode expected : golden.get("cases")) {
      String name = expected.get("medium").asText();
      Calorimeter calorimeter =
          Calorimeter.of(geometry(name.equals("tungsten") ? "ds2" : "ds1-photon"));
      Medium medium = calorimeter.medium();
      JsonNode m = golden.at("/media/" + name);
      assertClose(m.get("z"), medium.z());
      assertClose(m.get("radiationLengthMm"), medium.radiationLengthMm());
      assertClose(m.get("criticalEnergyMeV"), medium.criticalEnergyMeV());
      assertClose(m.get("moliereRadiusMm"), medium.moliereRadiusMm());
      assertClose(m.get("samplingFrequency"), medium.samplingFrequency());
      assertClose(m.get("electronToMip"), medium.electronToMip());
      GflashProfile profile =
          new GflashProfile(medium, 1000 * expected.get("energyGeV").asDouble());
      Longitudinal mean = profile.mean();
      assertClose(expected.get("maximum"), mean.maximum());
      assertClose(expected.get("shape"), mean.shape());
      assertClose(expected.get("spots"), profile.spotCount());
      Longitudinal spots = profile.spots(mean);
      for (int i = 0; i < expected.get("before").size(); i++) {
        double depth =
            i == 0 ? calorimeter.depths().get(0).from() : calorimeter.depths().get(i - 1).to();
        assertEquals(
            expected.get("before").get(i).asDouble(), GflashShowers.before(depth, mean), 1e-10);
        assertEquals(
            expected.get("spotsBefore").get(i).asDouble(),
            GflashShowers.before(depth, spots),
            1e-10);
      }
      for (JsonNode row : expected.get("radial")) {
        Radial radial = profile.radial(row.get(0).asDouble());
        assertClose(row.get(1), radial.share());
        assertClose(row.get(2), radial.core());
        assertClose(row.get(3), radial.tail());
      }
    }
  }

  private static void assertClose(JsonNode expected, double actual) {
    assertEquals(expected.asDouble(), actual, 1e-12 * Math.abs(expected.asDouble()));
  }

  /** Si-W of 1.4 + 0.3 mm as specs/training.md 4.1 prints it. */
  @Test
  void mediumIsThatOfTheSpecification() {
    Medium medium = Calorimeter.of(geometry("ds2")).medium();
    assertEquals(72.5, medium.z(), 0.05);
    assertEquals(4.22, medium.radiationLengthMm(), 0.005);
    assertEquals(10.9, medium.moliereRadiusMm(), 0.05);
    assertEquals(8.2, medium.criticalEnergyMeV(), 0.05);
    assertEquals(2.48, medium.samplingFrequency(), 0.005);
    assertEquals(0.403, Calorimeter.of(geometry("ds2")).depths().get(0).to(), 5e-4);
  }

  /** Mean layer energies are the integrals over profiles and conversions; nothing is lost. */
  @Test
  void meanLayerEnergiesAreTheIntegrals() throws IOException {
    int count = 1500;
    for (JsonNode expected : golden().get("cases")) {
      int gev = expected.get("energyGeV").asInt();
      if (gev > 100) {
        continue; // takes long, and is no different
      }
      String name = expected.get("medium").asText().equals("tungsten") ? "ds2" : "ds1-photon";
      for (Particle particle : Particle.values()) {
        JsonNode layers =
            expected.get(particle == Particle.ELECTRON ? "electronLayers" : "photonLayers");
        int size = layers.size();
        double[] voxels =
            sample(new GflashShowers(open(geometry(name)), particle, 0), gev * 1e3, 3, count);
        double chiSquare = 0;
        for (int layer = 0; layer < size; layer++) {
          double sum = 0;
          double squares = 0;
          for (int i = 0; i < count; i++) {
            double part = voxels[i * size + layer] / (gev * 1e3);
            sum += part;
            squares += part * part;
          }
          double mean = sum / count;
          double error = Math.sqrt((squares / count - mean * mean) / count);
          double pull = (mean - layers.get(layer).asDouble()) / error;
          assertTrue(
              Math.abs(pull) < 4.5,
              particle + " of " + gev + " GeV in " + name + ", layer " + layer + ": " + pull);
          chiSquare += pull * pull;
        }
        assertTrue(chiSquare < 4 * size, "layers are correlated, but " + chiSquare);
      }
    }
  }

  /** The table of specs/training.md 4.1. */
  @Test
  void hitsAndPeaksAreThoseOfTheSpecification() {
    double[] hits = {59, 291, 982, 2214};
    int[] peaks = {10, 15, 20, 26};
    GflashShowers model =
        new GflashShowers(geometry("ds2"), Particle.ELECTRON, GflashShowers.DEFAULT_THRESHOLD);
    for (int i = 0; i < 4; i++) {
      int count = i < 3 ? 400 : 100;
      double[] voxels = sample(model, 1000 * Math.pow(10, i), 1, count);
      double[] layers = new double[45];
      int hit = 0;
      for (int v = 0; v < voxels.length; v++) {
        layers[v % 6480 / 144] += voxels[v];
        hit += voxels[v] > 0 ? 1 : 0;
        assertTrue(voxels[v] == 0 || voxels[v] >= GflashShowers.DEFAULT_THRESHOLD);
      }
      assertEquals(hits[i], (double) hit / count, 0.03 * hits[i]);
      int peak = IntStream.range(0, 45).reduce(0, (a, b) -> layers[b] > layers[a] ? b : a);
      assertEquals(peaks[i], peak, 1);
    }
  }

  @Test
  void radiiFollowTheFormula() {
    EventRandom random = new EventRandom(new CounterRandom(8), 0, 0);
    for (double tau : new double[] {0.2, 1, 2.5}) {
      Radial radial =
          new GflashProfile(Calorimeter.of(geometry("ds2")).medium(), 10_000).radial(tau);
      double[] radii = new double[100_000];
      Arrays.setAll(radii, i -> radial.radius(random.uniform(), random.uniform()));
      double distance = EventRandomTest.kolmogorov(radii, radial::within);
      assertTrue(distance < 1.95, "tau " + tau + ": " + distance);
    }
  }

  /** Rings of whole showers hold what the radial distribution says; sectors are equal. */
  @Test
  void ringsAndSectorsShareTheEnergyAsTheFormulaSays() {
    int layer = 12;
    CaloGeometry geometry = geometry("ds2");
    Calorimeter calorimeter = Calorimeter.of(geometry);
    GflashProfile profile = new GflashProfile(calorimeter.medium(), 100_000);
    Radial radial =
        profile.radial(
            (calorimeter.depths().get(layer).from() + calorimeter.depths().get(layer).to())
                / 2
                / profile.meanDepth());
    double[] voxels = sample(new GflashShowers(geometry, Particle.ELECTRON, 0), 100_000, 4, 2000);
    double[] rings = new double[9];
    double[] sectors = new double[16];
    double sum = 0;
    for (int v = 0; v < voxels.length; v++) {
      if (v % 6480 / 144 == layer) {
        rings[v % 9] += voxels[v];
        sectors[v % 144 / 9] += voxels[v];
        sum += voxels[v];
      }
    }
    Longitudinal spots = profile.spots(profile.mean());
    double count =
        2000
            * profile.spotCount()
            * (GflashShowers.before(calorimeter.depths().get(layer).to(), spots)
                - GflashShowers.before(calorimeter.depths().get(layer).from(), spots));
    double caught = radial.within(9 * 4.65 / calorimeter.medium().moliereRadiusMm());
    for (int ring = 0; ring < 9; ring++) {
      double expected =
          (radial.within((ring + 1) * 4.65 / calorimeter.medium().moliereRadiusMm())
                  - radial.within(ring * 4.65 / calorimeter.medium().moliereRadiusMm()))
              / caught;
      assertEquals(expected, rings[ring] / sum, 4 * Math.sqrt(expected / count), "ring " + ring);
    }
    for (double sector : sectors) {
      assertEquals(1.0 / 16, sector / sum, 4 * Math.sqrt(1.0 / 16 / count));
    }
  }

  @Test
  void showersDoNotDependOnTheirBatch() {
    GflashShowers model =
        new GflashShowers(geometry("tiny"), Particle.PHOTON, GflashShowers.DEFAULT_THRESHOLD);
    double[] together = sample(model, 5000, 2, 10);
    double[] alone =
        model.sample(new double[] {5000}, new CounterRandom(2), new long[] {7}, new int[] {0});
    assertArrayEquals(alone, Arrays.copyOfRange(together, 7 * 62, 8 * 62));
    assertFalse(Arrays.equals(together, sample(model, 5000, 3, 10)), "another seed");
    double[] other =
        model.sample(new double[] {5000}, new CounterRandom(2), new long[] {7}, new int[] {1});
    assertFalse(Arrays.equals(alone, other), "another particle of the event");
  }

  @Test
  void layersThatDoNotAscendAreRefused() {
    CaloGeometry.Layer layer = new CaloGeometry.Layer(3, List.of(0.0, 1.0), 1);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new GflashShowers(
                    new CaloGeometry("odd", List.of(layer, layer)), Particle.PHOTON, 0));
    assertTrue(
        Objects.requireNonNull(refused.getMessage()).contains("layer 3 comes after layer 3"));
  }
}
