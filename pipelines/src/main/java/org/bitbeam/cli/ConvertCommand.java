package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Compression;
import org.bitbeam.root.ConvertPlan;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.KeyInfo;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.NtupleWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam convert}. */
@Command(
    name = "convert",
    description = {
      "Converts the trees and ntuples of a ROOT file into the other format or another compression.",
      "Other objects are copied as they are, unless --dataset or --columns choose. In a TTree, members of records"
          + " become branches of their own."
    })
final class ConvertCommand implements Callable<Integer> {
  /** Entries are read in pieces of about this size, uncompressed. */
  private static final long PIECE_BYTES = 64L << 20;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = Inputs.DESCRIPTION)
  private String input = "";

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "Output file.")
  private Path output = Path.of("");

  @Option(
      names = "--format",
      defaultValue = "rntuple",
      paramLabel = "FORMAT",
      description = "rntuple (default) or ttree.")
  private DatasetFormat format = DatasetFormat.RNTUPLE;

  @Option(
      names = "--compression",
      defaultValue = "zstd:5",
      paramLabel = "CODEC",
      description = "none, zlib, lzma, lz4, zstd, with a level as in zstd:5 (default).")
  private String compression = "zstd:5";

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "GLOB",
      description = "Columns to convert, such as 'nJet,Jet_*'; default all.")
  private List<String> columns = List.of();

  @Option(
      names = "--dataset",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Only this tree or ntuple, such as Events or folder/Events;2.")
  private String dataset = "";

  @Option(
      names = "--own-counters",
      description =
          "In a TTree, count every list X by its own nX, also where a column nJet counts Jet_*.")
  private boolean ownCounters;

  /** What was done with a dataset. */
  private record Converted(
      String dataset,
      String from,
      String to,
      long entries,
      int columns,
      Map<String, String> renamed,
      Map<String, String> leftOut) {
    Map<String, Object> document() {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("dataset", dataset);
      facts.put("from", from);
      facts.put("to", to);
      facts.put("entries", entries);
      facts.put("columns", columns);
      facts.put("renamed", renamed);
      facts.put("left_out", leftOut);
      return facts;
    }
  }

  @Override
  public Integer call() throws Exception {
    Compression codec = Compression.parse(compression);
    List<Converted> done = new ArrayList<>();
    String name;
    long bytes;
    try (RootFile root = Inputs.open(input);
        RootWriter writer = RootWriter.create(output, "", codec)) {
      List<Dataset> chosen = new ArrayList<>();
      for (KeyInfo key : root.datasets()) {
        boolean isNewest =
            root.datasets().stream()
                .noneMatch(k -> k.path().equals(key.path()) && k.cycle() > key.cycle());
        if (dataset.isEmpty() && isNewest) {
          chosen.add(root.dataset(key.path() + ";" + key.cycle()));
        }
      }
      if (!dataset.isEmpty()) {
        chosen.add(root.dataset(dataset));
      }
      if (chosen.isEmpty()) {
        throw new IllegalArgumentException(root.name() + ": it has no trees or ntuples to convert");
      }
      for (Dataset data : chosen) {
        done.add(convert(root, data, writer, codec));
      }
      if (dataset.isEmpty() && columns.isEmpty()) {
        copyOthers(root, writer);
      }
      writer.commit();
      name = root.name();
      bytes = root.size();
    }
    report(name, bytes, done);
    return CommandLine.ExitCode.OK;
  }

  private static void copyOthers(RootFile root, RootWriter writer) throws IOException {
    for (KeyInfo key : root.keys()) {
      boolean isDataset =
          root.datasets().stream()
              .anyMatch(d -> d.path().equals(key.path()) && d.cycle() == key.cycle());
      if (!isDataset && !key.className().startsWith("TDirectory")) {
        writer.copyObject(root, key.path() + ";" + key.cycle());
      }
    }
  }

  private Predicate<String> wanted() {
    List<PathMatcher> globs =
        columns.stream().map(g -> FileSystems.getDefault().getPathMatcher("glob:" + g)).toList();
    return name -> globs.isEmpty() || globs.stream().anyMatch(g -> g.matches(Path.of(name)));
  }

  private Converted convert(RootFile root, Dataset data, RootWriter writer, Compression codec)
      throws IOException {
    boolean toTree = format == DatasetFormat.TTREE;
    ConvertPlan plan = ConvertPlan.of(data, wanted(), toTree, ownCounters);
    if (plan.columns().isEmpty()) {
      throw new IllegalArgumentException(
          root.name()
              + ": "
              + data.path()
              + (plan.leftOut().isEmpty()
                  ? " has no columns " + String.join(",", columns)
                  : ": none of its columns can be converted"));
    }
    Progress progress =
        new Progress(spec.commandLine().getErr(), Progress.isTerminal(), "entries", data.entries());
    if (toTree) {
      TreeOptions options =
          TreeOptions.DEFAULT.withCompression(codec).withCounters(plan.counters());
      TreeWriter tree = writer.tree(data.path(), data.title(), plan.schema(), options);
      pieces(root, data, plan, tree::write, progress);
      tree.finish();
    } else {
      NtupleOptions options = NtupleOptions.DEFAULT.withCompression(codec);
      NtupleWriter ntuple = writer.ntuple(data.path(), data.title(), plan.schema(), options);
      pieces(root, data, plan, ntuple::write, progress);
      ntuple.finish();
    }
    progress.end();
    return new Converted(
        data.path(),
        data.className(),
        toTree ? "TTree" : "ROOT::RNTuple",
        data.entries(),
        plan.columns().size(),
        plan.renamed(),
        plan.leftOut());
  }

  private interface Sink {
    void write(EventBatch batch) throws IOException;
  }

  /** Reads cluster by cluster, and large clusters in pieces. */
  private void pieces(RootFile root, Dataset data, ConvertPlan plan, Sink sink, Progress progress)
      throws IOException {
    Origin origin = new Origin(root.name(), root.fingerprint(), data.path(), 0);
    List<ColumnInfo> infos = data.columns();
    long bytes = 0;
    for (ConvertPlan.Source source : plan.columns()) {
      bytes += infos.get(source.position()).objectBytes();
    }
    long each = Math.max(1, bytes / Math.max(1, data.entries()));
    long most = Math.max(1, PIECE_BYTES / each);
    for (Dataset.Cluster cluster : data.clusters()) {
      for (long from = cluster.first(); from < cluster.end(); ) {
        long to = Math.min(cluster.end(), from + most);
        sink.write(plan.read(data, origin, from, to));
        progress.update(to);
        from = to;
      }
    }
  }

  private void report(String name, long bytes, List<Converted> done) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("input", name);
      document.put("output", output.toString());
      document.put("bytes", Files.size(output));
      document.put("datasets", done.stream().map(Converted::document).toList());
      CommonOptions.printJson(out, document);
      return;
    }
    for (Converted data : done) {
      out.printf(
          Locale.ROOT,
          "%s: %,d entries, %d columns, %s to %s%n",
          data.dataset(),
          data.entries(),
          data.columns(),
          data.from(),
          data.to());
      data.renamed().forEach((from, to) -> out.println("  " + from + " is now " + to));
      data.leftOut().forEach((column, why) -> out.println("  left out: " + column + ": " + why));
    }
    out.printf(Locale.ROOT, "%s: %,d bytes, was %,d%n", output, Files.size(output), bytes);
  }
}
