package org.bitbeam.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.root.Compression;
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

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--input",
      required = true,
      paramLabel = "GLOB",
      description = "ROOT files, such as 'data/*.root'; may be given several times.")
  private List<String> inputs = List.of();

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "Output folder.")
  private Path output = Path.of("out");

  @Option(
      names = "--model",
      required = true,
      paramLabel = "BUNDLE",
      description =
          "Model bundle: folder, zip, or name of a shipped one (pfn, pfn-bit, part, part-bit).")
  private String model = "";

  @Option(
      names = "--mode",
      defaultValue = "friend",
      paramLabel = "MODE",
      description = {
        "friend: only the new columns, aligned with the input's entries (default);",
        "enriched: everything of the input too; slim: the columns chosen by --keep too."
      })
  private OutputMode mode = OutputMode.FRIEND;

  @Option(
      names = "--keep",
      split = ",",
      paramLabel = "GLOB",
      description = "Branches that --mode slim keeps, such as 'nJet,Jet_*'.")
  private List<String> kept = List.of();

  @Option(
      names = "--layout",
      defaultValue = "auto",
      paramLabel = "LAYOUT",
      description = "Where jets and constituents are: auto (default), jets, pfnano, delphes.")
  private String layout = "auto";

  @Option(
      names = "--jets",
      defaultValue = "",
      paramLabel = "PREFIX",
      description = "Tag other jets than the layout's own, such as FatJet.")
  private String jetPrefix = "";

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  private String tree = "";

  @Option(
      names = "--min-pt",
      defaultValue = "0",
      paramLabel = "GEV",
      description = "Jets below get no score (NaN); default 0.")
  private double minimumPt;

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the network; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  @Option(
      names = "--runner",
      defaultValue = "direct",
      paramLabel = "NAME",
      description = "Beam runner; this build has: direct.")
  private String runner = "direct";

  @Option(
      names = "--compression",
      defaultValue = "zstd:5",
      paramLabel = "CODEC",
      description =
          "Of new columns: none, zlib, lzma, lz4, zstd, with a level as in zstd:5 (default).")
  private String compression = "zstd:5";

  @Option(
      names = "--batch-size",
      defaultValue = "" + RootIO.Read.DEFAULT_BATCH_ENTRIES,
      paramLabel = "N",
      description =
          "Most entries at a time; results do not depend on it; default ${DEFAULT-VALUE}.")
  private int batchEntries;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "Threads; default is one per core.")
  private int threads;

  @Override
  public Integer call() throws Exception {
    if (!runner.equalsIgnoreCase("direct")) {
      throw usage("--runner " + runner + ": this build has: direct");
    }
    if (mode == OutputMode.SLIM && kept.isEmpty()) {
      throw usage("--mode slim needs --keep, such as --keep 'nJet,Jet_*'");
    }
    if (batchEntries < 1 || threads < 0) {
      throw usage("--batch-size needs at least 1, --threads at least 0");
    }
    if (!(minimumPt >= 0)) {
      throw usage("--min-pt " + minimumPt + ": expected 0 or more, in GeV");
    }
    Compression how;
    try {
      how = Compression.parse(compression);
    } catch (IllegalArgumentException e) {
      throw usage("--compression: " + e.getMessage());
    }
    TagJob job =
        new TagJob(
            inputs,
            output,
            Home.bundle(model),
            backend,
            layout,
            jetPrefix,
            tree,
            minimumPt,
            mode,
            kept,
            how,
            batchEntries,
            threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    PrintWriter out = spec.commandLine().getOut();
    TagJob.Summary summary = job.run(spec.commandLine().getErr());
    if (common.json) {
      CommonOptions.printJson(out, summary);
    } else {
      print(out, summary);
    }
    return CommandLine.ExitCode.OK;
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  static void print(PrintWriter out, TagJob.Summary summary) {
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
    note(out, summary, "jetsWithoutConstituents", "jets without constituents have no score (NaN)");
    note(out, summary, "jetsBelowMinimumPt", "jets below the minimum pT have no score (NaN)");
    note(out, summary, "nonFiniteJets", "jets with values that are not finite have no score (NaN)");
    note(
        out,
        summary,
        "truncatedJets",
        "jets had more constituents than the network takes: the hardest were used");
    note(out, summary, "constituentsWithoutPt", "constituents without pT were left out");
    for (var file : summary.outputs()) {
      out.printf(
          Locale.ROOT,
          "wrote %s: %,d entries, %,d bytes%n",
          file.get("file").asText(),
          file.get("entries").asLong(),
          file.get("bytes").asLong());
    }
  }

  private static void note(PrintWriter out, TagJob.Summary summary, String counter, String text) {
    long count = summary.counters().getOrDefault(counter, 0L);
    if (count > 0) {
      out.printf(Locale.ROOT, "note: %,d %s%n", count, text);
    }
  }
}
