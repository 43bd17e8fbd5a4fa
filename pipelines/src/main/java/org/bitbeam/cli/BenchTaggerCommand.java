package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.tagging.JetOptions;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.PairedTimes;
import org.bitbeam.runtime.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench tagger}. */
@Command(
    name = "tagger",
    description = {
      "Times a tagger's network on the jets of a file against another backend or bundle: one thread each, in turns in this"
          + " process, CPU time, medians. Features are computed before.",
      "Two rows: the other side gets jets of one length together, as bitbeam tag sends them, or all of them padded to the most"
          + " constituents, as scripts do. A ratio above 1 means that BUNDLE is faster."
    })
final class BenchTaggerCommand implements Callable<Integer> {
  private static final int JETS_PER_PASS = 100;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BUNDLE", description = "Tagger: folder, zip, or name of a shipped one.")
  private String model = "";

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "ROOT file with jets and constituents.")
  private Path input = Path.of("jets.root");

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  private String tree = "";

  @Option(
      names = "--entries",
      defaultValue = "1000",
      paramLabel = "N",
      description = "The first entries of the file; default ${DEFAULT-VALUE}.")
  private long entries = 1000;

  @Mixin private Sides sides = new Sides();

  @Option(
      names = "--seconds",
      defaultValue = "10",
      paramLabel = "S",
      description =
          "CPU seconds of samples a row; twice as many go before; default ${DEFAULT-VALUE}.")
  private double seconds = 10;

  /** One side's way through all jets. */
  private record Side(Network network, List<Map<String, Tensor>> passes) implements Runnable {
    @Override
    public void run() {
      for (Map<String, Tensor> pass : passes) {
        network.run(pass);
      }
    }
  }

  @Override
  public Integer call() throws Exception {
    if (entries < 1 || !(seconds > 0)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--entries and --seconds need more than 0");
    }
    ModelBundle mine = ModelBundle.open(Home.bundle(model));
    ModelBundle theirs =
        sides.againstModel.isPresent()
            ? ModelBundle.open(Home.bundle(sides.againstModel.get()))
            : mine;
    Backends backends = Bitbeam.backends(spec).get();
    List<Map<String, Object>> rows = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    if (!common.json) {
      out.printf(
          "%s on %s against %s on %s, JDK %s, %s%n",
          mine, sides.backend, theirs, sides.against, Runtime.version(), input);
      out.printf("%-28s %12s %12s %8s%n", "the other side's jets", "ms a jet", "other", "ratio");
    }
    JetOptions options = JetOptions.ofAll(JETS_PER_PASS);
    try (Network first = mine.load(backends.get(sides.backend), BackendOptions.DEFAULT);
        Network second = theirs.load(backends.get(sides.against), BackendOptions.DEFAULT)) {
      JetTagger a = JetTagger.of(mine, first, options);
      JetTagger b = JetTagger.of(theirs, second, options);
      EventBatch batch = read(a);
      Side ours = new Side(first, a.passes(batch, false));
      for (boolean toLongest : new boolean[] {false, true}) {
        Side other = new Side(second, b.passes(batch, toLongest));
        rows.add(row(toLongest, ours, other, out));
      }
    }
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", mine.toString());
      document.put("backend", sides.backend);
      document.put("againstModel", theirs.toString());
      document.put("against", sides.against);
      document.put("jdk", Runtime.version().toString());
      document.put("rows", rows);
      CommonOptions.printJson(out, document);
    }
    return CommandLine.ExitCode.OK;
  }

  private Map<String, Object> row(boolean toLongest, Side ours, Side other, PrintWriter out) {
    PairedTimes times = PairedTimes.measure(seconds, ours, other);
    long jets = ours.passes.stream().mapToLong(BenchTaggerCommand::jets).sum();
    String label = toLongest ? "padded to the longest" : "by length";
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("otherJets", label);
    row.put("jets", jets);
    row.put("millisecondsPerJet", times.firstMilliseconds() / jets);
    row.put("otherMillisecondsPerJet", times.secondMilliseconds() / jets);
    row.put("ratio", times.ratio());
    row.put("samples", times.samples());
    if (!common.json) {
      out.printf(
          Locale.ROOT,
          "%-28s %12.4f %12.4f %8.2f%n",
          label,
          times.firstMilliseconds() / jets,
          times.secondMilliseconds() / jets,
          times.ratio());
      out.flush();
    }
    return row;
  }

  private static long jets(Map<String, Tensor> pass) {
    return pass.values().iterator().next().axis(0);
  }

  private EventBatch read(JetTagger tagger) throws IOException {
    try (RootFile root = RootFile.open(input)) {
      Dataset dataset = root.dataset(tree.isEmpty() ? LocalFiles.onlyDataset(root, input) : tree);
      List<String> columns = tagger.inputs(dataset.schema());
      EventBatch batch = dataset.read(columns, 0, Math.min(entries, dataset.entries()));
      if (tagger.passes(batch, false).isEmpty()) {
        throw new IllegalArgumentException(input + ": no jets with constituents to time");
      }
      return batch;
    }
  }
}
