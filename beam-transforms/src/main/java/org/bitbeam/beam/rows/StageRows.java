package org.bitbeam.beam.rows;

import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.StageFactory;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Adds the columns of a stage to rows; other fields pass through as they are. Rows are gathered
 * within a bundle, for a network works on batches; results do not depend on it.
 */
final class StageRows extends SchemaTransform {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final StageFactory factory;
  private final boolean byEntry;

  /**
   * With this stage.
   *
   * @param name of the transform, for messages
   * @param byEntry whether what it computes depends on the number of an entry
   */
  StageRows(String name, StageFactory factory, boolean byEntry) {
    this.name = name;
    this.factory = factory;
    this.byEntry = byEntry;
  }

  @Override
  public PCollectionRowTuple expand(PCollectionRowTuple tuple) {
    PCollection<Row> rows = Ports.only(name, tuple);
    if (!(rows.getWindowingStrategy().getWindowFn() instanceof GlobalWindows)) {
      throw new IllegalArgumentException(
          name + " works in the global window; apply windows behind it");
    }
    org.apache.beam.sdk.schemas.Schema given = rows.getSchema();
    if (byEntry) {
      RowBatches.checkOrigin(given, name);
    }
    Schema columns = RowTypes.columns(given);
    List<Schema.Field> added;
    List<Schema.Field> needed;
    try (StageFactory.OpenStage open = factory.open()) {
      List<String> inputs = open.stage().check(columns);
      added = open.stage().outputs(columns);
      needed = columns.fields().stream().filter(f -> inputs.contains(f.name())).toList();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    org.apache.beam.sdk.schemas.Schema.Builder output =
        org.apache.beam.sdk.schemas.Schema.builder();
    for (Field field : given.getFields()) {
      output.addField(field);
    }
    for (Field field : RowTypes.fields(added).getFields()) {
      output.addField(field);
    }
    org.apache.beam.sdk.schemas.Schema result = output.build();
    return Ports.output(
        rows.apply(name, ParDo.of(new Fn(factory, new Schema(needed).fields(), result, byEntry)))
            .setRowSchema(result));
  }

  private static final class Fn extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final StageFactory factory;
    private final List<String> needed;
    private final org.apache.beam.sdk.schemas.Schema result;
    private final boolean byEntry;
    private final Distribution nanosPerBatch =
        Metrics.distribution("bitbeam", "stageNanosPerBatch");
    private transient StageFactory.@Nullable OpenStage open;
    private transient @Nullable List<Row> gathered;

    Fn(
        StageFactory factory,
        List<Schema.Field> needed,
        org.apache.beam.sdk.schemas.Schema result,
        boolean byEntry) {
      this.factory = factory;
      this.needed = needed.stream().map(Schema.Field::name).toList();
      this.result = result;
      this.byEntry = byEntry;
    }

    @Setup
    public void setup() {
      open = factory.open();
    }

    @StartBundle
    public void start() {
      gathered = new ArrayList<>();
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      List<Row> rows = rows();
      rows.add(row);
      if (rows.size() >= RootIO.Read.DEFAULT_BATCH_ENTRIES) {
        flush(rows).forEach(out::output);
      }
    }

    @FinishBundle
    public void finish(FinishBundleContext context) {
      for (Row row : flush(rows())) {
        context.output(row, GlobalWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE);
      }
    }

    @Teardown
    public void teardown() {
      if (open != null) {
        open.close();
        open = null;
      }
    }

    private List<Row> rows() {
      if (gathered == null) {
        throw new IllegalStateException("used outside of a bundle");
      }
      return gathered;
    }

    private List<Row> flush(List<Row> rows) {
      List<Row> results = new ArrayList<>();
      if (rows.isEmpty()) {
        return results;
      }
      if (byEntry) {
        for (List<Row> run : RowBatches.runs(rows)) {
          apply(RowBatches.origin(run.get(0)), run, results);
        }
      } else {
        applyAll(rows, results);
      }
      rows.clear();
      return results;
    }

    /** All at once; if that fails, one by one, so that the message names the entry. */
    private void applyAll(List<Row> rows, List<Row> results) {
      try {
        apply(Origin.MEMORY, rows, results);
      } catch (RuntimeException e) {
        for (Row row : rows) {
          boolean known = RowBatches.hasOrigin(row.getSchema());
          apply(known ? RowBatches.origin(row) : Origin.MEMORY, List.of(row), new ArrayList<>());
        }
        throw e;
      }
    }

    private void apply(Origin origin, List<Row> rows, List<Row> results) {
      StageFactory.OpenStage current = open;
      if (current == null) {
        throw new IllegalStateException("used before it was set up");
      }
      Stage stage = current.stage();
      Schema all = RowTypes.columns(rows.get(0).getSchema());
      Schema inputs =
          new Schema(all.fields().stream().filter(f -> needed.contains(f.name())).toList());
      EventBatch batch = RowBatches.batch(origin, inputs, rows);
      long start = System.nanoTime();
      EventBatch done =
          stage.apply(batch, (counter, n) -> Metrics.counter("bitbeam", counter).inc(n));
      nanosPerBatch.update(System.nanoTime() - start);
      int before = inputs.size();
      for (int i = 0; i < rows.size(); i++) {
        List<@Nullable Object> values = new ArrayList<>(rows.get(i).getValues());
        for (int c = before; c < done.columns().size(); c++) {
          values.add(RowTypes.value(done.columns().get(c), i));
        }
        results.add(Row.withSchema(result).attachValues(values));
      }
    }
  }
}
