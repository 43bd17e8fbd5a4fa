package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.beam.EstimateEft;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.eft.WilsonBasis;
import org.bitbeam.runtime.ModelBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam eft}. */
@Command(
    name = "eft",
    description = {
      "Estimates the effects of Wilson coefficients with SMEFTNet-like networks.",
      "Writes one file per input file under the same name, with <jets>_decayAngle (rad, modulo pi) and, or, eft_coefficients"
          + " (the event's polynomial in the Wilson coefficients), as the bundle says; with the spread of the bundle's"
          + " networks if there are several.",
      "Where the bundle gives the polynomial of the total rate, the combined estimate of all events is printed;"
          + " 'bitbeam combine' does more."
    })
final class EftCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private JetStageOptions options = new JetStageOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "BUNDLE",
      description = "Model bundle of stage \"eft\": folder or zip.")
  private String model = "";

  @Override
  public Integer call() throws Exception {
    StageJob job = options.job(spec);
    PrintWriter out = spec.commandLine().getOut();
    Path modelPath = Home.bundle(model);
    ModelBundle bundle = ModelBundle.open(modelPath);
    EstimateEft eft =
        EstimateEft.with(bundle)
            .withBackend(options.backend, Bitbeam.backends(spec))
            .withLayout(options.layout())
            .withJetPrefix(options.jetPrefix)
            .withMinimumPt(options.minimumPt)
            .withOutOfRange(options.outOfRange(spec));
    if (!options.where.isEmpty()) {
      eft = eft.withWhere(options.where);
    }
    if (job.maxBadFiles() > 0) {
      eft = eft.withDeadLetters(job.letters());
    }
    if (job.runner().place() == Runner.Place.TEMPLATE) {
      job.writeTemplate(bundle, options.backend, eft.stageFactory(), eft);
      options.printTemplate(out, common.json);
      return CommandLine.ExitCode.OK;
    }
    StageJob.Summary summary =
        job.run(
            spec.commandLine().getErr(),
            bundle,
            modelPath,
            options.backend,
            eft.stageFactory(),
            eft);
    options.report(spec);
    Optional<EftCombination.Result> combined = combine(bundle, summary);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("eft", summary);
      combined.ifPresent(result -> document.put("combined", EftCombination.json(result)));
      CommonOptions.printJson(out, document);
    } else {
      print(out, summary);
      combined.ifPresent(result -> EftCombination.print(out, result));
    }
    summary.checkBadFiles(job);
    return CommandLine.ExitCode.OK;
  }

  private static Optional<EftCombination.Result> combine(
      ModelBundle bundle, StageJob.Summary summary) throws Exception {
    JsonNode coefficients = bundle.stage().path("coefficients");
    if (!coefficients.has("rate")) {
      return Optional.empty();
    }
    WilsonBasis basis = WilsonBasis.parse(bundle + ": coefficients", coefficients);
    double[] rate = new double[basis.size()];
    for (int i = 0; i < rate.length; i++) {
      rate[i] = coefficients.get("rate").path(i).asDouble(Double.NaN);
    }
    List<Path> files = summary.outputs().stream().map(file -> Path.of(file.file())).toList();
    return Optional.of(
        new EftCombination(files, "", basis, EftEstimator.COEFFICIENTS, "", rate)
            .combine(List.of()));
  }

  private static void print(PrintWriter out, StageJob.Summary summary) {
    long entries = summary.counters().getOrDefault("entries", 0L);
    out.printf(
        Locale.ROOT,
        "estimated %,d jets of %,d entries with %s (backend %s) in %.1f s, %,.0f entries/s%n",
        summary.counters().getOrDefault("jets", 0L),
        entries,
        summary.model(),
        summary.backend(),
        summary.seconds(),
        entries / summary.seconds());
    summary.printNotes(out, "estimate");
    summary.printOutputs(out);
  }
}
