package org.bitbeam.physics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;

/** How much showers resemble those of a reference (specs/models.md section 6). Pure functions. */
public final class CaloMetrics {
  private static final double LOG_EPSILON = 1e-8;

  private CaloMetrics() {}

  /**
   * Voxels in equal bins of log10 of their energy; those outside, zeros among them, are left out.
   *
   * @param voxels energies in MeV
   * @param lowest lower edge in MeV
   * @param highest upper edge in MeV
   */
  public static double[] voxelSpectrum(double[] voxels, double lowest, double highest, int bins) {
    if (!(lowest > 0 && highest > lowest)) {
      throw new IllegalArgumentException("a spectrum from " + lowest + " to " + highest + " MeV");
    }
    return EftMetrics.histogram(
        Arrays.stream(voxels).filter(e -> e > 0).map(StrictMath::log10).toArray(),
        StrictMath.log10(lowest),
        StrictMath.log10(highest),
        bins);
  }

  /**
   * Response of showers of similar incident energy.
   *
   * @param from lowest incident energy in MeV
   * @param to the first one that is too high
   * @param showers number of showers
   * @param response mean of E_tot / E_inc; NaN without showers
   * @param resolution standard deviation (of n - 1) of E_tot / E_inc over its mean; NaN for less
   *     than two showers
   */
  public record Response(double from, double to, int showers, double response, double resolution) {}

  /**
   * Edges of bins of incident energy: equal steps in the logarithm, the last one just above the
   * highest energy.
   *
   * @param showers one or more
   * @param bins number of bins
   */
  public static double[] energyEdges(List<Features> showers, int bins) {
    double low = showers.stream().mapToDouble(Features::incident).min().orElseThrow();
    double high = Math.nextUp(showers.stream().mapToDouble(Features::incident).max().orElseThrow());
    double[] edges = new double[bins + 1];
    Arrays.setAll(edges, i -> low * Math.pow(high / low, (double) i / bins));
    edges[0] = low;
    edges[bins] = high;
    return edges;
  }

  /**
   * Response and resolution in bins of incident energy.
   *
   * @param edges of the bins in MeV, ascending
   */
  public static List<Response> responses(List<Features> showers, double[] edges) {
    List<Response> responses = new ArrayList<>();
    for (int i = 1; i < edges.length; i++) {
      double from = edges[i - 1];
      double to = edges[i];
      double[] values =
          showers.stream()
              .filter(shower -> shower.incident() >= from && shower.incident() < to)
              .mapToDouble(Features::response)
              .toArray();
      double mean = Arrays.stream(values).sum() / values.length;
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      double deviation = values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
      responses.add(new Response(from, to, values.length, mean, deviation / mean));
    }
    return responses;
  }

  /**
   * Separation power ({@link EftMetrics#separationPower}) of two samples in equal bins over the
   * range of both, so that nothing falls out; 0 where all values are the same.
   */
  public static double separationPower(double[] reference, double[] other, int bins) {
    if (reference.length == 0 || other.length == 0) {
      throw new IllegalArgumentException("no showers to compare");
    }
    double[] range =
        DoubleStream.concat(Arrays.stream(reference), Arrays.stream(other)).sorted().toArray();
    double from = range[0];
    double to = range[range.length - 1];
    if (Double.isNaN(to)) {
      throw new IllegalArgumentException("showers have values that are not numbers");
    }
    return from == to
        ? 0
        : EftMetrics.separationPower(
            EftMetrics.histogram(reference, from, to, bins),
            EftMetrics.histogram(other, from, to, bins));
  }

  /**
   * Separation powers of the features by name; those of layers are means over the layers that have
   * them. Layer energies are taken as log10(E + 1e-8 MeV).
   *
   * @param bins number of bins of each histogram
   * @throws IllegalArgumentException when a sample is empty or has values that are not numbers
   */
  public static Map<String, Double> separationPowers(
      List<Features> reference, List<Features> other, int bins) {
    Map<String, Double> powers = new LinkedHashMap<>();
    powers.put(
        "response",
        separationPower(
            reference.stream().mapToDouble(Features::response).toArray(),
            other.stream().mapToDouble(Features::response).toArray(),
            bins));
    Map<String, Function<Features, double[]>> features = new LinkedHashMap<>();
    features.put(
        "layerEnergy",
        shower ->
            Arrays.stream(shower.layerEnergies())
                .map(e -> StrictMath.log10(e + LOG_EPSILON))
                .toArray());
    features.put("centreEta", Features::centreEta);
    features.put("centrePhi", Features::centrePhi);
    features.put("widthEta", Features::widthEta);
    features.put("widthPhi", Features::widthPhi);
    features.put("centreR", Features::centreR);
    features.put("widthR", Features::widthR);
    features.put("occupancy", Features::occupancy);
    features.forEach((name, feature) -> powers.put(name, mean(feature, reference, other, bins)));
    return powers;
  }

  private static double mean(
      Function<Features, double[]> feature,
      List<Features> reference,
      List<Features> other,
      int bins) {
    List<double[]> a = reference.stream().map(feature).toList();
    List<double[]> b = other.stream().map(feature).toList();
    double sum = 0;
    int layers = 0;
    for (int layer = 0; layer < a.get(0).length; layer++) {
      int l = layer;
      // Layers of one sector have no eta and phi.
      if (!a.stream().allMatch(values -> Double.isNaN(values[l]))) {
        sum +=
            separationPower(
                a.stream().mapToDouble(values -> values[l]).toArray(),
                b.stream().mapToDouble(values -> values[l]).toArray(),
                bins);
        layers++;
      }
    }
    return sum / layers;
  }
}
