package org.bitbeam.physics.generate;

import java.util.Map;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/** Makes events, each a pure function of its number. Safe to use from several threads. */
public interface EventSource {
  /** What an event has. */
  Schema schema();

  /** Columns with the lengths of lists, by the lists' names. */
  Map<String, String> counters();

  /** The events {@code first} to {@code first + count - 1}. */
  EventBatch generate(long first, int count);
}
