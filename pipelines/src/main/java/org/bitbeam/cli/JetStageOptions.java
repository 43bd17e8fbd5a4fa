package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.root.Compression;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options of the commands that apply a stage for jets to ROOT files. */
final class JetStageOptions {
  @Option(
      names = "--input",
      required = true,
      paramLabel = "GLOB",
      description = "ROOT files, such as 'data/*.root'; may be given several times.")
  List<String> inputs = List.of();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Output folder: a path, or s3://... (docs/remote-files.md).")
  String output = "out";

  @Option(
      names = "--mode",
      defaultValue = "friend",
      paramLabel = "MODE",
      description = {
        "friend: only the new columns, aligned with the input's entries (default);",
        "enriched: everything of the input too; slim: the columns chosen by --keep too."
      })
  OutputMode mode = OutputMode.FRIEND;

  @Option(
      names = "--keep",
      split = ",",
      paramLabel = "GLOB",
      description = "Branches that --mode slim keeps, such as 'nJet,Jet_*'.")
  List<String> kept = List.of();

  @Option(
      names = "--where",
      defaultValue = "",
      paramLabel = "EXPRESSION",
      description =
          "Entries to keep, such as 'nJet >= 2 && Jet_pt[0] > 200.0' (docs/filters.md); for --mode enriched and slim.")
  String where = "";

  @Option(
      names = "--layout",
      defaultValue = "auto",
      paramLabel = "LAYOUT|FILE.json",
      description =
          "Where jets and constituents are: auto (default), jets, pfnano, delphes, or a file that names the columns"
              + " (docs/tagging.md).")
  private String layout = "auto";

  @Option(
      names = "--jets",
      defaultValue = "",
      paramLabel = "PREFIX",
      description = "Use other jets than the layout's own, such as FatJet.")
  String jetPrefix = "";

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  String tree = "";

  @Option(
      names = "--min-pt",
      defaultValue = "0",
      paramLabel = "GEV",
      description = "Jets below are left out (NaN); default 0.")
  double minimumPt;

  @Option(
      names = "--out-of-range",
      defaultValue = "flag",
      paramLabel = "POLICY",
      description =
          "For jets the model was not trained for, if its bundle says for which: flag (default; results as for all, counted), or"
              + " error.")
  private String outOfRange = "flag";

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the network; default ${DEFAULT-VALUE}.")
  String backend = "ort";

  @Mixin private RunnerOptions runner = new RunnerOptions();

  @Option(
      names = "--compression",
      defaultValue = "zstd:5",
      paramLabel = "CODEC",
      description =
          "Of new columns: none, zlib, lzma, lz4, zstd, with a level as in zstd:5 (default).")
  String compression = "zstd:5";

  @Option(
      names = "--batch-size",
      defaultValue = "" + RootIO.Read.DEFAULT_BATCH_ENTRIES,
      paramLabel = "N",
      description =
          "Most entries at a time; results do not depend on it; default ${DEFAULT-VALUE}.")
  int batchEntries;

  @Option(
      names = "--max-bad-files",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Put so many files aside that cannot be processed, with their causes in DIR/deadletter; default 0: the first one"
              + " ends the job.")
  private long maxBadFiles;

  @Option(
      names = "--again",
      description = "Process files too that an earlier run of the same job has finished.")
  private boolean again;

  @Mixin private ReportSwitch report = new ReportSwitch();

  /**
   * Writes the page about the job into an output folder of this machine, unless the user does not
   * want it.
   */
  void report(CommandSpec spec) {
    if (!OutputFolder.isRemote(output)) {
      report.write(spec, Path.of(output));
    }
  }

  /** Says where the template is, and what to do with it. */
  void printTemplate(PrintWriter out, boolean json) throws IOException {
    if (json) {
      CommonOptions.printJson(out, Map.of("template", runner.dataflowTemplate));
    } else {
      out.println(
          "wrote the template "
              + runner.dataflowTemplate
              + "; start it with: gcloud dataflow jobs run NAME --gcs-location gs://...");
    }
  }

  /** Name of the layout, or the description in a file. */
  String layout() throws IOException {
    return layout.endsWith(".json") ? Files.readString(Path.of(layout)).strip() : layout;
  }

  /**
   * What becomes of jets the model was not trained for.
   *
   * @throws CommandLine.ParameterException when there is no such policy
   */
  TrainedRange.Policy outOfRange(CommandSpec spec) {
    return switch (outOfRange.toLowerCase(Locale.ROOT)) {
      case "flag" -> TrainedRange.Policy.FLAG;
      case "error" -> TrainedRange.Policy.ERROR;
      case "clamp" ->
          throw usage(
              spec,
              "--out-of-range clamp: a jet cannot be moved into the range without inventing its constituents; there are: flag,"
                  + " error");
      default -> throw usage(spec, "--out-of-range " + outOfRange + ": there are: flag, error");
    };
  }

  /**
   * The job that these options describe.
   *
   * @throws CommandLine.ParameterException when they contradict each other
   */
  StageJob job(CommandSpec spec) {
    if (mode == OutputMode.SLIM && kept.isEmpty()) {
      throw usage(spec, "--mode slim needs --keep, such as --keep 'nJet,Jet_*'");
    }
    if (!this.where.isEmpty() && mode == OutputMode.FRIEND) {
      throw usage(
          spec,
          "--where leaves entries out, but --mode friend aligns with the input's entries; choose --mode enriched or --mode"
              + " slim");
    }
    if (maxBadFiles < 0) {
      throw usage(spec, "--max-bad-files " + maxBadFiles + ": expected 0 or more");
    }
    if (batchEntries < 1) {
      throw usage(spec, "--batch-size needs at least 1");
    }
    if (!(minimumPt >= 0)) {
      throw usage(spec, "--min-pt " + minimumPt + ": expected 0 or more, in GeV");
    }
    Compression how;
    try {
      how = Compression.parse(compression);
    } catch (IllegalArgumentException e) {
      throw usage(spec, "--compression: " + e.getMessage());
    }
    Runner where = runner.runner(spec);
    if (where.place() == Runner.Place.TEMPLATE && !output.contains("://")) {
      throw usage(
          spec,
          "--output "
              + output
              + ": workers of Dataflow do not see this machine's files; expected gs://...");
    }
    return new StageJob(
        inputs,
        where.place() == Runner.Place.CLUSTER && !OutputFolder.isRemote(output)
            ? Path.of(output).toAbsolutePath().normalize().toString()
            : output,
        tree,
        mode,
        kept,
        !this.where.isEmpty(),
        how,
        batchEntries,
        where,
        again,
        maxBadFiles,
        RetryCommand.arguments(spec));
  }

  private static CommandLine.ParameterException usage(CommandSpec spec, String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
