package org.bitbeam.physics.filter;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.jspecify.annotations.Nullable;

/**
 * A stage for the entries that a filter keeps. Batches stay as long as they are, so that entries
 * keep their numbers: the columns the stage adds become optional, and entries that are not kept
 * have no value in them. The stage itself never sees those. Counts {@value #FILTERED}.
 */
public final class FilteredStage implements Stage {
  /** Entries that the filter does not keep. */
  public static final String FILTERED = "entriesFiltered";

  private final String expression;
  private final Stage stage;
  private volatile @Nullable Compiled last;

  /** An expression, compiled for the columns of a dataset. */
  private record Compiled(Schema columns, EntryFilter filter) {}

  /**
   * Applies a stage to entries for which an expression is true.
   *
   * @throws IllegalArgumentException when the expression cannot be read; see {@link EntryFilter}
   */
  public FilteredStage(String expression, Stage stage) {
    EntryFilter.checkSyntax(expression);
    this.expression = expression;
    this.stage = stage;
  }

  @Override
  public List<String> inputs(Schema dataset) {
    Set<String> inputs = new LinkedHashSet<>(stage.inputs(dataset));
    inputs.addAll(filter(dataset).columns());
    return List.copyOf(inputs);
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    return stage.outputs(dataset).stream().map(FilteredStage::optional).toList();
  }

  private static Schema.Field optional(Schema.Field field) {
    return new Schema.Field(
        field.name(), new ColumnType.OptionalOf(field.type()), field.description(), field.unit());
  }

  /** The batches of a dataset have the same columns: compiling is for the first of them. */
  private EntryFilter filter(Schema columns) {
    Compiled compiled = last;
    if (compiled == null || !compiled.columns().equals(columns)) {
      compiled = new Compiled(columns, EntryFilter.of(expression, columns));
      last = compiled;
    }
    return compiled.filter();
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    BitSet kept = filter(batch.schema()).kept(batch);
    int[] offsets = new int[batch.entries() + 1];
    for (int i = 0; i < batch.entries(); i++) {
      offsets[i + 1] = offsets[i] + (kept.get(i) ? 1 : 0);
    }
    EventBatch done = applied(batch, kept, counter);
    EventBatch result = batch;
    for (int c = batch.schema().size(); c < done.schema().size(); c++) {
      result =
          result.with(
              optional(done.schema().fields().get(c)),
              OptionalColumn.of(offsets, done.columns().get(c)));
    }
    counter.add(FILTERED, batch.entries() - kept.cardinality());
    return result;
  }

  private EventBatch applied(EventBatch batch, BitSet kept, StageCounter counter) {
    List<Column> columns = new ArrayList<>();
    for (Column column : batch.columns()) {
      columns.add(Columns.choose(column, kept));
    }
    try {
      return stage.apply(
          EventBatch.of(batch.origin(), batch.schema(), columns, kept.cardinality()), counter);
    } catch (EventDataException e) {
      int position = (int) (e.entry() - batch.origin().firstEntry());
      throw e.about(kept.stream().skip(position).findFirst().orElse(position));
    }
  }
}
