package org.bitbeam.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.metrics.CaloMetrics;
import org.bitbeam.physics.metrics.ClassifierInputs;
import org.bitbeam.physics.metrics.EftMetrics;
import org.bitbeam.physics.metrics.PhysicsDistances;
import org.bitbeam.physics.metrics.PhysicsDistances.Distance;
import org.bitbeam.physics.metrics.ShowerClassifier;
import org.bitbeam.physics.metrics.ShowerClassifier.Run;
import org.bitbeam.physics.metrics.ShowerFeatures;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.bitbeam.report.ShowerFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam evaluate calo}. */
@Command(
    name = "calo",
    description = {
      "Compares showers with reference showers: separation powers of the CaloChallenge's features (0 equal, 1 disjoint), response"
          + " and resolution in bins of incident energy.",
      "Files are HDF5 of the CaloChallenge, or .root as 'bitbeam simulate' writes them."
    })
final class EvaluateCaloCommand implements Callable<Integer> {
  private static final int ENERGY_BINS = 6;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "Showers to look at.")
  private Path input = Path.of("");

  @Option(
      names = "--reference",
      required = true,
      paramLabel = "FILE",
      description = "Showers to compare with.")
  private Path reference = Path.of("");

  @Option(
      names = "--geometry",
      required = true,
      paramLabel = "NAME|FILE|BUNDLE",
      description = Geometries.DESCRIPTION)
  private String geometry = "";

  @Option(
      names = "--particle",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Which binning of an XML file, such as photon.")
  private String particle = "";

  @Option(
      names = "--threshold",
      defaultValue = "0",
      paramLabel = "MEV",
      description = "Voxels at or below it count as empty; default ${DEFAULT-VALUE}.")
  private double threshold;

  @Option(
      names = "--bins",
      defaultValue = "50",
      paramLabel = "N",
      description = "Bins of the histograms; default ${DEFAULT-VALUE}.")
  private int bins;

  @Option(
      names = "--distances",
      description =
          "Also the Frechet and the kernel physics distance (FPD, KPD; arXiv 2211.10295) of the CaloChallenge's features; takes"
              + " minutes for geometries of many layers.")
  private boolean distances;

  @Option(
      names = "--seed",
      defaultValue = "42",
      paramLabel = "N",
      description = "Of the samples that --distances draws; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--classifier",
      split = ",",
      paramLabel = "INPUTS",
      description =
          "Also train a classifier to tell the two samples apart, on: ${COMPLETION-CANDIDATES}; AUC and Jensen-Shannon divergence on"
              + " showers it never saw. Takes PyTorch, downloaded on first use.")
  private List<ClassifierInputs> inputs = List.of();

  @Option(
      names = "--classifier-epochs",
      defaultValue = "50",
      paramLabel = "N",
      description = "Passes over its training showers; default ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--classifier-runs",
      defaultValue = "2",
      paramLabel = "N",
      description = "Classifiers, of seeds from --seed on; default ${DEFAULT-VALUE}.")
  private int runs;

  @Override
  public Integer call() throws Exception {
    if (bins < 1 || !(threshold >= 0)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--bins needs at least 1, --threshold at least 0");
    }
    if (epochs < 1 || runs < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--classifier-epochs and --classifier-runs need at least 1");
    }
    Optional<ShowerClassifier> classifier = Bitbeam.rooms(spec).classifier();
    if (!inputs.isEmpty() && classifier.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--classifier needs the room training: start it with ./bitbeam evaluate calo");
    }
    CaloGeometry voxels = Geometries.open(geometry, particle);
    ShowerFeatures features = new ShowerFeatures(voxels);
    Showers showers = ShowerFile.read(input, voxels, Integer.MAX_VALUE);
    Showers referenceShowers = ShowerFile.read(reference, voxels, Integer.MAX_VALUE);
    List<Features> looked = features.of(showers.voxels(), showers.energies(), threshold);
    List<Features> expected =
        features.of(referenceShowers.voxels(), referenceShowers.energies(), threshold);
    Map<String, Double> powers = CaloMetrics.separationPowers(expected, looked, bins);
    Spectra spectra = Spectra.of(features, showers, referenceShowers, bins);
    Map<String, Double> morePowers = new LinkedHashMap<>();
    morePowers.put("voxelSpectrum", spectra.power());
    morePowers.putAll(depths(features, showers, referenceShowers));
    double[] edges = CaloMetrics.energyEdges(expected, ENERGY_BINS);
    List<CaloMetrics.Response> ours = CaloMetrics.responses(looked, edges);
    List<CaloMetrics.Response> theirs = CaloMetrics.responses(expected, edges);
    Map<String, Distance> found = new LinkedHashMap<>();
    if (distances) {
      double[][] a = PhysicsDistances.features(expected);
      double[][] b = PhysicsDistances.features(looked);
      found.put("fpd", PhysicsDistances.frechet(a, b, seed));
      found.put("kpd", PhysicsDistances.kernel(a, b, seed));
    }
    Map<String, List<Run>> told = new LinkedHashMap<>();
    for (ClassifierInputs kind : inputs) {
      List<Run> results = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        results.add(
            classifier
                .orElseThrow()
                .run(
                    kind.of(voxels, referenceShowers.voxels(), expected),
                    kind.of(voxels, showers.voxels(), looked),
                    epochs,
                    seed + i));
      }
      told.put(kind.name().toLowerCase(Locale.ROOT), results);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("showers", looked.size());
      document.put("referenceShowers", expected.size());
      document.put("separationPowers", powers);
      document.put("furtherSeparationPowers", morePowers);
      document.putAll(found);
      if (!told.isEmpty()) {
        document.put("classifier", told);
      }
      document.put("responses", ours);
      document.put("referenceResponses", theirs);
      document.put("profiles", spectra.profiles());
      document.put("referenceProfiles", spectra.referenceProfiles());
      CommonOptions.printJson(out, document);
      return CommandLine.ExitCode.OK;
    }
    out.printf(
        Locale.ROOT, "%,d showers against %,d of the reference%n", looked.size(), expected.size());
    for (Map<String, Double> printed : List.of(powers, morePowers)) {
      printed.forEach(
          (name, power) -> out.printf(Locale.ROOT, "separation power %-13s %.4f%n", name, power));
    }
    found.forEach(
        (name, distance) ->
            out.printf(
                Locale.ROOT,
                "%s x 1000: %.3f +- %.3f%n",
                name.toUpperCase(Locale.ROOT),
                distance.value() * 1e3,
                distance.error() * 1e3));
    if (distances && Math.min(looked.size(), expected.size()) < PhysicsDistances.MOST_SAMPLES) {
      out.printf(
          Locale.ROOT,
          "note: with less than %,d showers the distances are not those of publications%n",
          PhysicsDistances.MOST_SAMPLES);
    }
    told.forEach((kind, results) -> print(out, kind, results));
    for (int i = 0; i < ours.size(); i++) {
      out.printf(
          Locale.ROOT,
          "%10.4g to %10.4g MeV: response %.4f (reference %.4f), resolution %.4f (%.4f), %,d showers (%,d)%n",
          ours.get(i).from(),
          ours.get(i).to(),
          ours.get(i).response(),
          theirs.get(i).response(),
          ours.get(i).resolution(),
          theirs.get(i).resolution(),
          ours.get(i).showers(),
          theirs.get(i).showers());
    }
    return CommandLine.ExitCode.OK;
  }

  /** Mean energies in MeV: of each layer, and of each ring of each layer. */
  private record Profiles(double[] longitudinal, List<double[]> radial) {
    static Profiles of(ShowerFeatures features, Showers showers) {
      int count = showers.energies().length;
      return new Profiles(
          features.longitudinalProfile(showers.voxels(), count),
          features.radialProfiles(showers.voxels(), count));
    }
  }

  /**
   * Profiles, and the separation power of the energies of voxels in bins of their logarithm, from
   * the least to the largest of both samples.
   */
  private record Spectra(double power, Profiles profiles, Profiles referenceProfiles) {
    static Spectra of(ShowerFeatures features, Showers showers, Showers reference, int bins) {
      double low = Double.MAX_VALUE;
      double high = 0;
      for (double[] voxels : List.of(showers.voxels(), reference.voxels())) {
        for (double energy : voxels) {
          low = energy > 0 ? Math.min(low, energy) : low;
          high = Math.max(high, energy);
        }
      }
      double power =
          high > low
              ? EftMetrics.separationPower(
                  CaloMetrics.voxelSpectrum(reference.voxels(), low, Math.nextUp(high), bins),
                  CaloMetrics.voxelSpectrum(showers.voxels(), low, Math.nextUp(high), bins))
              : 0;
      return new Spectra(power, Profiles.of(features, showers), Profiles.of(features, reference));
    }
  }

  /** Separation powers of the depths, means over rings and sectors; where layers are alike. */
  private Map<String, Double> depths(ShowerFeatures features, Showers showers, Showers reference) {
    List<CaloGeometry.Layer> layers = features.geometry().layers();
    CaloGeometry.Layer first = layers.get(0);
    if (!layers.stream()
        .allMatch(l -> l.rings() == first.rings() && l.sectors() == first.sectors())) {
      return Map.of();
    }
    Map<String, Double> powers = new LinkedHashMap<>();
    powers.put(
        "depthByRing",
        mean(
            depths(showers, v -> features.depthByRing(v, 0, layers.size())),
            depths(reference, v -> features.depthByRing(v, 0, layers.size()))));
    powers.put(
        "depthBySector",
        mean(
            depths(showers, v -> features.depthBySector(v, 0, layers.size())),
            depths(reference, v -> features.depthBySector(v, 0, layers.size()))));
    return powers;
  }

  private static List<double[]> depths(Showers showers, UnaryOperator<double[]> depth) {
    int size = showers.voxelsPerShower();
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < showers.energies().length; i++) {
      all.add(depth.apply(Arrays.copyOfRange(showers.voxels(), i * size, (i + 1) * size)));
    }
    return all;
  }

  private double mean(List<double[]> looked, List<double[]> expected) {
    double sum = 0;
    int count = looked.get(0).length;
    for (int at = 0; at < count; at++) {
      int i = at;
      sum +=
          CaloMetrics.separationPower(
              expected.stream().mapToDouble(v -> v[i]).toArray(),
              looked.stream().mapToDouble(v -> v[i]).toArray(),
              bins);
    }
    return sum / count;
  }

  private static void print(PrintWriter out, String kind, List<Run> results) {
    DoubleSummaryStatistics auc = results.stream().mapToDouble(Run::auc).summaryStatistics();
    DoubleSummaryStatistics divergence =
        results.stream().mapToDouble(Run::divergence).summaryStatistics();
    DoubleSummaryStatistics accuracy =
        results.stream().mapToDouble(Run::accuracy).summaryStatistics();
    out.printf(
        Locale.ROOT,
        "classifier %-14s AUC %.4f (%.4f to %.4f), JSD %.4f (%.4f to %.4f), accuracy %.4f; %d runs, tested with %,d showers%n",
        kind,
        auc.getAverage(),
        auc.getMin(),
        auc.getMax(),
        divergence.getAverage(),
        divergence.getMin(),
        divergence.getMax(),
        accuracy.getAverage(),
        results.size(),
        results.get(0).showers());
  }
}
