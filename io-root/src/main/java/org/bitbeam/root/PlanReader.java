package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.internal.file.Records;

/** Reads the columns and entries of a {@link ReadPlan}. Safe for several threads. */
public final class PlanReader implements Closeable {
  private final ReadPlan plan;
  private final Dataset dataset;
  private final ByteSource source;
  private final Records records;

  PlanReader(ReadPlan plan, Dataset dataset, ByteSource source, Records records) {
    this.plan = plan;
    this.dataset = dataset;
    this.source = source;
    this.records = records;
  }

  /**
   * Reads entries {@code [from, to)} of the plan's columns, numbered as in the dataset.
   *
   * @throws IllegalArgumentException when they are not all of the plan
   * @throws RootFormatException when the bytes are wrong
   * @throws UnsupportedRootException when a column is of a kind that cannot be read
   */
  public EventBatch read(long from, long to) throws IOException {
    if (from < plan.first() || to > plan.end() || to < from) {
      throw new IllegalArgumentException(
          source.name()
              + ": entries "
              + from
              + " to "
              + to
              + " are not those of the plan: "
              + plan);
    }
    return dataset.read(plan.columns(), from, to);
  }

  @Override
  public void close() throws IOException {
    try (source) {
      records.close();
    }
  }
}
