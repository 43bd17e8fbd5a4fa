package org.bitbeam.beam.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.RootIO;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnPatterns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads ROOT files as rows, one an entry: a field for each column under its name (lists as arrays),
 * and {@code bitbeam_origin}, which says where the entry comes from. The first file is looked at
 * when the pipeline is made: its columns are the fields, and the others need the same.
 */
public final class RootReadProvider
    extends TypedSchemaTransformProvider<RootReadProvider.Configuration> {

  /** What is read. */
  @DefaultSchema(JavaFieldSchema.class)
  public static final class Configuration {
    /** Files; at least one pattern. */
    @SchemaFieldDescription(
        "Patterns of files such as data/*.root, or addresses (http, https, root)")
    public List<String> input = List.of();

    /** The tree; absent: {@code Events}, or the only one. */
    @SchemaFieldDescription("Tree or RNTuple; default is Events, or the only one")
    public @Nullable String tree;

    /** Columns; absent: all that rows can hold. */
    @SchemaFieldDescription(
        "Columns by name or pattern such as Jet_*; default is all that rows can hold")
    public @Nullable List<String> columns;
  }

  @Override
  public String identifier() {
    return "beam:schematransform:org.bitbeam:root_read:v1";
  }

  @Override
  public String description() {
    return "Reads ROOT files (TTree, RNTuple) as rows, one an entry.";
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(Ports.OUTPUT);
  }

  @Override
  protected SchemaTransform from(Configuration configuration) {
    return new RootReadTransform(configuration);
  }

  private static final class RootReadTransform extends SchemaTransform {
    private static final long serialVersionUID = 1L;

    private final List<String> input;
    private final String tree;
    private final List<String> patterns;

    RootReadTransform(Configuration configuration) {
      if (configuration.input == null || configuration.input.isEmpty()) {
        throw new IllegalArgumentException("root_read needs input: patterns of files");
      }
      this.input = List.copyOf(configuration.input);
      this.tree = configuration.tree == null ? "" : configuration.tree;
      this.patterns =
          configuration.columns == null ? List.of("*") : List.copyOf(configuration.columns);
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple tuple) {
      List<Schema.Field> columns;
      try {
        columns = columns(RootIO.filesOf(input.get(0)).get(0));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      org.apache.beam.sdk.schemas.Schema.Builder schema =
          org.apache.beam.sdk.schemas.Schema.builder();
      for (org.apache.beam.sdk.schemas.Schema.Field field : RowTypes.fields(columns).getFields()) {
        schema.addField(field);
      }
      schema.addField(
          org.apache.beam.sdk.schemas.Schema.Field.of(RowBatches.ORIGIN, RowBatches.ORIGIN_TYPE)
              .withDescription("where the entry comes from"));
      org.apache.beam.sdk.schemas.Schema rowSchema = schema.build();
      String[] names = columns.stream().map(Schema.Field::name).toArray(String[]::new);
      PCollection<InputFile> files =
          tuple
              .getPipeline()
              .apply("Inputs", RootIO.match(input.toArray(String[]::new)).withTree(tree));
      return Ports.output(
          files
              .apply("Read", RootIO.read().withColumns(names))
              .apply("Rows", ParDo.of(new RowsFn(rowSchema)))
              .setRowSchema(rowSchema));
    }

    private List<Schema.Field> columns(String file) throws IOException {
      try (RootFile root = RootIO.open(file)) {
        Dataset dataset = root.dataset(InputFile.of(root, tree).dataset());
        Map<String, String> unmatched = new TreeMap<>();
        patterns.forEach(pattern -> unmatched.put(pattern, ""));
        List<Schema.Field> chosen = new ArrayList<>();
        for (Schema.Field field : dataset.schema().fields()) {
          boolean wanted = false;
          for (String pattern : patterns) {
            if (new ColumnPatterns(List.of(pattern)).matches(field.name())) {
              wanted = true;
              unmatched.remove(pattern);
            }
          }
          if (wanted && RowTypes.isRepresentable(field.type())) {
            chosen.add(field);
          } else if (wanted && patterns.contains(field.name())) {
            throw new IllegalArgumentException(
                file
                    + ": column "
                    + field.name()
                    + ": rows have no field for "
                    + field.type().shape());
          }
        }
        if (!unmatched.isEmpty() || chosen.isEmpty()) {
          throw new IllegalArgumentException(
              file
                  + ": "
                  + dataset.path()
                  + " has no column "
                  + String.join(", ", Set.copyOf(unmatched.keySet()))
                  + "; there are: "
                  + String.join(", ", dataset.schema().names()));
        }
        return chosen;
      }
    }
  }

  private static final class RowsFn extends DoFn<EventBatch, Row> {
    private static final long serialVersionUID = 1L;
    private final org.apache.beam.sdk.schemas.Schema schema;

    RowsFn(org.apache.beam.sdk.schemas.Schema schema) {
      this.schema = schema;
    }

    @ProcessElement
    public void process(@Element EventBatch batch, OutputReceiver<Row> out) {
      List<Column> columns = new ArrayList<>();
      for (org.apache.beam.sdk.schemas.Schema.Field field : schema.getFields()) {
        if (!field.getName().equals(RowBatches.ORIGIN)) {
          columns.add(batch.column(field.getName()));
          checkType(batch, field);
        }
      }
      for (int i = 0; i < batch.entries(); i++) {
        List<@Nullable Object> values = new ArrayList<>(columns.size() + 1);
        for (int c = 0; c < columns.size(); c++) {
          values.add(value(batch, columns.get(c), c, i));
        }
        values.add(RowBatches.origin(batch.origin(), i));
        out.output(Row.withSchema(schema).attachValues(values));
      }
    }

    private @Nullable Object value(EventBatch batch, Column column, int c, int entry) {
      try {
        return RowTypes.value(column, entry);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            batch.origin().plus(entry)
                + ": column "
                + schema.getField(c).getName()
                + ": "
                + e.getMessage(),
            e);
      }
    }

    /** Files of one pattern may differ. */
    private static void checkType(
        EventBatch batch, org.apache.beam.sdk.schemas.Schema.Field field) {
      var type = RowTypes.fieldType(batch.column(field.getName()).type());
      if (!type.typesEqual(field.getType())) {
        throw new IllegalArgumentException(
            batch.origin()
                + ": column "
                + field.getName()
                + " is "
                + batch.column(field.getName()).type().shape()
                + ", in the first file it is another type; read such files by themselves");
      }
    }
  }
}
