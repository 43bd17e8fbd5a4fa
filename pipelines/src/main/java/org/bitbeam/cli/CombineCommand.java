package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.eft.EftHistograms;
import org.bitbeam.physics.eft.WilsonBasis;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam combine}. */
@Command(
    name = "combine",
    description = {
      "Estimates the Wilson coefficients from all events of files with eft_coefficients (made by 'bitbeam eft', or from"
          + " generator weights): maximum of sum w (ln r(c) - ln s(c)), covariance, Fisher information, grid.",
      "r is the event's polynomial, s that of the total rate: give it (--rate), or files of Standard Model events of the"
          + " same selection (--rate-from). Results do not depend on the order of files and events."
    })
final class CombineCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--input",
      required = true,
      paramLabel = "GLOB",
      description = "ROOT files; may be given several times.")
  private List<String> inputs = List.of();

  @Option(
      names = "--basis",
      required = true,
      paramLabel = "FILE.json",
      description =
          "{ \"operators\": [\"cW\", ...], \"order\": 2, \"basis\": \"Warsaw\", \"lambdaTeV\": 1, \"rate\": [...] }")
  private Path basisFile = Path.of("");

  @Option(
      names = "--coefficients",
      defaultValue = EftEstimator.COEFFICIENTS,
      paramLabel = "COLUMN",
      description =
          "Column of the polynomials; default ${DEFAULT-VALUE}. Arrays with one number more begin with the weight of the"
              + " Standard Model.")
  private String column = EftEstimator.COEFFICIENTS;

  @Option(
      names = "--rate-from",
      paramLabel = "GLOB",
      description = "Files of Standard Model events: their mean polynomial is the rate.")
  private List<String> rateFrom = List.of();

  @Option(
      names = "--weight",
      defaultValue = "",
      paramLabel = "COLUMN",
      description = "Event weights of --input; 1 by default.")
  private String weight = "";

  @Option(
      names = "--rate-weight",
      defaultValue = "",
      paramLabel = "COLUMN",
      description = "Event weights of --rate-from; 1 by default.")
  private String rateWeight = "";

  @Option(names = "--tree", defaultValue = "", paramLabel = "NAME", description = "Dataset.")
  private String tree = "";

  @Option(
      names = "--grid",
      paramLabel = "OPERATOR=FROM:TO:POINTS",
      description = "Also evaluate on a grid; operators that are not named stay at 0.")
  private Map<String, String> grid = Map.of();

  @Option(
      names = "--histogram",
      paramLabel = "TERM=FROM:TO:BINS",
      description =
          "Fill a weighted histogram of a term of the polynomials, such as cW or cW*cW, or of weight; may be given several times.")
  private Map<String, String> histograms = Map.of();

  @Option(
      names = "--histograms-to",
      paramLabel = "FILE.root",
      description =
          "Write the histograms as TH1D with their errors, under their terms' names (* becomes _).")
  private @Nullable Path histogramFile;

  @Override
  public Integer call() throws Exception {
    JsonNode json = JSON.readTree(Files.readString(basisFile));
    WilsonBasis basis = WilsonBasis.parse(basisFile.toString(), json);
    double[] rate = rate(json, basis);
    List<EftHistograms.Axis> axes = axes();
    EftCombination combination =
        new EftCombination(LocalFiles.of(inputs), tree, basis, column, weight, rate);
    if (histogramFile != null) {
      combination.writeHistograms(axes, histogramFile);
    }
    EftCombination.Result result = combination.combine(points(basis));
    if (common.json) {
      CommonOptions.printJson(spec.commandLine().getOut(), EftCombination.json(result));
    } else {
      EftCombination.print(spec.commandLine().getOut(), result);
    }
    return CommandLine.ExitCode.OK;
  }

  private double[] rate(JsonNode json, WilsonBasis basis) throws IOException {
    if (!rateFrom.isEmpty()) {
      return EftCombination.rateOf(LocalFiles.of(rateFrom), tree, basis, column, rateWeight);
    }
    double[] rate = new double[json.path("rate").size()];
    for (int i = 0; i < rate.length; i++) {
      rate[i] = json.get("rate").get(i).asDouble(Double.NaN);
    }
    if (rate.length != basis.size() || !Double.isFinite(Arrays.stream(rate).sum())) {
      throw new IllegalArgumentException(
          basisFile
              + ": \"rate\" needs the "
              + basis.size()
              + " coefficients of "
              + basis.terms()
              + ", or give Standard Model events by --rate-from");
    }
    return rate;
  }

  private List<double[]> points(WilsonBasis basis) {
    List<double[]> points = new ArrayList<>();
    if (grid.isEmpty()) {
      return points;
    }
    points.add(new double[basis.dimensions()]);
    for (Map.Entry<String, String> axis : grid.entrySet()) {
      int operator = basis.operators().indexOf(axis.getKey());
      Range range = range("--grid", axis);
      double from = range.from();
      double to = range.to();
      int count = range.count();
      if (operator < 0 || count < 2) {
        throw usage("--grid", axis);
      }
      if ((long) points.size() * count > 100_000) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--grid: more than 100,000 points");
      }
      List<double[]> more = new ArrayList<>();
      for (double[] point : points) {
        for (int i = 0; i < count; i++) {
          double[] next = point.clone();
          next[operator] = from + (to - from) * i / (count - 1);
          more.add(next);
        }
      }
      points = more;
    }
    return points;
  }

  private List<EftHistograms.Axis> axes() {
    if (histograms.isEmpty() != (histogramFile == null)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--histogram and --histograms-to belong together");
    }
    List<EftHistograms.Axis> axes = new ArrayList<>();
    for (Map.Entry<String, String> axis : histograms.entrySet()) {
      Range range = range("--histogram", axis);
      axes.add(new EftHistograms.Axis(axis.getKey(), range.count(), range.from(), range.to()));
    }
    return axes;
  }

  /** FROM:TO:COUNT. */
  private record Range(double from, double to, int count) {}

  private Range range(String option, Map.Entry<String, String> axis) {
    String[] parts = axis.getValue().split(":");
    try {
      Range range =
          new Range(
              Double.parseDouble(parts[0]),
              Double.parseDouble(parts[1]),
              Integer.parseInt(parts[2]));
      if (parts.length == 3 && Double.isFinite(range.to() - range.from())) {
        return range;
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw usage(option, axis);
    }
    throw usage(option, axis);
  }

  private CommandLine.ParameterException usage(String option, Map.Entry<String, String> axis) {
    return new CommandLine.ParameterException(
        spec.commandLine(),
        option
            + " "
            + axis.getKey()
            + "="
            + axis.getValue()
            + ": expected NAME=FROM:TO:NUMBER, such as cW=-1:1:21");
  }
}
