package org.bitbeam.beam;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.util.MimeTypes;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.TupleTag;
import org.bitbeam.columns.ColumnPatterns;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.EventBatchCodec;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.KeyInfo;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.jspecify.annotations.Nullable;

/**
 * Makes the output file of one input: copies what is kept of it byte for byte, and writes the new
 * columns of its parts in the input's clusters. Every entry must be there exactly once, else there
 * is no output.
 */
final class AssembleFn extends DoFn<KV<String, CoGbkResult>, KV<OutputFile, List<String>>> {
  private static final long serialVersionUID = 1L;

  private final TupleTag<InputFile> inputs;
  private final TupleTag<PartManifest> parts;
  private final String outputFolder;
  private final OutputMode mode;
  private final List<String> kept;
  private final boolean skims;
  private final String compression;
  private final @Nullable DeadLetters deadLetters;
  private final Counter files = Metrics.counter("bitbeam", "files");
  private final Distribution nanosPerFile = Metrics.distribution("bitbeam", "assembleNanosPerFile");
  private final Counter bytesWritten = Metrics.counter("bitbeam", "bytesWritten");
  private final Counter entriesWritten = Metrics.counter("bitbeam", "entriesWritten");

  AssembleFn(
      TupleTag<InputFile> inputs,
      TupleTag<PartManifest> parts,
      String outputFolder,
      OutputMode mode,
      List<String> kept,
      boolean skims,
      Compression compression,
      @Nullable DeadLetters deadLetters) {
    this.inputs = inputs;
    this.parts = parts;
    this.outputFolder = outputFolder;
    this.mode = mode;
    this.kept = kept;
    this.skims = skims;
    this.compression = compression.toString();
    this.deadLetters = deadLetters;
  }

  @ProcessElement
  public void process(
      @Element KV<String, CoGbkResult> element, OutputReceiver<KV<OutputFile, List<String>>> out)
      throws IOException {
    InputFile input = only(element.getKey(), element.getValue().getAll(inputs));
    if (deadLetters != null && deadLetters.concern(input.file())) {
      return;
    }
    long start = System.nanoTime();
    List<PartManifest> manifests;
    OutputFile written;
    try {
      manifests = complete(input, element.getValue().getAll(parts));
      written = assemble(input, manifests);
    } catch (IOException | RuntimeException e) {
      if (deadLetters == null) {
        throw e;
      }
      if (deadLetters.isOver()) {
        return; // not read to its end
      }
      deadLetters.put(input.file(), "assemble", e);
      return;
    }
    nanosPerFile.update(System.nanoTime() - start);
    files.inc();
    bytesWritten.inc(written.bytes());
    entriesWritten.inc(written.entries());
    out.output(KV.of(written, manifests.stream().map(PartManifest::part).toList()));
  }

  private OutputFile assemble(InputFile input, List<PartManifest> manifests) throws IOException {
    ResourceId target =
        FileSystems.matchNewResource(outputFolder, true)
            .resolve(input.baseName(), StandardResolveOptions.RESOLVE_FILE);
    if (target.getScheme().equals("file")) {
      Path path = Path.of(target.toString());
      if (Files.exists(path)
          && Files.exists(Path.of(input.file()))
          && Files.isSameFile(path, Path.of(input.file()))) {
        throw new IOException(
            input.file() + ": the output would overwrite its own input; choose another folder");
      }
      Files.createDirectories(path.toAbsolutePath().getParent());
      long entries = write(input, manifests, path);
      return describe(input, target, path, entries);
    } else {
      Path local = Files.createTempDirectory("bitbeam").resolve(input.baseName());
      try {
        long entries = write(input, manifests, local);
        OutputFile written = describe(input, target, local, entries);
        upload(local, target);
        return written;
      } finally {
        Files.deleteIfExists(local);
        Files.deleteIfExists(local.getParent());
      }
    }
  }

  private static InputFile only(String name, Iterable<InputFile> all) throws IOException {
    List<String> files = new ArrayList<>();
    InputFile input = null;
    for (InputFile candidate : all) {
      files.add(candidate.file());
      input = candidate;
    }
    if (input == null || files.size() > 1) {
      throw new IOException(
          "output "
              + name
              + " would be written for several input files: "
              + String.join(", ", files)
              + "; process them into different folders");
    }
    return input;
  }

  /** The parts in order; all entries of the input exactly once. */
  private static List<PartManifest> complete(InputFile input, Iterable<PartManifest> all)
      throws IOException {
    List<PartManifest> sorted = new ArrayList<>();
    all.forEach(sorted::add);
    sorted.sort(
        Comparator.comparingLong(PartManifest::firstEntry)
            .thenComparingLong(PartManifest::entries));
    long next = 0;
    for (PartManifest part : sorted) {
      if (!part.fingerprint().equals(input.fingerprint())) {
        throw new IOException(
            input.file() + ": the file was changed while it was being read; start again");
      }
      if (part.firstEntry() != next) {
        throw new IOException(
            input.file()
                + ": after entry "
                + next
                + " comes a part from entry "
                + part.firstEntry()
                + " on: entries are "
                + (part.firstEntry() > next ? "missing" : "there twice"));
      }
      next += part.entries();
    }
    if (next != input.entries() || sorted.isEmpty()) {
      throw new IOException(
          input.file() + ": parts for " + next + " of " + input.entries() + " entries");
    }
    return sorted;
  }

  /** Writes the output; returns its number of entries. */
  private long write(InputFile input, List<PartManifest> manifests, Path target)
      throws IOException {
    Compression how = Compression.parse(compression);
    try (RootFile root = RootIO.open(input.file());
        RootWriter writer = RootWriter.create(target, "", how)) {
      if (!root.fingerprint().equals(input.fingerprint())) {
        throw new IOException(
            input.file() + ": the file was changed while it was being read; start again");
      }
      Dataset dataset = root.dataset(input.dataset());
      long entries =
          skims
              ? skim(input, dataset, manifests, writer, how)
              : add(dataset, manifests, writer, how);
      if (mode == OutputMode.ENRICHED) {
        copyOthers(root, dataset, writer);
      }
      writer.commit();
      return entries;
    }
  }

  private Predicate<String> topLevel() {
    return topLevel(mode, kept);
  }

  /** Which columns of the input are written, by their names at the top. */
  static Predicate<String> topLevel(OutputMode mode, List<String> kept) {
    return mode == OutputMode.ENRICHED ? column -> true : new ColumnPatterns(kept)::matches;
  }

  /** Copies what is kept of the input, and adds the new columns. */
  private long add(
      Dataset dataset, List<PartManifest> manifests, RootWriter writer, Compression how)
      throws IOException {
    Schema schema = read(manifests.get(0)).schema();
    DatasetWriter output = output(writer, dataset, schema, how);
    if (mode != OutputMode.FRIEND) {
      output.copy(List.of(dataset), topLevel());
    }
    for (PartManifest manifest : manifests) {
      output.write(read(manifest));
    }
    output.finish();
    return dataset.entries();
  }

  /** Writes the entries that are kept; clusters end by their size alone. */
  private long skim(
      InputFile input,
      Dataset dataset,
      List<PartManifest> manifests,
      RootWriter writer,
      Compression how)
      throws IOException {
    Skim skim = Skim.of(input.file(), dataset, topLevel(), read(manifests.get(0)).schema());
    DatasetWriter output =
        isNtuple(dataset)
            ? writer.ntuple(
                dataset.path(),
                dataset.title(),
                skim.schema(),
                NtupleOptions.DEFAULT.withCompression(how))
            : writer.tree(
                dataset.path(),
                dataset.title(),
                skim.schema(),
                TreeOptions.DEFAULT
                    .withCompression(how)
                    .withCounters(skim.counters())
                    .withVectors(skim.vectors()));
    long entries = 0;
    for (PartManifest manifest : manifests) {
      EventBatch kept = skim.kept(read(manifest));
      output.write(kept);
      entries += kept.entries();
    }
    output.finish();
    return entries;
  }

  static boolean isNtuple(Dataset dataset) {
    return dataset.className().equals("ROOT::RNTuple");
  }

  /**
   * A dataset of the input's kind under the input's name, with new columns cut where the input's
   * clusters end.
   */
  static DatasetWriter output(RootWriter writer, Dataset input, Schema schema, Compression how) {
    List<Long> borders = input.clusters().stream().map(Dataset.Cluster::end).toList();
    if (isNtuple(input)) {
      return writer.ntuple(
          input.path(),
          input.title(),
          schema,
          NtupleOptions.DEFAULT.withCompression(how).withBorders(borders));
    }
    return writer.tree(
        input.path(),
        input.title(),
        schema,
        TreeOptions.DEFAULT
            .withCompression(how)
            .withCounters(counters(schema))
            .withBorders(borders));
  }

  /** The other trees and objects of the input file, the newest cycle of each. */
  private static void copyOthers(RootFile root, Dataset main, RootWriter writer)
      throws IOException {
    List<KeyInfo> trees = root.datasets();
    Map<String, Integer> newest = new HashMap<>();
    for (KeyInfo key : root.keys()) {
      newest.merge(key.path(), key.cycle(), Math::max);
    }
    for (KeyInfo key : root.keys()) {
      String path = key.path() + ";" + key.cycle();
      if (key.className().startsWith("TDirectory")
          || key.cycle() != newest.getOrDefault(key.path(), 0)) {
        continue;
      }
      if (trees.contains(key)) {
        if (!key.path().equals(main.path())) {
          Dataset other = root.dataset(path);
          DatasetWriter copy = output(writer, other, new Schema(List.of()), Compression.ZSTD);
          copy.copy(List.of(other), column -> true);
          copy.finish();
        }
      } else {
        writer.copyObject(root, path);
      }
    }
  }

  /** {@code Jet_score} is counted by {@code nJet}, as NanoAOD does. */
  static Map<String, String> counters(Schema schema) {
    Map<String, String> counters = new HashMap<>();
    for (Schema.Field field : schema.fields()) {
      if (field.type() instanceof ColumnType.ListOf) {
        counters.put(field.name(), counter(field.name()));
      }
    }
    return counters;
  }

  /** What counts a list of that name. */
  static String counter(String list) {
    int underscore = list.indexOf('_');
    return "n" + (underscore > 0 ? list.substring(0, underscore) : list);
  }

  private static EventBatch read(PartManifest manifest) throws IOException {
    ResourceId part = FileSystems.matchNewResource(manifest.part(), false);
    try (InputStream in = Channels.newInputStream(FileSystems.open(part))) {
      return EventBatchCodec.decode(in.readAllBytes());
    }
  }

  private static OutputFile describe(InputFile input, ResourceId target, Path path, long entries)
      throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      long bytes = 0;
      try (DigestInputStream in = new DigestInputStream(Files.newInputStream(path), sha)) {
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          bytes += read;
        }
      }
      return new OutputFile(
          input.file(),
          input.fingerprint(),
          target.toString(),
          input.entries(),
          entries,
          bytes,
          HexFormat.of().formatHex(sha.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static void upload(Path local, ResourceId target) throws IOException {
    ResourceId temporary =
        target
            .getCurrentDirectory()
            .resolve("." + target.getFilename() + ".tmp", StandardResolveOptions.RESOLVE_FILE);
    try (WritableByteChannel channel = FileSystems.create(temporary, MimeTypes.BINARY);
        InputStream in = Files.newInputStream(local)) {
      in.transferTo(Channels.newOutputStream(channel));
    }
    FileSystems.rename(
        List.of(temporary), List.of(target), StandardMoveOptions.IGNORE_MISSING_FILES);
  }
}
