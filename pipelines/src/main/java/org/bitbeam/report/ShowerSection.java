package org.bitbeam.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.metrics.CaloMetrics;
import org.bitbeam.physics.metrics.ShowerFeatures;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Fact;
import org.bitbeam.report.Block.LayerImage;
import org.bitbeam.report.Block.LayerImages;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;
import org.bitbeam.report.Block.Tiles;

/** Showers: pictures, and the high-level features of the CaloChallenge (arXiv 2410.21611). */
final class ShowerSection {
  /** Showers looked at: at most so many, and of at most so many voxels in all. */
  private static final int MOST_SHOWERS = 10_000;

  private static final int MOST_VOXELS = 8_000_000;
  private static final int MOST_PICTURES = 6;
  private static final double LEAST_PICTURED = 0.1; // of the energy of the largest layer

  /** More cells than that make a page too heavy. */
  private static final int MOST_CELLS = 6_000;

  private static final int ENERGY_BINS = 6;
  private static final int SPECTRUM_BINS = 50;
  private static final int SEPARATION_BINS = 50;

  private final CaloGeometry geometry;
  private final Sample showers;
  private final Optional<Sample> reference;

  /** Layer with the most energy, preferably one with sectors: its features are shown. */
  private final int leading;

  private record Sample(String name, Showers showers, List<Features> features) {
    static Sample of(String name, Showers showers, ShowerFeatures features) {
      return new Sample(name, showers, features.of(showers.voxels(), showers.energies(), 0));
    }

    double[] values(ToDoubleFunction<Features> feature) {
      return features.stream().mapToDouble(feature).toArray();
    }
  }

  private ShowerSection(CaloGeometry geometry, Sample showers, Optional<Sample> reference) {
    this.geometry = geometry;
    this.showers = showers;
    this.reference = reference;
    this.leading = leading();
  }

  /** How many showers of a geometry are looked at. */
  static int most(CaloGeometry geometry) {
    return Math.max(100, Math.min(MOST_SHOWERS, MOST_VOXELS / geometry.voxels()));
  }

  /**
   * The section.
   *
   * @param name of the file
   * @param reference to compare with
   * @param facts about how the showers were made
   */
  static Section of(
      String name,
      CaloGeometry geometry,
      Showers showers,
      Optional<Showers> reference,
      List<Fact> facts) {
    ShowerFeatures features = new ShowerFeatures(geometry);
    return new ShowerSection(
            geometry,
            Sample.of("showers", showers, features),
            reference.map(other -> Sample.of("reference", other, features)))
        .section(name, facts);
  }

  private Section section(String name, List<Fact> facts) {
    List<Block> blocks = new ArrayList<>();
    List<Fact> tiles = new ArrayList<>(facts);
    int count = showers.features().size();
    tiles.add(new Fact("Showers shown", Numbers.count(count)));
    double[] energies = showers.showers().energies();
    tiles.add(
        new Fact(
            "Incident energy",
            Numbers.rounded(Arrays.stream(energies).min().orElse(0) / 1e3, 3)
                + " to "
                + Numbers.rounded(Arrays.stream(energies).max().orElse(0) / 1e3, 3)
                + " GeV"));
    tiles.add(new Fact("Voxels", Numbers.count(geometry.voxels())));
    blocks.add(new Tiles(tiles));
    List<Integer> pictured = pictured();
    int typical = typical(energies, count);
    blocks.add(
        pictures(
            "Mean shower",
            "Mean energy of the voxels of each layer over "
                + Numbers.count(count)
                + " showers, seen along the particle's axis"
                + chosen(pictured)
                + ".",
            pictured,
            mean()));
    blocks.add(
        pictures(
            "One shower",
            "A shower of the median incident energy, "
                + Numbers.rounded(energies[typical] / 1e3, 3)
                + " GeV.",
            pictured,
            Arrays.copyOfRange(
                showers.showers().voxels(),
                typical * geometry.voxels(),
                (typical + 1) * geometry.voxels())));
    blocks.add(ratio());
    blocks.add(responses());
    blocks.add(profile());
    blocks.add(layerEnergy());
    blocks.addAll(shape());
    blocks.add(spectrum());
    reference.ifPresent(other -> blocks.add(separation(other)));
    return new Section("Showers: " + name, blocks);
  }

  private List<Sample> samples() {
    List<Sample> samples = new ArrayList<>(List.of(showers));
    reference.ifPresent(samples::add);
    return samples;
  }

  // ---- layers

  private double[] meanLayerEnergies(Sample sample) {
    return new ShowerFeatures(geometry)
        .longitudinalProfile(sample.showers().voxels(), sample.features().size());
  }

  private int leading() {
    double[] energies = meanLayerEnergies(showers);
    boolean anySectors = geometry.layers().stream().anyMatch(layer -> layer.sectors() > 1);
    int best = -1;
    for (int l = 0; l < energies.length; l++) {
      boolean fits = !anySectors || geometry.layers().get(l).sectors() > 1;
      if (fits && (best < 0 || energies[l] > energies[best])) {
        best = l;
      }
    }
    return best;
  }

  /** The first of the showers looked at whose incident energy is their median. */
  private static int typical(double[] energies, int count) {
    double[] sorted = Arrays.copyOf(energies, count);
    Arrays.sort(sorted);
    int at = 0;
    while (energies[at] != sorted[(count - 1) / 2]) {
      at++;
    }
    return at;
  }

  /**
   * All layers, or some that are spread evenly over those with a tenth of the largest energy: the
   * ones with the most are beside each other and look alike. As many as the page can carry.
   */
  private List<Integer> pictured() {
    double[] energies = meanLayerEnergies(showers);
    double largest = Arrays.stream(energies).max().orElse(0);
    boolean all = energies.length <= MOST_PICTURES;
    List<Integer> candidates = new ArrayList<>();
    int mostVoxels = 1;
    for (int l = 0; l < energies.length; l++) {
      mostVoxels = Math.max(mostVoxels, geometry.layers().get(l).voxels());
      if (all || energies[l] >= largest * LEAST_PICTURED) {
        candidates.add(l);
      }
    }
    int number =
        Math.min(candidates.size(), Math.max(1, Math.min(MOST_PICTURES, MOST_CELLS / mostVoxels)));
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      chosen.add(candidates.get((2 * i + 1) * candidates.size() / (2 * number)));
    }
    return chosen;
  }

  private String chosen(List<Integer> layers) {
    int all = geometry.layers().size();
    return layers.size() == all
        ? ""
        : "; "
            + layers.size()
            + " of "
            + all
            + " layers, spread over those with at least a tenth of the energy of the largest one";
  }

  private String layerName(int layer) {
    return "layer " + geometry.layers().get(layer).id();
  }

  private double[] mean() {
    double[] voxels = showers.showers().voxels();
    int count = showers.features().size();
    double[] mean = new double[geometry.voxels()];
    for (int i = 0; i < voxels.length; i++) {
      mean[i % mean.length] += voxels[i] / count;
    }
    return mean;
  }

  private LayerImages pictures(
      String title, String caption, List<Integer> layers, double[] voxels) {
    int[] offsets = geometry.offsets();
    return new LayerImages(
        title,
        caption
            + " Colours show the energy on a logarithmic scale, what is below it is left empty;"
            + " distances from the axis are on a square-root scale, so that the core can be seen.",
        "MeV",
        layers.stream()
            .map(
                l -> {
                  CaloGeometry.Layer layer = geometry.layers().get(l);
                  return new LayerImage(
                      layerName(l)
                          + ", r to "
                          + Numbers.rounded(layer.radii().get(layer.rings()))
                          + " mm",
                      layer.radii().stream().mapToDouble(Double::doubleValue).toArray(),
                      layer.sectors(),
                      Arrays.copyOfRange(voxels, offsets[l], offsets[l + 1]));
                })
            .toList());
  }

  // ---- charts

  private Chart ratio() {
    return distribution(
        "Energy ratio", "E_tot / E_inc", Features::response, "Deposited over incident energy");
  }

  private Chart distribution(
      String title, String axis, ToDoubleFunction<Features> feature, String what) {
    return distribution(title, axis, feature, what, 0);
  }

  private Chart distribution(
      String title, String axis, ToDoubleFunction<Features> feature, String what, double step) {
    Distribution distribution = new Distribution();
    List<String> means = new ArrayList<>();
    for (Sample sample : samples()) {
      double[] values = sample.values(feature);
      distribution.add(sample.name(), values);
      means.add(
          "mean "
              + Numbers.rounded(Distribution.mean(values), 4)
              + ", standard deviation "
              + Numbers.rounded(Distribution.deviation(values), 3)
              + (reference.isPresent() ? " (" + sample.name() + ")" : ""));
    }
    return distribution.chart(
        title, what + ": " + String.join("; ", means) + ".", axis, "share of the showers", step);
  }

  private Chart responses() {
    double[] edges = CaloMetrics.energyEdges(showers.features(), ENERGY_BINS);
    List<Series> series = new ArrayList<>();
    for (Sample sample : samples()) {
      List<CaloMetrics.Response> bins =
          CaloMetrics.responses(sample.features(), edges).stream()
              .filter(bin -> bin.showers() > 1)
              .toList();
      series.add(
          new Series(
              sample.name(),
              Style.POINTS,
              bins.stream().mapToDouble(bin -> Math.sqrt(bin.from() * bin.to()) / 1e3).toArray(),
              bins.stream().mapToDouble(CaloMetrics.Response::response).toArray(),
              bins.stream()
                  .mapToDouble(bin -> bin.resolution() * bin.response() / Math.sqrt(bin.showers()))
                  .toArray()));
    }
    return new Chart(
        "Response",
        "Mean of E_tot / E_inc in bins of the incident energy, with the error of the mean.",
        Axis.logarithmic("E_inc in GeV"),
        Axis.of("mean of E_tot / E_inc"),
        series);
  }

  private Chart profile() {
    double[] ids = geometry.layers().stream().mapToDouble(CaloGeometry.Layer::id).toArray();
    List<Series> series = new ArrayList<>();
    for (Sample sample : samples()) {
      double[] errors = new double[ids.length];
      double root = Math.sqrt(sample.features().size());
      for (int l = 0; l < errors.length; l++) {
        int layer = l;
        errors[l] =
            Distribution.deviation(sample.values(shower -> shower.layerEnergies()[layer])) / root;
      }
      series.add(new Series(sample.name(), Style.POINTS, ids, meanLayerEnergies(sample), errors));
    }
    return new Chart(
        "Energy of the layers",
        "Mean energy of each layer, with the error of the mean; "
            + layerName(leading)
            + " is looked at below.",
        Axis.of("layer"),
        Axis.of("mean energy in MeV"),
        series);
  }

  private Chart layerEnergy() {
    return distribution(
        "Energy of " + layerName(leading),
        "log10 of the energy in MeV",
        shower -> Math.log10(shower.layerEnergies()[leading]),
        "Showers with energy in the layer");
  }

  private List<Chart> shape() {
    Map<String, ToDoubleFunction<Features>> features = new LinkedHashMap<>();
    if (geometry.layers().get(leading).sectors() > 1) {
      features.put("Centre in eta, mm", shower -> shower.centreEta()[leading]);
      features.put("Centre in phi, mm", shower -> shower.centrePhi()[leading]);
      features.put("Width in eta, mm", shower -> shower.widthEta()[leading]);
      features.put("Width in phi, mm", shower -> shower.widthPhi()[leading]);
    } else {
      features.put("Centre in r, mm", shower -> shower.centreR()[leading]);
      features.put("Width in r, mm", shower -> shower.widthR()[leading]);
    }
    List<Chart> charts = new ArrayList<>();
    features.forEach(
        (name, feature) -> {
          String title = name.replaceFirst(",.*", "");
          charts.add(
              distribution(
                  title + ", " + layerName(leading), name, feature, "Of " + layerName(leading)));
        });
    charts.add(
        distribution(
            "Sparsity, " + layerName(leading),
            "share of voxels with energy",
            shower -> shower.occupancy()[leading],
            "Of " + layerName(leading),
            1. / geometry.layers().get(leading).voxels()));
    return charts;
  }

  private Chart spectrum() {
    double highest =
        samples().stream()
            .flatMapToDouble(sample -> Arrays.stream(sample.showers().voxels()))
            .max()
            .orElse(0);
    double high = highest > 0 ? highest : 1;
    double low = high * 1e-7;
    List<Series> series = new ArrayList<>();
    for (Sample sample : samples()) {
      double count = sample.features().size();
      series.add(
          Series.histogram(
              sample.name(),
              Math.log10(low),
              Math.log10(high),
              Arrays.stream(
                      CaloMetrics.voxelSpectrum(
                          sample.showers().voxels(), low, high, SPECTRUM_BINS))
                  .map(voxels -> voxels / count)
                  .toArray()));
    }
    return new Chart(
        "Voxel spectrum",
        "Energies of all voxels that are not empty, over seven powers of ten.",
        Axis.of("log10 of the energy in MeV"),
        Axis.logarithmic("voxels a shower"),
        series);
  }

  private Table separation(Sample other) {
    List<List<String>> rows = new ArrayList<>();
    CaloMetrics.separationPowers(other.features(), showers.features(), SEPARATION_BINS)
        .forEach((name, power) -> rows.add(List.of(name, Numbers.rounded(power, 3))));
    return new Table(
        "Separation powers (0: equal, 1: disjoint), those of layers averaged over layers",
        List.of(Column.words("feature"), Column.numbers("separation power")),
        rows,
        false);
  }
}
