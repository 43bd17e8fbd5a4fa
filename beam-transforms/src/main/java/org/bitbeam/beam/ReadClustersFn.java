package org.bitbeam.beam;

import java.io.IOException;
import org.apache.beam.sdk.io.range.OffsetRange;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.splittabledofn.RestrictionTracker;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.PlanReader;
import org.bitbeam.root.ReadPlan;
import org.jspecify.annotations.Nullable;

/** Reads the clusters of a plan as batches; a plan can be cut between clusters. */
@DoFn.BoundedPerElement
final class ReadClustersFn extends DoFn<ReadPlan, EventBatch> {
  private static final long serialVersionUID = 2L;

  private final int batchEntries;
  private final @Nullable DeadLetters deadLetters;
  private final BadFileLimit limit;
  private final Counter batches = Metrics.counter("bitbeam", "batches");
  private final Counter entries = Metrics.counter("bitbeam", "entries");
  private final Counter bytes = Metrics.counter("bitbeam", "bytesRead");
  private final Distribution nanosPerBatch = Metrics.distribution("bitbeam", "readNanosPerBatch");

  /**
   * Reads what plans say.
   *
   * @param batchEntries most entries of a batch
   */
  ReadClustersFn(int batchEntries, @Nullable DeadLetters deadLetters) {
    this.batchEntries = batchEntries;
    this.deadLetters = deadLetters;
    this.limit = new BadFileLimit(deadLetters);
  }

  @GetInitialRestriction
  public OffsetRange initialRestriction(@Element ReadPlan plan) {
    // An empty tree is one range too: it has to reach the output.
    return new OffsetRange(0, Math.max(1, plan.clusters().size()));
  }

  @GetRestrictionCoder
  public OffsetRange.Coder restrictionCoder() {
    return OffsetRange.Coder.of();
  }

  @GetSize
  public double size(@Element ReadPlan plan, @Restriction OffsetRange range) {
    double size = 1;
    for (long c = range.getFrom(); c < Math.min(range.getTo(), plan.clusters().size()); c++) {
      size += plan.clusters().get((int) c).storedBytes();
    }
    return size;
  }

  @NewTracker
  public RestrictionTracker<OffsetRange, Long> newTracker(@Restriction OffsetRange range) {
    return range.newTracker();
  }

  @ProcessElement
  public void process(
      @Element ReadPlan plan,
      RestrictionTracker<OffsetRange, Long> tracker,
      OutputReceiver<EventBatch> out)
      throws IOException {
    if (limit.isOver()) {
      tracker.tryClaim(Math.max(0, tracker.currentRestriction().getTo() - 1));
      return;
    }
    try (PlanReader reader = open(plan)) {
      for (long c = tracker.currentRestriction().getFrom(); tracker.tryClaim(c); c++) {
        if (plan.clusters().isEmpty()) {
          read(reader, plan, plan.first(), plan.end(), out);
          continue;
        }
        Dataset.Cluster cluster = plan.clusters().get((int) c);
        for (long from = cluster.first(); from < cluster.end(); from += batchEntries) {
          read(reader, plan, from, Math.min(cluster.end(), from + batchEntries), out);
        }
      }
    }
  }

  /** Opens the file; null when it cannot be, and a letter says so. */
  private @Nullable PlanReader open(ReadPlan plan) throws IOException {
    try {
      return plan.open(new CountingByteSource(BeamByteSource.open(plan.file()), bytes::inc));
    } catch (IOException | RuntimeException e) {
      if (deadLetters == null) {
        throw e;
      }
      deadLetters.put(plan.file(), "read", plan.first(), plan.end(), e);
      limit.recount();
      return null;
    }
  }

  private void read(
      @Nullable PlanReader reader,
      ReadPlan plan,
      long from,
      long to,
      OutputReceiver<EventBatch> out)
      throws IOException {
    if (reader == null) {
      return;
    }
    long start = System.nanoTime();
    EventBatch batch;
    try {
      batch = reader.read(from, to);
    } catch (IOException | RuntimeException e) {
      if (deadLetters == null) {
        throw e;
      }
      deadLetters.put(plan.file(), "read", from, to, e);
      limit.recount();
      return;
    }
    nanosPerBatch.update(System.nanoTime() - start);
    emit(batch, out);
  }

  private void emit(EventBatch batch, OutputReceiver<EventBatch> out) {
    batches.inc();
    entries.inc(batch.entries());
    out.output(batch);
  }
}
