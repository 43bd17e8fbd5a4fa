package org.bitbeam.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bitbeam.beam.TagJets;
import org.bitbeam.runtime.ModelBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam tag}. */
@Command(
    name = "tag",
    description = {
      "Tags jets as quark or gluon.",
      "Writes one file per input file under the same name, with <jets>_qgQuarkScore (0 gluon, 1 quark) and"
          + " <jets>_qgLogit."
    })
final class TagCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private JetStageOptions options = new JetStageOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "BUNDLE",
      description =
          "Model bundle: folder, zip, or name of a shipped one (pfn, pfn-bit, part, part-bit).")
  private String model = "";

  @Override
  public Integer call() throws Exception {
    StageJob job = options.job(spec);
    PrintWriter out = spec.commandLine().getOut();
    Path path = Home.bundle(model);
    ModelBundle bundle = ModelBundle.open(path);
    TagJets tag =
        TagJets.with(bundle)
            .withBackend(options.backend, Bitbeam.backends(spec))
            .withLayout(options.layout())
            .withJetPrefix(options.jetPrefix)
            .withMinimumPt(options.minimumPt)
            .withOutOfRange(options.outOfRange(spec));
    if (!options.where.isEmpty()) {
      tag = tag.withWhere(options.where);
    }
    if (job.maxBadFiles() > 0) {
      tag = tag.withDeadLetters(job.letters());
    }
    if (job.runner().place() == Runner.Place.TEMPLATE) {
      job.writeTemplate(bundle, options.backend, tag.stageFactory(), tag);
      options.printTemplate(out, common.json);
      return CommandLine.ExitCode.OK;
    }
    StageJob.Summary summary =
        job.run(
            spec.commandLine().getErr(), bundle, path, options.backend, tag.stageFactory(), tag);
    options.report(spec);
    if (common.json) {
      CommonOptions.printJson(out, summary);
    } else {
      print(out, summary);
    }
    summary.checkBadFiles(job);
    return CommandLine.ExitCode.OK;
  }

  static void print(PrintWriter out, StageJob.Summary summary) {
    long entries = summary.counters().getOrDefault("entries", 0L);
    out.printf(
        Locale.ROOT,
        "tagged %,d jets of %,d entries with %s (backend %s) in %.1f s, %,.0f entries/s%n",
        summary.counters().getOrDefault("jets", 0L),
        entries,
        summary.model(),
        summary.backend(),
        summary.seconds(),
        entries / summary.seconds());
    summary.printNotes(out, "score");
    summary.printOutputs(out);
  }
}
