package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnDigest;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.KeyInfo;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam inspect}. */
@Command(name = "inspect", description = "Shows what is in a ROOT file.")
final class InspectCommand implements Callable<Integer> {
  private static final int FIRST_ENTRIES = 3;
  private static final int MOST_FIRST_BYTES = 5_000;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = Inputs.DESCRIPTION)
  private String file = "";

  @Option(
      names = "--dataset",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Only this tree or ntuple, such as Events or folder/Events;2.")
  private String dataset = "";

  @Option(
      names = "--checksums",
      description = "Read all values and print their number, sum, range and CRC-32.")
  private boolean checksums;

  @Override
  public Integer call() throws Exception {
    try (RootFile root = Inputs.open(file)) {
      List<Dataset> datasets = dataset.isEmpty() ? root.openAll() : List.of(root.dataset(dataset));
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        CommonOptions.printJson(out, document(root, datasets));
      } else {
        print(out, root, datasets);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  // ---- JSON
  // ----------------------------------------------------------------------------------------------------

  private Map<String, Object> document(RootFile root, List<Dataset> datasets) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", root.name());
    document.put("bytes", root.size());
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("version", root.rootVersion());
    header.put("compression", root.compressionSetting());
    header.put("streamer_infos", root.describedClasses());
    document.put("header", header);
    List<Map<String, Object>> keys = new ArrayList<>();
    for (KeyInfo key : root.keys()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", key.path());
      entry.put("cycle", key.cycle());
      entry.put("class", key.className());
      keys.add(entry);
    }
    document.put("keys", keys);
    Map<String, Object> trees = new LinkedHashMap<>();
    for (Dataset data : datasets) {
      trees.put(data.path() + ";" + data.cycle(), tree(data));
    }
    document.put("trees", trees);
    if (dataset.isEmpty()) {
      document.put("objects", objects(root));
    }
    return document;
  }

  /** Everything that is neither a dataset nor a directory. */
  private static Map<String, Object> objects(RootFile root) {
    List<KeyInfo> datasets = root.datasets();
    Map<String, Object> objects = new LinkedHashMap<>();
    for (KeyInfo key : root.keys()) {
      if (datasets.contains(key) || key.className().startsWith("TDirectory")) {
        continue;
      }
      String path = key.path() + ";" + key.cycle();
      try {
        objects.put(path, ObjectJson.of(root.object(path)));
      } catch (IOException | RootFormatException | UnsupportedRootException e) {
        Map<String, Object> failed = new LinkedHashMap<>();
        failed.put("class", key.className());
        failed.put("error", String.valueOf(e.getMessage()));
        objects.put(path, failed);
      }
    }
    return objects;
  }

  private Map<String, Object> tree(Dataset data) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("class", data.className());
    tree.put("entries", data.entries());
    tree.put("title", data.title());
    tree.put("clusters", data.clusters().size());
    List<Map<String, Object>> columns = new ArrayList<>();
    List<ColumnInfo> infos = data.columns();
    for (int i = 0; i < infos.size(); i++) {
      columns.add(column(data, infos.get(i), i));
    }
    tree.put("columns", columns);
    return tree;
  }

  private Map<String, Object> column(Dataset data, ColumnInfo info, int index) {
    Map<String, Object> column = new LinkedHashMap<>();
    column.put("name", info.name());
    column.put("type", info.rootType());
    column.put("title", info.title());
    column.put("stored_bytes", info.storedBytes());
    column.put("bytes", info.objectBytes());
    if (info.type().isEmpty()) {
      column.put("unsupported", info.whyUnreadable());
    } else if (checksums) {
      try {
        Facts facts = facts(data, index);
        column.put("first", facts.first());
        column.put("parts", facts.digest().parts().stream().map(InspectCommand::part).toList());
      } catch (IOException | RootFormatException | UnsupportedRootException e) {
        column.put("error", String.valueOf(e.getMessage()));
      }
    } else {
      column.put("shape", info.type().get().shape());
    }
    return column;
  }

  private static Map<String, Object> part(ColumnDigest.Part part) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("part", part.part());
    map.put("shape", part.shape());
    map.put("count", part.count());
    map.put("sum", part.sum());
    map.put("min", part.min());
    map.put("max", part.max());
    map.put("nonfinite", part.nonfinite());
    map.put("crc32", part.crc32());
    map.put("offsets_crc32", part.offsetsCrc32());
    return map;
  }

  private record Facts(ColumnDigest digest, @org.jspecify.annotations.Nullable Object first) {}

  /** Reads a column cluster by cluster, so that memory stays small. */
  private static Facts facts(Dataset data, int column) throws IOException {
    ColumnDigest digest = new ColumnDigest();
    Object first = null;
    List<Dataset.Cluster> clusters = data.clusters();
    if (clusters.isEmpty()) {
      digest.add(data.read(column, 0, 0));
      return new Facts(digest, List.of());
    }
    for (Dataset.Cluster cluster : clusters) {
      Column values = data.read(column, cluster.first(), cluster.end());
      digest.add(values);
      if (cluster.first() == 0) {
        first =
            ColumnJson.entries(
                values.slice(0, Math.min(FIRST_ENTRIES, values.length())), MOST_FIRST_BYTES);
      }
    }
    return new Facts(digest, first);
  }

  // ---- text
  // ----------------------------------------------------------------------------------------------------

  private void print(PrintWriter out, RootFile root, List<Dataset> datasets) throws IOException {
    int version = root.rootVersion();
    out.printf(
        Locale.ROOT,
        "%s: %,d bytes, ROOT %d.%02d/%02d, %d keys%n",
        root.name(),
        root.size(),
        version / 10000,
        version / 100 % 100,
        version % 100,
        root.keys().size());
    for (KeyInfo key : root.keys()) {
      out.printf("  %s;%d  %s  %s%n", key.path(), key.cycle(), key.className(), key.title());
    }
    for (Dataset data : datasets) {
      out.printf(
          Locale.ROOT,
          "%n%s;%d (%s): %,d entries, %d clusters, %d columns%n",
          data.path(),
          data.cycle(),
          data.className(),
          data.entries(),
          data.clusters().size(),
          data.columns().size());
      List<ColumnInfo> infos = data.columns();
      for (int i = 0; i < infos.size(); i++) {
        print(out, data, infos.get(i), i);
      }
    }
  }

  private void print(PrintWriter out, Dataset data, ColumnInfo info, int index) {
    String type = info.type().map(t -> t.shape()).orElse("not readable: " + info.whyUnreadable());
    double ratio = info.storedBytes() == 0 ? 1 : (double) info.objectBytes() / info.storedBytes();
    out.printf(
        Locale.ROOT,
        "  %-28s %-20s %-18s %,10d bytes, compressed %.1fx, in %d%n",
        info.name(),
        info.rootType(),
        type,
        info.storedBytes(),
        ratio,
        info.pieces());
    if (checksums && info.type().isPresent()) {
      try {
        for (ColumnDigest.Part part : facts(data, index).digest().parts()) {
          out.printf(
              Locale.ROOT,
              "      %s%s n=%d sum=%s min=%s max=%s crc32=%s offsets=%s%n",
              part.part().isEmpty() ? "" : part.part() + ": ",
              part.shape(),
              part.count(),
              part.sum(),
              part.min(),
              part.max(),
              part.crc32(),
              part.offsetsCrc32());
        }
      } catch (IOException | RootFormatException | UnsupportedRootException e) {
        out.println("      " + e.getMessage());
      }
    }
  }
}
