package org.bitbeam.physics;

import org.bitbeam.columns.Origin;

/**
 * The values of an entry contradict each other, such as a link to a candidate that is not there.
 * The message names file, dataset, entry and column.
 */
public final class EventDataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Origin batch;
  private final String what;
  private final long entry;

  /**
   * An error in one entry.
   *
   * @param batch origin of the batch
   * @param index the entry's position in the batch
   * @param what column, value, and what was expected
   */
  public EventDataException(Origin batch, int index, String what) {
    super(
        (batch.file().isEmpty() ? "memory" : batch.file())
            + ": "
            + batch.dataset()
            + ", entry "
            + (batch.firstEntry() + index)
            + ": "
            + what);
    this.batch = batch;
    this.what = what;
    this.entry = batch.firstEntry() + index;
  }

  /** The same about another entry of the batch. */
  public EventDataException about(int index) {
    EventDataException other = new EventDataException(batch, index, what);
    other.initCause(this);
    return other;
  }

  /** Number of the entry in its dataset. */
  public long entry() {
    return entry;
  }
}
