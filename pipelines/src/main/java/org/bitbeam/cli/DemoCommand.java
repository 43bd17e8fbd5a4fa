package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.TagJets;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam demo}: the main job on the shipped sample. */
@Command(
    name = "demo",
    description = {
      "Tags the jets of the shipped sample: 500 simulated events in CMS PFNano layout.",
      "Then compares the scores with the true flavours, simulates some calorimeter showers, and writes a report about both."
    })
final class DemoCommand implements Callable<Integer> {
  private static final double MINIMUM_PT = 20;
  private static final int GLUON = 21;
  private static final int SHOWERS = 1000;
  private static final int HEAVIEST_LIGHT_QUARK = 3;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--output",
      defaultValue = "out",
      paramLabel = "DIR",
      description = "Output folder; default ${DEFAULT-VALUE}.")
  private Path output = Path.of("out");

  @Option(
      names = "--model",
      defaultValue = "pfn",
      paramLabel = "BUNDLE",
      description = "Model bundle; default ${DEFAULT-VALUE}.")
  private String model = "pfn";

  @Mixin private ReportSwitch report = new ReportSwitch();

  @Override
  public Integer call() throws Exception {
    Path sample = Home.folder().resolve("samples").resolve("events_sample.root");
    if (!Files.exists(sample)) {
      throw new NoSuchFileException(
          sample.toString(), null, "the sample is missing; start with ./bitbeam");
    }
    StageJob job =
        new StageJob(
            List.of(sample.toString()),
            output.toString(),
            "",
            OutputMode.ENRICHED,
            List.of(),
            false,
            Compression.ZSTD,
            RootIO.Read.DEFAULT_BATCH_ENTRIES,
            Runner.direct(0, List.of()),
            true,
            0,
            List.of());
    PrintWriter out = spec.commandLine().getOut();
    if (!common.json) {
      out.println("reading " + sample + ": Pythia events with jets and their constituents");
    }
    Path path = Home.bundle(model);
    ModelBundle bundle = ModelBundle.open(path);
    TagJets tag =
        TagJets.with(bundle).withBackend("ort", Bitbeam.backends(spec)).withMinimumPt(MINIMUM_PT);
    StageJob.Summary summary =
        job.run(spec.commandLine().getErr(), bundle, path, "ort", tag.stageFactory(), tag);
    Path showers = output.resolve("showers.root");
    int simulated = simulate(showers);
    if (simulated != CommandLine.ExitCode.OK) {
      return simulated;
    }
    Optional<Path> page = report.write(spec, output);
    StageJob.Output written = summary.outputs().get(0);
    Scores quarks = new Scores();
    Scores gluons = new Scores();
    compare(Path.of(written.file()), quarks, gluons);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("tag", summary);
      document.put("showers", showers.toString());
      page.ifPresent(file -> document.put("report", file.toString()));
      document.put("quarkJets", quarks.count);
      document.put("meanScoreOfQuarkJets", quarks.mean());
      document.put("gluonJets", gluons.count);
      document.put("meanScoreOfGluonJets", gluons.mean());
      CommonOptions.printJson(out, document);
    } else {
      TagCommand.print(out, summary);
      out.printf(
          Locale.ROOT,
          "mean quark score: %.3f for %,d jets of light quarks, %.3f for %,d jets of gluons%n",
          quarks.mean(),
          quarks.count,
          gluons.mean(),
          gluons.count);
      out.printf(Locale.ROOT, "simulated %,d calorimeter showers: %s%n", SHOWERS, showers);
      out.println("look at it: ./bitbeam inspect " + written.file());
      page.ifPresent(file -> out.println("report: " + file.toAbsolutePath().normalize()));
    }
    return CommandLine.ExitCode.OK;
  }

  private int simulate(Path showers) {
    return Bitbeam.run(
        new PrintWriter(Writer.nullWriter()),
        spec.commandLine().getErr(),
        Bitbeam.rooms(spec),
        "simulate",
        "--model",
        "calo-tiny",
        "--showers",
        Integer.toString(SHOWERS),
        "--output",
        showers.toString(),
        "--no-report");
  }

  private static void compare(Path file, Scores quarks, Scores gluons) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      EventBatch batch =
          events.read(List.of("Jet_qgQuarkScore", "Jet_partonFlavour"), 0, events.entries());
      FloatColumn scores = (FloatColumn) ((ListColumn) batch.column("Jet_qgQuarkScore")).elements();
      NumberColumn flavours =
          (NumberColumn) ((ListColumn) batch.column("Jet_partonFlavour")).elements();
      for (int i = 0; i < scores.length(); i++) {
        long flavour = Math.abs(flavours.getLong(i));
        if (Float.isNaN(scores.get(i)) || flavour == 0) {
          continue;
        }
        if (flavour <= HEAVIEST_LIGHT_QUARK) {
          quarks.add(scores.get(i));
        } else if (flavour == GLUON) {
          gluons.add(scores.get(i));
        }
      }
    }
  }

  private static final class Scores {
    private long count;
    private double sum;

    void add(double score) {
      count++;
      sum += score;
    }

    double mean() {
      return count == 0 ? Double.NaN : sum / count;
    }
  }
}
