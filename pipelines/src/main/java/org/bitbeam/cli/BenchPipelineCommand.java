package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.report.Values;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.study.Machine;
import org.bitbeam.study.MeasuredProcess;
import org.bitbeam.study.PipelineResult;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench pipeline}. */
@Command(
    name = "pipeline",
    description = {
      "Times bitbeam tag beside Python programs that do the same job (ROOT to scores to ROOT): uproot with ONNX Runtime, and",
      "RDataFrame with ONNX Runtime. Whole processes on one core, in turns; medians, ratios, peak memory. The scores of all are",
      "compared; where they differ by more than --tolerance the command fails (docs/performance.md)."
    })
final class BenchPipelineCommand implements Callable<Integer> {
  private static final String SCORE = "_qgQuarkScore";

  /** How the script says that a module is not there, and taskset that there is no Python. */
  private static final Set<Integer> ABSENT = Set.of(3, 127);

  /** Peers, as the script calls them, and what they are. */
  private static final SortedMap<String, String> PEERS =
      new TreeMap<>(
          Map.of("uproot", "uproot + onnxruntime", "rdataframe", "RDataFrame + onnxruntime"));

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BUNDLE", description = "Tagger: folder, zip, or name of a shipped one.")
  private String model = "";

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "ROOT file with jets and constituents, layout jets or pfnano.")
  private Path input = Path.of("jets.root");

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  private String tree = "";

  @Option(
      names = "--backend",
      split = ",",
      defaultValue = "bit,ort",
      paramLabel = "NAME",
      description =
          "What runs BitBeam's network, a row each; the others are compared with the first; default ${DEFAULT-VALUE}.")
  private List<String> engines = List.of();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description =
          "Folder for pipeline.json and pipeline.md; outputs of the runs lie there meanwhile.")
  private Path output = Path.of("");

  @Option(
      names = "--python",
      defaultValue = "python3",
      paramLabel = "COMMAND",
      description =
          "Python with numpy, onnxruntime and uproot, awkward or ROOT; default ${DEFAULT-VALUE}. Peers whose modules it lacks"
              + " are left out.")
  private String python = "python3";

  @Option(
      names = "--rounds",
      defaultValue = "5",
      paramLabel = "N",
      description = "Runs of each program, after one that is not timed; default ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--core",
      defaultValue = "0",
      paramLabel = "N",
      description = "The core that all run on, by taskset; default ${DEFAULT-VALUE}.")
  private int core;

  @Option(
      names = "--tolerance",
      defaultValue = "1e-5",
      paramLabel = "X",
      description =
          "By how much scores may differ from those of the first row; default ${DEFAULT-VALUE}.")
  private double tolerance;

  @Option(
      names = "--may-differ",
      defaultValue = "0",
      paramLabel = "SHARE",
      description = {
        "Share of the scores that may differ by more; default ${DEFAULT-VALUE}. For ternary networks: a code at a rounding",
        "boundary flips with the last bit of a feature."
      })
  private double mayDiffer;

  @Option(
      names = "--bitbeam",
      paramLabel = "COMMAND",
      description = "The launcher to time; this installation's if absent.")
  private Optional<String> launcher = Optional.empty();

  /** A program of the comparison: what starts it, where its output appears. */
  private record Program(String name, boolean peer, List<String> command, Path written) {}

  /** A program that did the job, and what it took so far. */
  private record Entrant(
      Program program, PipelineResult.Scores scores, List<PipelineResult.Round> rounds) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1 || core < 0 || !(tolerance >= 0) || !(mayDiffer >= 0)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--rounds needs 1 or more, --core, --tolerance, --may-differ 0 or more");
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    String dataset;
    try (RootFile root = RootFile.open(input)) {
      dataset = tree.isEmpty() ? LocalFiles.onlyDataset(root, input) : tree;
    }
    Files.createDirectories(output);
    Path scratch = Files.createTempDirectory(output, "runs").toAbsolutePath();
    PipelineResult result;
    try {
      result = measure(bundle, dataset, scratch);
    } finally {
      LocalFiles.deleteTree(scratch);
    }
    Files.writeString(output.resolve("pipeline.json"), CommonOptions.json(result));
    Files.writeString(output.resolve("pipeline.md"), result.page());
    PrintWriter out = spec.commandLine().getOut();
    out.print(common.json ? CommonOptions.json(result) : result.page());
    return agree(result) ? CommandLine.ExitCode.OK : Failures.FAILED;
  }

  private boolean agree(PipelineResult result) {
    boolean agree = true;
    for (PipelineResult.Row row : result.rows()) {
      PipelineResult.Scores scores = row.scores();
      if (scores.differing() > mayDiffer * scores.compared()) {
        spec.commandLine()
            .getErr()
            .printf(
                Locale.ROOT,
                "bitbeam: %s: %,d of %,d scores differ from those of %s by more than %.1e, up to %.1e%n",
                row.name(),
                scores.differing(),
                scores.compared(),
                result.rows().get(0).name(),
                tolerance,
                scores.largestDifference());
        agree = false;
      }
    }
    return agree;
  }

  private PipelineResult measure(ModelBundle bundle, String dataset, Path scratch)
      throws IOException, InterruptedException {
    List<String> omitted = new ArrayList<>();
    List<Program> programs = new ArrayList<>();
    for (String engine : engines) {
      programs.add(ours(engine, dataset, scratch));
    }
    programs.addAll(peers(bundle, dataset, scratch, omitted));
    List<String> pinned = pinned(omitted);

    // The round before the first: files come into memory, scores are compared.
    List<Entrant> entrants = new ArrayList<>();
    double[] expected = {};
    JsonNode ofFirst = null;
    for (Program program : programs) {
      MeasuredProcess run;
      try {
        run = run(program, pinned, scratch);
      } catch (IOException e) {
        if (!program.peer()) {
          throw e;
        }
        omitted.add(program.name() + ": " + e.getMessage());
        continue;
      }
      if (program.peer() && ABSENT.contains(run.exitCode())) {
        omitted.add(program.name() + ": " + python + " says: " + lastLine(run.err()));
        continue;
      }
      JsonNode said = said(program, run);
      double[] written = scores(program.written());
      if (ofFirst == null) {
        ofFirst = said;
        expected = written;
      }
      entrants.add(new Entrant(program, compare(program, expected, written), new ArrayList<>()));
    }
    if (ofFirst == null) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--backend needs a name");
    }
    for (int round = 0; round < rounds; round++) {
      for (Entrant entrant : entrants) {
        MeasuredProcess run = run(entrant.program(), pinned, scratch);
        double seconds = said(entrant.program(), run).path("seconds").asDouble(Double.NaN);
        entrant
            .rounds()
            .add(
                new PipelineResult.Round(
                    run.seconds(), run.cpuSeconds(), run.peakBytes(), seconds));
      }
    }
    JsonNode counters = ofFirst.path("counters");
    return new PipelineResult(
        Machine.describe(),
        new PipelineResult.Job(
            input.getFileName().toString(),
            bundle.name() + " " + bundle.version(),
            counters.path("entries").asLong(),
            counters.path("jets").asLong(),
            counters.path("bytesRead").asLong()),
        entrants.stream()
            .map(
                entrant ->
                    new PipelineResult.Row(
                        entrant.program().name(), entrant.rounds(), entrant.scores()))
            .toList(),
        omitted);
  }

  private Program ours(String engine, String dataset, Path scratch) throws IOException {
    Path to = scratch.resolve("bitbeam-" + engine);
    return new Program(
        "bitbeam tag (" + engine + ")",
        false,
        List.of(
            launcher.isPresent() ? launcher.get() : launcher().toString(),
            "tag",
            "--input",
            input.toString(),
            "--tree",
            dataset,
            "--output",
            to.toString(),
            "--model",
            Home.bundle(model).toAbsolutePath().toString(),
            "--backend",
            engine,
            "--threads",
            "1",
            "--again",
            "--json",
            "--no-report"),
        to.resolve(input.getFileName()));
  }

  private static Path launcher() throws NoSuchFileException {
    for (String place : List.of("bitbeam", "bin/bitbeam")) {
      Path file = Home.folder().resolve(place);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new NoSuchFileException(
        Home.folder().resolve("bitbeam").toString(), null, "no launcher there; give --bitbeam");
  }

  private List<Program> peers(
      ModelBundle bundle, String dataset, Path scratch, List<String> omitted) throws IOException {
    Path script = Home.folder().resolve("tools/peer_pipeline.py");
    String declaration = bundle.stage().path("preprocess").asText("preprocess.json");
    if (!Files.exists(script)) {
      omitted.add("Python programs: " + script + " is not there");
      return List.of();
    }
    if (!bundle.json(declaration).has("pf_features")) {
      omitted.add("Python programs: they know features of kind \"variables\" only");
      return List.of();
    }
    Path folder = Files.createDirectory(scratch.resolve("model"));
    Files.write(folder.resolve("model.onnx"), bundle.onnx("tagger"));
    Files.write(folder.resolve("preprocess.json"), bundle.file(declaration));
    List<Program> programs = new ArrayList<>();
    for (Map.Entry<String, String> peer : PEERS.entrySet()) {
      Path written = scratch.resolve("peer-" + peer.getKey() + ".root");
      programs.add(
          new Program(
              peer.getValue(),
              true,
              List.of(
                  python,
                  script.toString(),
                  peer.getKey(),
                  input.toString(),
                  written.toString(),
                  folder.toString(),
                  "--tree",
                  dataset),
              written));
    }
    return programs;
  }

  /** What goes before each command so that it stays on the core. */
  private List<String> pinned(List<String> omitted) throws InterruptedException {
    List<String> command = List.of("taskset", "-c", String.valueOf(core));
    List<String> trial = new ArrayList<>(command);
    trial.add("true");
    try {
      if (new ProcessBuilder(trial).start().waitFor() == 0) {
        return command;
      }
    } catch (IOException e) {
      // No taskset: said below.
    }
    omitted.add(
        "one core: taskset -c " + core + " does not work here, programs run where they like");
    return List.of();
  }

  /** Runs a program to its end. */
  private static MeasuredProcess run(Program program, List<String> pinned, Path scratch)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(pinned);
    command.addAll(program.command());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return MeasuredProcess.run(builder, scratch);
  }

  /** The document that a program has printed. */
  private static JsonNode said(Program program, MeasuredProcess run) throws IOException {
    if (run.exitCode() != 0) {
      throw new IOException(
          program.name() + " ended with code " + run.exitCode() + ": " + lastLine(run.err()));
    }
    return new ObjectMapper().readTree(run.out().substring(Math.max(0, run.out().indexOf('{'))));
  }

  private static String lastLine(String text) {
    return text.strip().lines().reduce("", (before, line) -> line);
  }

  private static double[] scores(Path file) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset(LocalFiles.onlyDataset(root, file));
      String column = LocalFiles.onlyColumn(dataset, SCORE, file);
      List<double[]> values = new ArrayList<>();
      for (Dataset.Cluster cluster : dataset.clusters()) {
        EventBatch batch = dataset.read(List.of(column), cluster.first(), cluster.end());
        values.add(Values.of(batch, column));
      }
      return values.stream().flatMapToDouble(Arrays::stream).toArray();
    }
  }

  private PipelineResult.Scores compare(Program program, double[] expected, double[] written) {
    if (expected.length != written.length) {
      throw new IllegalStateException(
          program.name() + " wrote " + written.length + " scores, expected " + expected.length);
    }
    long differing = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      if (Double.isNaN(expected[i]) && Double.isNaN(written[i])) {
        continue;
      }
      double difference = Math.abs(expected[i] - written[i]);
      if (Double.isNaN(difference)) {
        difference = Double.POSITIVE_INFINITY;
      }
      largest = Math.max(largest, difference);
      if (difference > tolerance) {
        differing++;
      }
    }
    return new PipelineResult.Scores(expected.length, differing, largest);
  }
}
