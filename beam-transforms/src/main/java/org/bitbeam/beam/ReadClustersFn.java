package org.bitbeam.beam;

import java.io.IOException;
import java.util.List;
import org.apache.beam.sdk.io.range.OffsetRange;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.splittabledofn.RestrictionTracker;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.jspecify.annotations.Nullable;

/** Reads clusters of a file as batches; a file can be cut between clusters. */
@DoFn.BoundedPerElement
final class ReadClustersFn extends DoFn<InputFile, EventBatch> {
  private static final long serialVersionUID = 1L;

  private final List<String> columns;
  private final @Nullable StageFactory forStage;
  private final int batchEntries;
  private final Counter batches = Metrics.counter("bitbeam", "batches");
  private final Counter entries = Metrics.counter("bitbeam", "entries");
  private final Counter bytes = Metrics.counter("bitbeam", "bytesRead");
  private transient StageFactory.@Nullable OpenStage open;

  /**
   * Reads the given columns, and those that a stage needs.
   *
   * @param batchEntries most entries of a batch
   */
  ReadClustersFn(List<String> columns, @Nullable StageFactory forStage, int batchEntries) {
    this.columns = columns;
    this.forStage = forStage;
    this.batchEntries = batchEntries;
  }

  @Setup
  public void setup() {
    open = forStage == null ? null : forStage.open();
  }

  @Teardown
  public void teardown() {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  @GetInitialRestriction
  public OffsetRange initialRestriction(@Element InputFile input) throws IOException {
    try (RootFile root = RootFile.open(BeamByteSource.open(input.file()))) {
      // An empty tree is one range too: it has to reach the output.
      return new OffsetRange(0, Math.max(1, root.dataset(input.dataset()).clusters().size()));
    }
  }

  @GetRestrictionCoder
  public OffsetRange.Coder restrictionCoder() {
    return OffsetRange.Coder.of();
  }

  @SplitRestriction
  public void split(@Restriction OffsetRange range, OutputReceiver<OffsetRange> out) {
    long pieces = Math.min(range.getTo() - range.getFrom(), 64);
    long step = Math.max(1, (range.getTo() - range.getFrom() + pieces - 1) / Math.max(1, pieces));
    for (OffsetRange part : range.split(step, 1)) {
      out.output(part);
    }
  }

  @GetSize
  public double size(@Element InputFile input, @Restriction OffsetRange range) {
    // Clusters are of similar size; the file's length says how much there is in all.
    return (range.getTo() - range.getFrom()) * Math.max(1.0, input.bytes() / 64.0);
  }

  @NewTracker
  public RestrictionTracker<OffsetRange, Long> newTracker(@Restriction OffsetRange range) {
    return range.newTracker();
  }

  @ProcessElement
  public void process(
      @Element InputFile input,
      RestrictionTracker<OffsetRange, Long> tracker,
      OutputReceiver<EventBatch> out)
      throws IOException {
    try (RootFile root =
        RootFile.open(new CountingByteSource(BeamByteSource.open(input.file()), bytes::inc))) {
      if (!root.fingerprint().equals(input.fingerprint())) {
        throw new IOException(
            input.file() + ": the file was changed while it was being read; start again");
      }
      Dataset dataset = root.dataset(input.dataset());
      List<String> wanted = wanted(dataset);
      List<Dataset.Cluster> clusters = dataset.clusters();
      for (long c = tracker.currentRestriction().getFrom(); tracker.tryClaim(c); c++) {
        if (clusters.isEmpty()) {
          emit(dataset.read(wanted, 0, 0), out);
          continue;
        }
        Dataset.Cluster cluster = clusters.get((int) c);
        for (long from = cluster.first(); from < cluster.end(); from += batchEntries) {
          emit(dataset.read(wanted, from, Math.min(cluster.end(), from + batchEntries)), out);
        }
      }
    }
  }

  private List<String> wanted(Dataset dataset) {
    java.util.LinkedHashSet<String> names = new java.util.LinkedHashSet<>(columns);
    if (open != null) {
      names.addAll(open.stage().check(dataset.schema()));
    }
    return List.copyOf(names);
  }

  private void emit(EventBatch batch, OutputReceiver<EventBatch> out) {
    batches.inc();
    entries.inc(batch.entries());
    out.output(batch);
  }
}
