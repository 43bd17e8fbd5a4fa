package org.bitbeam.physics;

import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/**
 * A pure function on batches of events: adds columns, changes and reorders nothing. What it
 * computes for an entry depends on that entry alone, not on the batch around it. Safe to use from
 * several threads.
 */
public interface Stage {

  /**
   * Names of the columns the stage reads from a dataset.
   *
   * @param dataset all columns of the dataset
   * @throws IllegalArgumentException when columns are missing; says what was looked for and what is
   *     there
   */
  List<String> inputs(Schema dataset);

  /**
   * The columns the stage adds to a dataset, in order.
   *
   * @param dataset all columns of the dataset, or those of {@link #inputs}
   * @throws IllegalArgumentException when columns are missing
   */
  List<Schema.Field> outputs(Schema dataset);

  /**
   * Checks that the stage can work on a dataset.
   *
   * @return {@link #inputs}
   * @throws IllegalArgumentException when columns are missing, or the dataset has a column of the
   *     name of a new one already
   */
  default List<String> check(Schema dataset) {
    List<String> inputs = inputs(dataset);
    List<String> there =
        outputs(dataset).stream()
            .map(Schema.Field::name)
            .filter(name -> dataset.field(name).isPresent())
            .toList();
    if (!there.isEmpty()) {
      throw new IllegalArgumentException(
          "it has "
              + String.join(", ", there)
              + " already, which this would add; take the file it was made from");
    }
    return inputs;
  }

  /**
   * The batch with the new columns at the end.
   *
   * @param batch has at least the columns of {@link #inputs}
   * @param counter told what was met; the names are those the stage documents
   * @throws IllegalArgumentException when columns are missing or of the wrong type
   * @throws EventDataException when the values of an entry contradict each other
   */
  EventBatch apply(EventBatch batch, StageCounter counter);

  /** The same without counting. */
  default EventBatch apply(EventBatch batch) {
    return apply(batch, StageCounter.NONE);
  }
}
