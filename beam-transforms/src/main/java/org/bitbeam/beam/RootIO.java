package org.bitbeam.beam;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TupleTag;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.jspecify.annotations.Nullable;

/**
 * ROOT files in pipelines.
 *
 * <pre>{@code
 * PCollection<InputFile> files = pipeline.apply(RootIO.match("ttbar/*.root").withTree("Events"));
 * files
 *     .apply(RootIO.read().withColumns("Jet_pt", "Jet_eta"))
 *     .apply(...)                                            // EventBatch in, EventBatch with more columns out
 *     .apply(RootIO.write(files).to("tagged/").withMode(OutputMode.FRIEND));
 * }</pre>
 *
 * <p>Events are never shuffled: batches go through as they were read, parts are written where they
 * are, and only the small manifests of parts are grouped by file.
 */
public final class RootIO {
  private RootIO() {}

  /**
   * Finds files by patterns such as {@code data/*.root}; a pattern without any file is an error.
   * Addresses that begin with {@code http://}, {@code https://}, {@code root://} or {@code
   * roots://} stand for one file each, without a query; workers take a token for them from the file
   * that {@code BITBEAM_TOKEN_FILE} names in their environment.
   */
  public static Match match(String... patterns) {
    return new Match(List.of(patterns), "", false, null);
  }

  /** These files: names or addresses, in which {@code *} stands for itself. */
  public static Match files(List<String> names) {
    return new Match(names, "", true, null);
  }

  /**
   * The files that a pattern stands for, in the order of their names.
   *
   * @throws FileNotFoundException when there are none
   * @throws IOException naming the pattern, when the file system refuses
   */
  public static List<String> filesOf(String pattern) throws IOException {
    if (!ByteSource.isRemoteAddress(pattern)) {
      try {
        return FileSystems.match(pattern, EmptyMatchTreatment.DISALLOW).metadata().stream()
            .map(file -> file.resourceId().toString())
            .sorted()
            .toList();
      } catch (FileNotFoundException e) {
        throw e;
      } catch (IOException e) {
        throw new IOException(pattern + ": the files cannot be listed: " + e.getMessage(), e);
      }
    }
    checkAddress(pattern);
    return List.of(pattern);
  }

  /**
   * Opens a file of any Beam file system, or at a remote address; a token for those comes from the
   * environment.
   *
   * @throws IOException naming the file
   */
  public static RootFile open(String file) throws IOException {
    return RootFile.open(BeamByteSource.open(file));
  }

  /** Spreads elements over workers, by themselves or in as many groups as the options say. */
  private static <T> Reshuffle.ViaRandomKey<T> spread(Pipeline pipeline) {
    int groups = pipeline.getOptions().as(RootOptions.class).getRootGroups();
    Reshuffle.ViaRandomKey<T> spread = Reshuffle.viaRandomKey();
    return groups == 0 ? spread : spread.withNumBuckets(groups);
  }

  private static void checkAddress(String pattern) {
    int query = pattern.indexOf('?');
    if (query >= 0) {
      throw new IllegalArgumentException(
          pattern.substring(0, query)
              + "?...: addresses with a query are not taken here, for it may be a secret and"
              + " pipelines are shown; use a token");
    }
    if (Set.of("", ".", "..").contains(InputFile.baseName(pattern))) {
      throw new IllegalArgumentException(pattern + ": the address does not end with a file name");
    }
  }

  /** Reads found files. */
  public static Read read() {
    return new Read(List.of(), null, Read.DEFAULT_BATCH_ENTRIES, null);
  }

  /**
   * Writes one output file for every input file, under its name.
   *
   * @param files the input files whose batches come in
   */
  public static Write write(PCollection<InputFile> files) {
    return new Write(
        files, "", "", OutputMode.FRIEND, List.of(), false, Compression.ZSTD, null, null);
  }

  /**
   * Says before any work is done whether a file can be written without some of its entries; see
   * {@link Write#withSkimming}.
   *
   * @param file name of the input file, for messages
   * @param kept as {@link Write#withKept} takes them
   * @throws IOException naming a column that cannot be written so
   */
  public static void checkSkimming(String file, Dataset input, OutputMode mode, List<String> kept)
      throws IOException {
    Skim.of(file, input, AssembleFn.topLevel(mode, kept), new Schema(List.of()));
  }

  /**
   * A dataset for new columns of another one, as {@link Write} makes it for {@link
   * OutputMode#FRIEND}: of the same kind and name, cut where the other's clusters end. For loops
   * without a pipeline.
   *
   * @param added the new columns
   */
  public static DatasetWriter friendOf(
      RootWriter writer, Dataset input, Schema added, Compression compression) {
    return AssembleFn.output(writer, input, added, compression);
  }

  /** Finds files and looks at the dataset in each. */
  public static final class Match extends PTransform<PBegin, PCollection<InputFile>> {
    private static final long serialVersionUID = 1L;
    private final List<String> patterns;
    private final String tree;
    private final boolean exact;
    private final @Nullable DeadLetters deadLetters;

    private Match(
        List<String> patterns, String tree, boolean exact, @Nullable DeadLetters deadLetters) {
      if (patterns.isEmpty() && !exact) {
        throw new IllegalArgumentException("no file patterns");
      }
      patterns.stream().filter(ByteSource::isRemoteAddress).forEach(RootIO::checkAddress);
      this.patterns = List.copyOf(patterns);
      this.tree = tree;
      this.exact = exact;
      this.deadLetters = deadLetters;
    }

    /** Chooses the tree; without this it is {@code Events}, or the only one of the file. */
    public Match withTree(String name) {
      return new Match(patterns, name, exact, deadLetters);
    }

    /** Puts files there that cannot be opened, instead of failing. */
    public Match withDeadLetters(DeadLetters letters) {
      return new Match(patterns, tree, exact, letters);
    }

    @Override
    public PCollection<InputFile> expand(PBegin begin) {
      PCollection<String> given =
          begin.apply("Patterns", Create.of(patterns).withCoder(StringUtf8Coder.of()));
      return (exact ? given : given.apply("Match", ParDo.of(new MatchFn())))
          .apply("SpreadNames", spread(begin.getPipeline()))
          .apply("Describe", ParDo.of(new DescribeFn(tree, deadLetters)))
          .setCoder(new InputFile.Coder())
          .apply("SpreadFiles", spread(begin.getPipeline()));
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .add(DisplayData.item("patterns", String.join(",", patterns)).withLabel("File patterns"))
          .addIfNotDefault(DisplayData.item("tree", tree).withLabel("Tree"), "");
    }
  }

  private static final class MatchFn extends DoFn<String, String> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element String pattern, OutputReceiver<String> out) throws IOException {
      filesOf(pattern).forEach(out::output);
    }
  }

  private static final class DescribeFn extends DoFn<String, InputFile> {
    private static final long serialVersionUID = 1L;
    private final String tree;
    private final @Nullable DeadLetters deadLetters;
    private final BadFileLimit limit;

    DescribeFn(String tree, @Nullable DeadLetters deadLetters) {
      this.tree = tree;
      this.deadLetters = deadLetters;
      this.limit = new BadFileLimit(deadLetters);
    }

    @ProcessElement
    public void process(@Element String file, OutputReceiver<InputFile> out) throws IOException {
      if (limit.isOver()) {
        return;
      }
      InputFile described;
      try {
        described = InputFile.describe(file, tree);
      } catch (IOException | RuntimeException e) {
        if (deadLetters == null) {
          throw e;
        }
        deadLetters.put(file, "describe", e);
        limit.recount();
        return;
      }
      out.output(described);
    }
  }

  /**
   * Reads columns; see {@link RootIO}. Splits a file between its clusters: it is described once,
   * and what reads a piece of it gets a plan of that piece and parses no description again.
   */
  public static final class Read
      extends PTransform<PCollection<InputFile>, PCollection<EventBatch>> {
    /** Most entries of a batch where nothing else is said. */
    public static final int DEFAULT_BATCH_ENTRIES = 4096;

    private static final long serialVersionUID = 1L;
    private final List<String> columns;
    private final @Nullable StageFactory stage;
    private final int batchEntries;
    private final @Nullable DeadLetters deadLetters;

    private Read(
        List<String> columns,
        @Nullable StageFactory stage,
        int batchEntries,
        @Nullable DeadLetters deadLetters) {
      this.columns = List.copyOf(columns);
      this.stage = stage;
      this.batchEntries = batchEntries;
      this.deadLetters = deadLetters;
    }

    /** Reads these columns. */
    public Read withColumns(String... names) {
      return new Read(List.of(names), stage, batchEntries, deadLetters);
    }

    /** Reads the columns that a stage needs too; which they are may differ from file to file. */
    public Read withColumnsOf(StageFactory factory) {
      return new Read(columns, factory, batchEntries, deadLetters);
    }

    /** Puts at most so many entries into a batch; results do not depend on it. */
    public Read withBatchEntries(int entries) {
      if (entries < 1) {
        throw new IllegalArgumentException(
            "batches of " + entries + " entries, expected at least 1");
      }
      return new Read(columns, stage, entries, deadLetters);
    }

    /** Puts files and clusters there that cannot be read, instead of failing. */
    public Read withDeadLetters(DeadLetters letters) {
      return new Read(columns, stage, batchEntries, letters);
    }

    @Override
    public PCollection<EventBatch> expand(PCollection<InputFile> files) {
      return files
          .apply("PlanReading", ParDo.of(new PlanFn(columns, stage, deadLetters)))
          .setCoder(new ReadPlanCoder())
          .apply("SpreadPlans", spread(files.getPipeline()))
          .apply("ReadClusters", ParDo.of(new ReadClustersFn(batchEntries, deadLetters)))
          .setCoder(EventBatchCoder.of());
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .add(DisplayData.item("columns", String.join(",", columns)).withLabel("Columns"))
          .add(DisplayData.item("batchEntries", batchEntries).withLabel("Entries of a batch"));
    }
  }

  /**
   * Writes output files; see {@link RootIO}. New are the columns that the input file does not have.
   * A file is complete and under its final name, or it is not there.
   */
  public static final class Write
      extends PTransform<PCollection<EventBatch>, PCollection<OutputFile>> {
    private static final long serialVersionUID = 1L;
    private final transient PCollection<InputFile> files;
    private final String folder;
    private final String partsFolder;
    private final OutputMode mode;
    private final List<String> kept;
    private final boolean skims;
    private final transient Compression compression;
    private final Ledger.@Nullable Job job;
    private final @Nullable DeadLetters deadLetters;

    private Write(
        PCollection<InputFile> files,
        String folder,
        String partsFolder,
        OutputMode mode,
        List<String> kept,
        boolean skims,
        Compression compression,
        Ledger.@Nullable Job job,
        @Nullable DeadLetters deadLetters) {
      this.files = files;
      this.folder = folder;
      this.partsFolder = partsFolder;
      this.mode = mode;
      this.kept = List.copyOf(kept);
      this.skims = skims;
      this.compression = compression;
      this.job = job;
      this.deadLetters = deadLetters;
    }

    /** Writes to this folder. */
    public Write to(String outputFolder) {
      if (outputFolder.isEmpty()) {
        throw new IllegalArgumentException("the output folder has no name");
      }
      return new Write(
          files,
          outputFolder.endsWith("/") ? outputFolder : outputFolder + "/",
          partsFolder,
          mode,
          kept,
          skims,
          compression,
          job,
          deadLetters);
    }

    /**
     * Keeps parts in this folder until outputs are complete; without this in a new folder inside of
     * the output folder. Every run needs its own.
     */
    public Write withPartsFolder(String name) {
      return new Write(files, folder, name, mode, kept, skims, compression, job, deadLetters);
    }

    /** Chooses what is written beside the new columns. */
    public Write withMode(OutputMode outputMode) {
      return new Write(
          files, folder, partsFolder, outputMode, kept, skims, compression, job, deadLetters);
    }

    /**
     * Chooses the branches that {@link OutputMode#SLIM} keeps, by patterns such as {@code Jet_*}.
     */
    public Write withKept(List<String> patterns) {
      return new Write(
          files, folder, partsFolder, mode, patterns, skims, compression, job, deadLetters);
    }

    /**
     * Leaves out entries that have no value in the new columns, which must be optional: see {@link
     * TagJets#withWhere}. What is kept of the input is decoded and written anew. Not for {@link
     * OutputMode#FRIEND}, whose entries align with the input's.
     */
    public Write withSkimming() {
      return new Write(files, folder, partsFolder, mode, kept, true, compression, job, deadLetters);
    }

    /** Compresses new columns so; copied ones stay as they are. */
    public Write withCompression(Compression how) {
      return new Write(files, folder, partsFolder, mode, kept, skims, how, job, deadLetters);
    }

    /** Enters each finished file into the {@link Ledger} of the output folder. */
    public Write withLedger(Ledger.Job ofJob) {
      return new Write(
          files, folder, partsFolder, mode, kept, skims, compression, ofJob, deadLetters);
    }

    /** Gives no output to files that have dead letters, or that get one here. */
    public Write withDeadLetters(DeadLetters letters) {
      return new Write(files, folder, partsFolder, mode, kept, skims, compression, job, letters);
    }

    @Override
    public PCollection<OutputFile> expand(PCollection<EventBatch> batches) {
      if (folder.isEmpty()) {
        throw new IllegalArgumentException("RootIO.write() needs a folder: to(...)");
      }
      if (mode == OutputMode.SLIM && kept.isEmpty()) {
        throw new IllegalArgumentException("slim output needs patterns of the columns to keep");
      }
      if (skims && mode == OutputMode.FRIEND) {
        throw new IllegalArgumentException(
            "friend output aligns with the input's entries, so none can be left out; choose"
                + " enriched or slim output");
      }
      String parts =
          partsFolder.isEmpty()
              ? folder + ".bitbeam-parts/" + UUID.randomUUID() + "/"
              : partsFolder.endsWith("/") ? partsFolder : partsFolder + "/";
      TupleTag<InputFile> inputs = new TupleTag<>() {};
      TupleTag<PartManifest> manifests = new TupleTag<>() {};
      PCollection<KV<String, InputFile>> byFile =
          files
              .apply("KeyFiles", ParDo.of(new KeyByNameFn()))
              .setCoder(KvCoder.of(StringUtf8Coder.of(), new InputFile.Coder()));
      PCollection<KV<String, PartManifest>> written =
          batches
              .apply("WriteParts", ParDo.of(new WritePartsFn(parts)))
              .setCoder(KvCoder.of(StringUtf8Coder.of(), new PartManifest.Coder()));
      PCollection<KV<String, CoGbkResult>> grouped =
          KeyedPCollectionTuple.of(inputs, byFile)
              .and(manifests, written)
              .apply("GroupManifests", CoGroupByKey.create());
      PCollection<OutputFile> outputs =
          grouped
              .apply(
                  "Assemble",
                  ParDo.of(
                      new AssembleFn(
                          inputs, manifests, folder, mode, kept, skims, compression, deadLetters)))
              .setCoder(KvCoder.of(new OutputFile.Coder(), ListCoder.of(StringUtf8Coder.of())))
              .apply("FixOutputs", spread(batches.getPipeline()))
              .apply("DeleteParts", ParDo.of(new DeletePartsFn()))
              .setCoder(new OutputFile.Coder());
      return job == null
          ? outputs
          : outputs
              .apply("EnterIntoLedger", ParDo.of(new LedgerFn(folder, job)))
              .setCoder(new OutputFile.Coder());
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .add(DisplayData.item("folder", folder).withLabel("Output folder"))
          .add(DisplayData.item("skims", skims).withLabel("Leaves out entries"))
          .add(DisplayData.item("mode", mode.name()).withLabel("Output mode"))
          .add(DisplayData.item("compression", compression.toString()).withLabel("Compression"));
    }
  }

  private static final class KeyByNameFn extends DoFn<InputFile, KV<String, InputFile>> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element InputFile file, OutputReceiver<KV<String, InputFile>> out) {
      out.output(KV.of(file.baseName(), file));
    }
  }

  private static final class DeletePartsFn extends DoFn<KV<OutputFile, List<String>>, OutputFile> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(
        @Element KV<OutputFile, List<String>> element, OutputReceiver<OutputFile> out)
        throws IOException {
      List<ResourceId> parts = new ArrayList<>();
      for (String part : element.getValue()) {
        parts.add(FileSystems.matchNewResource(part, false));
      }
      FileSystems.delete(parts, StandardMoveOptions.IGNORE_MISSING_FILES);
      out.output(element.getKey());
    }
  }

  private static final class LedgerFn extends DoFn<OutputFile, OutputFile> {
    private static final long serialVersionUID = 1L;
    private final String folder;
    private final Ledger.Job job;

    LedgerFn(String folder, Ledger.Job job) {
      this.folder = folder;
      this.job = job;
    }

    @ProcessElement
    public void process(@Element OutputFile file, OutputReceiver<OutputFile> out)
        throws IOException {
      Ledger.write(folder, Ledger.Entry.of(job, file));
      out.output(file);
    }
  }
}
