package org.bitbeam.beam.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.beam.EventBatchCoder;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.OutputFile;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to ROOT files, in one of two ways. With {@code inputs}, one output for each input
 * file, as {@link RootIO.Write} does: every entry must be there once, and what is written beside
 * the new columns follows from {@code mode}. Without, new files of all fields, in no particular
 * order of rows.
 */
public final class RootWriteProvider
    extends TypedSchemaTransformProvider<RootWriteProvider.Configuration> {

  /** What is written, and where. */
  @DefaultSchema(JavaFieldSchema.class)
  public static final class Configuration {
    /** Output folder. */
    @SchemaFieldDescription("Output folder")
    public String folder = "";

    /** The files that rows were read from; absent: new files are written. */
    @SchemaFieldDescription(
        "Patterns of the files that rows were read from, as root_read has them: one output for"
            + " each; without it new files are written")
    public @Nullable List<String> inputs;

    /** The tree that was read, or the name of the new one; absent: as root_read, or Events. */
    @SchemaFieldDescription("Tree that was read, or name of the new one; default Events")
    public @Nullable String tree;

    /** {@code friend}, {@code enriched} or {@code slim}; absent: {@code friend}. */
    @SchemaFieldDescription(
        "With inputs: friend (default; the new columns), enriched (everything of the input too),"
            + " slim (what keep says too)")
    public @Nullable String mode;

    /** Branches that {@code slim} keeps. */
    @SchemaFieldDescription("Branches that slim keeps, such as Jet_*")
    public @Nullable List<String> keep;

    /** Of new columns; absent: {@code zstd:5}. */
    @SchemaFieldDescription("none, zlib, lzma, lz4, zstd, with a level as in zstd:5 (default)")
    public @Nullable String compression;

    /** How many new files; absent: as many as the runner likes. */
    @SchemaFieldDescription("Without inputs: number of files; default is up to the runner")
    public @Nullable Integer shards;
  }

  /** Rows that the transform gives: a file each. */
  private static final org.apache.beam.sdk.schemas.Schema ALIGNED =
      org.apache.beam.sdk.schemas.Schema.builder()
          .addStringField("input")
          .addStringField("file")
          .addInt64Field("entries")
          .addInt64Field("bytes")
          .addStringField("sha256")
          .build();

  private static final org.apache.beam.sdk.schemas.Schema NEW =
      org.apache.beam.sdk.schemas.Schema.builder().addStringField("file").build();

  @Override
  public String identifier() {
    return "beam:schematransform:org.bitbeam:root_write:v1";
  }

  @Override
  public String description() {
    return "Writes rows to ROOT files: one for each input file, or new ones.";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(Ports.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(Ports.OUTPUT);
  }

  @Override
  protected SchemaTransform from(Configuration c) {
    if (c.folder == null || c.folder.isEmpty()) {
      throw new IllegalArgumentException("root_write needs folder: where the files go");
    }
    String compression = c.compression == null ? "zstd:5" : c.compression;
    Compression.parse(compression); // complains
    if (c.inputs == null || c.inputs.isEmpty()) {
      if (c.mode != null || c.keep != null) {
        throw new IllegalArgumentException(
            "root_write: mode and keep say what of the input files is written too; give inputs");
      }
      String tree = c.tree == null ? "Events" : c.tree;
      return new NewFiles(c.folder, tree, compression, c.shards == null ? 0 : c.shards);
    }
    if (c.shards != null) {
      throw new IllegalArgumentException(
          "root_write: with inputs there is one output for each of them, not shards");
    }
    return new Aligned(
        c.folder,
        List.copyOf(c.inputs),
        c.tree == null ? "" : c.tree,
        mode(c.mode),
        c.keep == null ? List.of() : List.copyOf(c.keep),
        compression);
  }

  private static OutputMode mode(@Nullable String name) {
    return switch (name == null ? "friend" : name.toLowerCase(Locale.ROOT)) {
      case "friend" -> OutputMode.FRIEND;
      case "enriched" -> OutputMode.ENRICHED;
      case "slim" -> OutputMode.SLIM;
      default ->
          throw new IllegalArgumentException(
              "root_write: mode " + name + ": there are: friend, enriched, slim");
    };
  }

  /** Columns of rows, without where they come from. */
  private static Schema columns(org.apache.beam.sdk.schemas.Schema rows) {
    for (org.apache.beam.sdk.schemas.Schema.Field field : rows.getFields()) {
      if (!RowTypes.isColumn(field.getType())) {
        throw new IllegalArgumentException(
            "root_write: field "
                + field.getName()
                + " of type "
                + field.getType().getTypeName()
                + " cannot be a column; drop it before");
      }
    }
    return new Schema(
        RowTypes.columns(rows).fields().stream()
            .filter(field -> !field.name().equals(RowBatches.ORIGIN))
            .toList());
  }

  private static final class NewFiles extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final String folder;
    private final String tree;
    private final String compression;
    private final int shards;

    NewFiles(String folder, String tree, String compression, int shards) {
      if (shards < 0) {
        throw new IllegalArgumentException("root_write: " + shards + " shards");
      }
      this.folder = folder;
      this.tree = tree;
      this.compression = compression;
      this.shards = shards;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple tuple) {
      PCollection<Row> rows = Ports.only("root_write", tuple);
      Schema columns = columns(rows.getSchema());
      return Ports.output(
          rows.apply(
                  "WriteFiles",
                  FileIO.<Row>write()
                      .via(new RootSink(tree, columns.names(), rows.getSchema(), compression))
                      .to(folder)
                      .withPrefix("part")
                      .withSuffix(".root")
                      .withNumShards(shards))
              .getPerDestinationOutputFilenames()
              .apply("Files", ParDo.of(new NameFn()))
              .setRowSchema(NEW));
    }
  }

  private static final class NameFn extends DoFn<KV<Void, String>, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element KV<Void, String> file, OutputReceiver<Row> out) {
      out.output(Row.withSchema(NEW).addValue(file.getValue()).build());
    }
  }

  private static final class Aligned extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final String folder;
    private final List<String> inputs;
    private final String tree;
    private final OutputMode mode;
    private final List<String> kept;
    private final String compression;

    Aligned(
        String folder,
        List<String> inputs,
        String tree,
        OutputMode mode,
        List<String> kept,
        String compression) {
      this.folder = folder;
      this.inputs = inputs;
      this.tree = tree;
      this.mode = mode;
      this.kept = kept;
      this.compression = compression;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple tuple) {
      PCollection<Row> rows = Ports.only("root_write", tuple);
      org.apache.beam.sdk.schemas.Schema schema = rows.getSchema();
      RowBatches.checkOrigin(schema, "root_write with inputs");
      columns(schema);
      PCollection<InputFile> files =
          rows.getPipeline()
              .apply("Inputs", RootIO.match(inputs.toArray(String[]::new)).withTree(tree));
      PCollection<EventBatch> batches =
          rows.apply("KeyByPlace", ParDo.of(new PlaceFn()))
              .setCoder(KvCoder.of(StringUtf8Coder.of(), rows.getCoder()))
              .apply("GroupByPlace", GroupByKey.create())
              .apply("Batches", ParDo.of(new BatchFn()))
              .setCoder(EventBatchCoder.of());
      PCollection<EventBatch> empty =
          files.apply("EmptyFiles", ParDo.of(new EmptyFn(schema))).setCoder(EventBatchCoder.of());
      return Ports.output(
          PCollectionList.of(batches)
              .and(empty)
              .apply("WithEmpty", Flatten.pCollections())
              .apply(
                  "Write",
                  RootIO.write(files)
                      .to(folder)
                      .withMode(mode)
                      .withKept(kept)
                      .withCompression(Compression.parse(compression)))
              .apply("Files", ParDo.of(new OutputFn()))
              .setRowSchema(ALIGNED));
    }
  }

  /** Rows of one batch to be have one key: file, and which thousands of entries. */
  private static final class PlaceFn extends DoFn<Row, KV<String, Row>> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<KV<String, Row>> out) {
      Origin origin = RowBatches.origin(row);
      long block = origin.firstEntry() / RootIO.Read.DEFAULT_BATCH_ENTRIES;
      out.output(KV.of(block + " " + origin.file(), row));
    }
  }

  private static final class BatchFn extends DoFn<KV<String, Iterable<Row>>, EventBatch> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element KV<String, Iterable<Row>> block, OutputReceiver<EventBatch> out) {
      List<Row> rows = new ArrayList<>();
      block.getValue().forEach(rows::add);
      for (List<Row> run : RowBatches.runs(rows)) {
        Row first = run.get(0);
        out.output(RowBatches.batch(RowBatches.origin(first), columns(first.getSchema()), run));
      }
    }
  }

  /** A file without entries has no row; its output needs the new columns nevertheless. */
  private static final class EmptyFn extends DoFn<InputFile, EventBatch> {
    private static final long serialVersionUID = 1L;
    private final org.apache.beam.sdk.schemas.Schema schema;

    EmptyFn(org.apache.beam.sdk.schemas.Schema schema) {
      this.schema = schema;
    }

    @ProcessElement
    public void process(@Element InputFile file, OutputReceiver<EventBatch> out) {
      if (file.entries() == 0) {
        Origin origin = new Origin(file.file(), file.fingerprint(), file.dataset(), 0);
        out.output(RowBatches.batch(origin, columns(schema), List.of()));
      }
    }
  }

  private static final class OutputFn extends DoFn<OutputFile, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element OutputFile file, OutputReceiver<Row> out) {
      out.output(
          Row.withSchema(ALIGNED)
              .addValues(file.input(), file.file(), file.entries(), file.bytes(), file.sha256())
              .build());
    }
  }
}
