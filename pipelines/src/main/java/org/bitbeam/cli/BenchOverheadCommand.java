package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.TagJets;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.study.Machine;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench overhead}. */
@Command(
    name = "overhead",
    description = {
      "Times bitbeam tag beside a plain Java loop of the same classes without Beam, with as many threads: in turns in this process,"
          + " medians of the ratios; with a cluster of Flink, the loop here and the job there (docs/scale.md).",
      "The job writes parts, checksums and a ledger, which the loop does not; both must write the same bytes."
    })
final class BenchOverheadCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BUNDLE", description = "Tagger: folder, zip, or name of a shipped one.")
  private String model = "";

  @Option(
      names = "--input",
      required = true,
      paramLabel = "GLOB",
      description = "ROOT files on this machine; at least as many as threads, for the loop's.")
  private List<String> inputs = List.of();

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  private String tree = "";

  @Option(
      names = "--enlarge",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "First make files in which the entries of each input come N times, copied cluster by cluster; default"
              + " ${DEFAULT-VALUE}: take it as it is.")
  private int enlarge;

  @Option(
      names = "--copies",
      defaultValue = "1",
      paramLabel = "N",
      description = "First make N copies of each; default ${DEFAULT-VALUE}.")
  private int copies;

  @Option(
      names = "--scratch",
      required = true,
      paramLabel = "DIR",
      description = "Where a folder for outputs and made inputs is made, and deleted.")
  private Path scratch = Path.of("");

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the network; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  @Option(
      names = "--rounds",
      defaultValue = "3",
      paramLabel = "N",
      description =
          "Runs of each, after one with the first file that is not timed; default ${DEFAULT-VALUE}.")
  private int rounds;

  @Mixin private RunnerOptions runner = new RunnerOptions();

  @Option(
      names = "--scale-to",
      defaultValue = "0",
      paramLabel = "N",
      description = "Then the same with N threads: how many times as fast both are.")
  private int scaleTo;

  /**
   * A run.
   *
   * @param cpuSeconds of this process
   */
  private record Run(double seconds, double cpuSeconds, Map<String, Double> steps) {}

  /** Runs with a number of threads, in the order of rounds. */
  private record Row(int threads, List<Run> loop, List<Run> beam) {
    double ratio(ToDoubleFunction<Run> of) {
      double[] ratios = new double[loop.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = of.applyAsDouble(beam.get(i)) / of.applyAsDouble(loop.get(i));
      }
      return median(ratios);
    }
  }

  /** Work that is timed. */
  private interface Work {
    Map<String, Double> run() throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws Exception {
    int threads = runner.threads == 0 ? Runtime.getRuntime().availableProcessors() : runner.threads;
    if (rounds < 1 || enlarge < 1 || copies < 1 || scaleTo < 0) {
      throw usage("--rounds, --enlarge and --copies need at least 1, --scale-to 0");
    }
    if (runner.runner(spec, threads).place() == Runner.Place.TEMPLATE) {
      throw usage("--runner dataflow runs nothing that could be timed");
    }
    Files.createDirectories(scratch);
    Path folder = Files.createTempDirectory(scratch.toAbsolutePath(), "bitbeam-overhead");
    try {
      List<Path> files = files(Files.createDirectory(folder.resolve("in")));
      if (files.size() < Math.max(threads, scaleTo)) {
        throw usage(
            "the loop has a file a thread, and there are fewer files (" + files.size() + ")");
      }
      ModelBundle bundle = ModelBundle.open(Home.bundle(model));
      List<Row> rows = new ArrayList<>();
      rows.add(measure(bundle, files, folder, threads));
      if (scaleTo > 0) {
        rows.add(measure(bundle, files, folder, scaleTo));
      }
      print(bundle, files, rows);
    } finally {
      LocalFiles.deleteTree(folder);
    }
    return CommandLine.ExitCode.OK;
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  /** The inputs, or what is made of them. */
  private List<Path> files(Path made) throws IOException {
    List<Path> given = LocalFiles.of(inputs);
    if (enlarge == 1 && copies == 1) {
      return given;
    }
    List<Path> files = new ArrayList<>();
    for (Path file : given) {
      String base = InputFile.baseName(file.toString()).replaceFirst("\\.root$", "");
      Path first = made.resolve(base + "-0.root");
      if (enlarge == 1) {
        Files.copy(file, first);
      } else {
        enlarge(file, first);
      }
      files.add(first);
      for (int copy = 1; copy < copies; copy++) {
        files.add(Files.copy(first, made.resolve(base + "-" + copy + ".root")));
      }
    }
    return files;
  }

  private void enlarge(Path from, Path to) throws IOException {
    try (RootFile root = RootFile.open(from);
        RootWriter writer = RootWriter.create(to)) {
      Dataset data = root.dataset(InputFile.of(root, tree).dataset());
      DatasetWriter out = RootIO.friendOf(writer, data, new Schema(List.of()), Compression.ZSTD);
      out.copy(Collections.nCopies(enlarge, data), column -> true);
      out.finish();
      writer.commit();
    }
  }

  private Row measure(ModelBundle bundle, List<Path> files, Path folder, int threads)
      throws IOException, InterruptedException {
    TagJets tag = TagJets.with(bundle).withBackend(backend, Bitbeam.backends(spec));
    Path plain = Files.createDirectories(folder.resolve("plain"));
    Path beam = folder.resolve("beam");
    Row row = new Row(threads, new ArrayList<>(), new ArrayList<>());
    loop(tag, files.subList(0, 1), plain, threads);
    job(bundle, tag, files.subList(0, 1), beam, threads);
    for (int round = 0; round < rounds; round++) {
      boolean loopFirst = round % 2 == 0;
      if (loopFirst) {
        row.loop().add(time(() -> loop(tag, files, plain, threads)));
      }
      row.beam().add(time(() -> job(bundle, tag, files, beam, threads)));
      if (!loopFirst) {
        row.loop().add(time(() -> loop(tag, files, plain, threads)));
      }
    }
    for (Path file : files) {
      String name = InputFile.baseName(file.toString());
      if (Files.mismatch(plain.resolve(name), beam.resolve(name)) != -1) {
        throw new IllegalStateException(name + ": the loop and the job wrote different bytes");
      }
    }
    return row;
  }

  private Map<String, Double> loop(TagJets tag, List<Path> files, Path output, int threads)
      throws IOException, InterruptedException {
    return new PlainLoop(
            files, output, tree, RootIO.Read.DEFAULT_BATCH_ENTRIES, Compression.ZSTD, threads)
        .run(tag.stageFactory());
  }

  private Map<String, Double> job(
      ModelBundle bundle, TagJets tag, List<Path> files, Path output, int threads)
      throws IOException {
    StageJob job =
        new StageJob(
            files.stream().map(file -> file.toAbsolutePath().toString()).toList(),
            output.toString(),
            tree,
            OutputMode.FRIEND,
            List.of(),
            false,
            Compression.ZSTD,
            RootIO.Read.DEFAULT_BATCH_ENTRIES,
            runner.runner(spec, threads),
            true,
            0,
            List.of());
    Map<String, Double> steps = new LinkedHashMap<>();
    PrintWriter terminal = spec.commandLine().getErr();
    job.run(terminal, bundle, Home.bundle(model), backend, tag.stageFactory(), tag)
        .steps()
        .forEach(step -> steps.put(step.name(), step.seconds()));
    return steps;
  }

  private static Run time(Work work) throws IOException, InterruptedException {
    long cpu = BenchDriverCommand.cpu();
    long start = System.nanoTime();
    Map<String, Double> steps = work.run();
    return new Run(
        (System.nanoTime() - start) / 1e9, (BenchDriverCommand.cpu() - cpu) / 1e9, steps);
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> of) {
    return median(runs.stream().mapToDouble(of).toArray());
  }

  private void print(ModelBundle bundle, List<Path> files, List<Row> rows) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    Runner used = runner.runner(spec, rows.get(0).threads());
    boolean here = used.place() == Runner.Place.HERE; // else most of the work has other clocks
    Row first = rows.get(0);
    Row last = rows.get(rows.size() - 1);
    double loopScale = median(first.loop(), Run::seconds) / median(last.loop(), Run::seconds);
    double beamScale = median(first.beam(), Run::seconds) / median(last.beam(), Run::seconds);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("machine", Machine.describe());
      document.put("runner", used.arguments());
      document.put("model", bundle.name() + " " + bundle.version());
      document.put("backend", backend);
      document.put("files", files.size());
      document.put("bytes", bytes);
      List<Map<String, Object>> documents = new ArrayList<>();
      for (Row row : rows) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("threads", row.threads());
        facts.put("loop", row.loop());
        facts.put("beam", row.beam());
        facts.put("ratio", row.ratio(Run::seconds));
        if (here) {
          facts.put("cpuRatio", row.ratio(Run::cpuSeconds));
        }
        documents.add(facts);
      }
      document.put("rows", documents);
      if (rows.size() > 1) {
        document.put("loopScale", loopScale);
        document.put("beamScale", beamScale);
      }
      CommonOptions.printJson(spec.commandLine().getOut(), document);
      return;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s on %s, %d files, %,d bytes, %d rounds, %s%n%s%n",
        bundle,
        backend,
        files.size(),
        bytes,
        rounds,
        used.arguments().get(0),
        Machine.describe());
    out.printf("threads  plain loop: s, CPU s     Beam: s, CPU s    ratio   of CPU%n");
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%7d %10.1f %10.1f %10.1f %s   %6.3f   %s%n",
          row.threads(),
          median(row.loop(), Run::seconds),
          median(row.loop(), Run::cpuSeconds),
          median(row.beam(), Run::seconds),
          here ? format("%10.1f", median(row.beam(), Run::cpuSeconds)) : "         -",
          row.ratio(Run::seconds),
          here ? format("%6.3f", row.ratio(Run::cpuSeconds)) : "     -");
    }
    if (rows.size() > 1) {
      out.printf(
          Locale.ROOT,
          "%d threads over %d: plain loop %.2f times as fast, Beam %.2f%n",
          last.threads(),
          first.threads(),
          loopScale,
          beamScale);
    }
    out.println("steps of the last round, s, summed over threads:");
    for (Row row : rows) {
      out.println("  loop " + seconds(row.loop()) + "  Beam " + seconds(row.beam()));
    }
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  private static String seconds(List<Run> runs) {
    Map<String, String> shown = new LinkedHashMap<>();
    runs.get(runs.size() - 1)
        .steps()
        .forEach((name, seconds) -> shown.put(name, format("%.1f", seconds)));
    return shown.toString();
  }
}
