package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.metrics.EftMetrics;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.physics.tagging.WorkingPoint;
import org.bitbeam.report.TrueClasses;
import org.bitbeam.report.Values;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam evaluate}. */
@Command(
    name = "evaluate",
    description = "Compares results with the truth.",
    subcommands = {
      EvaluateCommand.Tagger.class,
      EvaluateCommand.Eft.class,
      EvaluateCaloCommand.class,
      CommandLine.HelpCommand.class
    })
final class EvaluateCommand implements Runnable {
  private static final int REPLICAS = 200;
  private static final long SEED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? bitbeam evaluate tagger, eft, calo; each has --help");
  }

  /** Where results and truth are. */
  static final class Pairs {
    @Option(
        names = "--input",
        required = true,
        paramLabel = "GLOB",
        description = "ROOT files with results and truth; may be given several times.")
    private List<String> inputs = List.of();

    @Option(names = "--tree", defaultValue = "", paramLabel = "NAME", description = "Dataset.")
    private String tree = "";

    @Option(
        names = "--truth",
        required = true,
        paramLabel = "COLUMN",
        description = "Column of the truth, with as many values as results.")
    private String truth = "";

    /**
     * Values of a column of results and of the truth; lists are strung together.
     *
     * @param named the column of results; without it the only one whose name has the ending
     */
    double[][] read(Optional<String> named, String ending) throws IOException {
      List<double[]> results = new ArrayList<>();
      List<double[]> truths = new ArrayList<>();
      for (Path file : LocalFiles.of(inputs)) {
        try (RootFile root = RootFile.open(file)) {
          Dataset dataset =
              root.dataset(tree.isEmpty() ? LocalFiles.onlyDataset(root, file) : tree);
          String result =
              named.isPresent() ? named.get() : LocalFiles.onlyColumn(dataset, ending, file);
          for (Dataset.Cluster cluster : dataset.clusters()) {
            EventBatch batch = dataset.read(List.of(result, truth), cluster.first(), cluster.end());
            double[] values = Values.of(batch, result);
            double[] expected = Values.of(batch, truth);
            if (values.length != expected.length) {
              throw new IllegalArgumentException(
                  file
                      + ": "
                      + values.length
                      + " values of "
                      + result
                      + ", but "
                      + expected.length
                      + " of "
                      + truth);
            }
            results.add(values);
            truths.add(expected);
          }
        }
      }
      return new double[][] {
        results.stream().flatMapToDouble(Arrays::stream).toArray(),
        truths.stream().flatMapToDouble(Arrays::stream).toArray()
      };
    }
  }

  /** {@code bitbeam evaluate tagger}. */
  @Command(
      name = "tagger",
      description = {
        "Accuracy, AUC, rejections and calibration of a tagger, with bootstrap errors (200 samples).",
        "Jets whose truth is in neither class are left out, those without a score are counted."
      })
  static final class Tagger implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Mixin private Pairs pairs = new Pairs();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--logit",
        paramLabel = "COLUMN",
        description = "Column of the logits; the one that ends with _qgLogit if absent.")
    private Optional<String> logit = Optional.empty();

    @Mixin private ClassOptions classes = new ClassOptions();

    @Option(
        names = "--working-points",
        split = ",",
        paramLabel = "NAME=EFFICIENCY",
        description = {
          "Cuts on the logit for these signal efficiencies, such as loose=0.7,tight=0.3, with the efficiencies they have on",
          "these jets, as JSON for the \"stage\" object of the tagger's bundle (docs/tagging.md)."
        })
    private Map<String, Double> workingPoints = new LinkedHashMap<>();

    @Option(
        names = "--sample",
        defaultValue = "",
        paramLabel = "TEXT",
        description = "What these jets are, for --working-points.")
    private String sample = "";

    private List<WorkingPoint> cuts(TaggingMetrics metrics) {
      if (!workingPoints.isEmpty() && sample.isEmpty()) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--working-points needs --sample: which jets are these?");
      }
      return workingPoints.entrySet().stream()
          .map(point -> metrics.cut(point.getKey(), point.getValue(), sample))
          .toList();
    }

    @Override
    public Integer call() throws Exception {
      double[][] read = pairs.read(logit, "_qgLogit");
      TrueClasses.Labelled logits = classes.classes().choose(read[0], read[1]);
      int used = logits.values().length;
      TaggingMetrics metrics = TaggingMetrics.of(logits.values(), logits.isSignal());
      List<WorkingPoint> cuts = cuts(metrics);
      TaggingMetrics.Summary errors = metrics.bootstrapErrors(REPLICAS, SEED);
      TaggingMetrics.Summary summary = metrics.summary();
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("jets", metrics.jets());
        document.put("signalJets", metrics.signalJets());
        document.put("jetsWithoutScore", metrics.excludedJets());
        document.put("jetsOfOtherClasses", read[0].length - used);
        document.put("summary", summary);
        document.put("errors", errors);
        document.put("workingPoints", List.of(metrics.at(0.5), metrics.at(0.3)));
        document.put("calibration", metrics.calibration());
        document.put("stage", Map.of("workingPoints", cuts));
        CommonOptions.printJson(out, document);
        return CommandLine.ExitCode.OK;
      }
      out.printf(
          Locale.ROOT,
          "%,d jets (%,d signal), %,d without a score, %,d of other classes%n",
          metrics.jets(),
          metrics.signalJets(),
          metrics.excludedJets(),
          read[0].length - used);
      line(out, "AUC", summary.auc(), errors.auc());
      line(out, "accuracy", summary.accuracy(), errors.accuracy());
      line(out, "rejection at 50 %", summary.rejection50(), errors.rejection50());
      line(out, "rejection at 30 %", summary.rejection30(), errors.rejection30());
      line(out, "calibration error", summary.calibrationError(), errors.calibrationError());
      out.printf(
          Locale.ROOT,
          "share of the signal tied at the threshold: %.2g at 50 %%, %.2g at 30 %%%n",
          metrics.at(0.5).tieMass(),
          metrics.at(0.3).tieMass());
      if (!cuts.isEmpty()) {
        CommonOptions.printJson(out, Map.of("workingPoints", cuts));
      }
      return CommandLine.ExitCode.OK;
    }

    private static void line(PrintWriter out, String name, double value, double error) {
      out.printf(Locale.ROOT, "%-18s %.5g +- %.2g%n", name, value, error);
    }
  }

  /** {@code bitbeam evaluate eft}. */
  @Command(
      name = "eft",
      description =
          "Residuals of decay-plane angles modulo pi: mean sin^2, mean and width, share beyond pi/4; separation power and"
              + " Wasserstein distance of estimate and truth.")
  static final class Eft implements Callable<Integer> {
    private static final int BINS = 100;

    @Mixin private CommonOptions common = new CommonOptions();

    @Mixin private Pairs pairs = new Pairs();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--angle",
        paramLabel = "COLUMN",
        description =
            "Column of the estimates in radians; the one that ends with _decayAngle if absent.")
    private Optional<String> angle = Optional.empty();

    @Override
    public Integer call() throws Exception {
      double[][] read = pairs.read(angle, "_decayAngle");
      double[] estimates = new double[read[0].length];
      double[] truths = new double[estimates.length];
      int used = 0;
      for (int i = 0; i < estimates.length; i++) {
        if (Double.isFinite(read[0][i] + read[1][i])) {
          estimates[used] = EftMetrics.wrapHalf(read[0][i]);
          truths[used++] = EftMetrics.wrapHalf(read[1][i]);
        }
      }
      if (used == 0) {
        throw new IllegalArgumentException("no pair of finite estimate and truth");
      }
      double[] e = Arrays.copyOf(estimates, used);
      double[] t = Arrays.copyOf(truths, used);
      double[] residuals = EftMetrics.residuals(e, t);
      double mean = Arrays.stream(residuals).average().orElseThrow();
      double width =
          Math.sqrt(
              Arrays.stream(residuals).map(r -> (r - mean) * (r - mean)).average().orElseThrow());
      double far =
          (double) Arrays.stream(residuals).filter(r -> Math.abs(r) > Math.PI / 4).count() / used;
      double[] first = EftMetrics.histogram(e, -Math.PI, Math.PI, BINS);
      double[] second = EftMetrics.histogram(t, -Math.PI, Math.PI, BINS);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("jets", used);
      document.put("jetsWithoutEstimateOrTruth", estimates.length - used);
      document.put("meanSinSquared", EftMetrics.meanSinSquared(e, t));
      document.put("meanResidual", mean);
      document.put("widthOfResiduals", width);
      document.put("shareBeyondQuarterPi", far);
      document.put("separationPower", EftMetrics.separationPower(first, second));
      document.put(
          "separationPowerOfDensities",
          EftMetrics.separationPowerOfDensities(first, second, 2 * Math.PI / BINS));
      document.put("wasserstein", EftMetrics.wasserstein(e, t));
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        CommonOptions.printJson(out, document);
      } else {
        document.forEach((name, value) -> out.printf(Locale.ROOT, "%-28s %s%n", name, value));
      }
      return CommandLine.ExitCode.OK;
    }
  }
}
