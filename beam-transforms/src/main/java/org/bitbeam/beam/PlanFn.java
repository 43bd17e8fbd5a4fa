package org.bitbeam.beam;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.DoFn;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.ReadPlan;
import org.bitbeam.root.RootFile;
import org.jspecify.annotations.Nullable;

/** Looks at a file once and cuts the reading of it into plans. */
final class PlanFn extends DoFn<InputFile, ReadPlan> {
  private static final long serialVersionUID = 1L;

  /** A file of many clusters is cut into about so many pieces at most. */
  private static final int PIECES = 64;

  /** Larger pieces, in bytes as stored, save nothing more. */
  private static final long LARGE = 32L << 20;

  private final List<String> columns;
  private final @Nullable StageFactory forStage;
  private final @Nullable DeadLetters deadLetters;
  private final BadFileLimit limit;
  private transient StageFactory.@Nullable OpenStage open;

  /** Plans to read the given columns, and those that a stage needs. */
  PlanFn(List<String> columns, @Nullable StageFactory forStage, @Nullable DeadLetters deadLetters) {
    this.columns = columns;
    this.forStage = forStage;
    this.deadLetters = deadLetters;
    this.limit = new BadFileLimit(deadLetters);
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

  @ProcessElement
  public void process(
      @Element InputFile input, PipelineOptions options, OutputReceiver<ReadPlan> out)
      throws IOException {
    if (limit.isOver()) {
      return;
    }
    List<ReadPlan> plans;
    try {
      plans = plans(input, options.as(RootOptions.class));
    } catch (IOException | RuntimeException e) {
      if (deadLetters == null) {
        throw e;
      }
      deadLetters.put(input.file(), "plan", e);
      limit.recount();
      return;
    }
    plans.forEach(out::output);
  }

  private List<ReadPlan> plans(InputFile input, RootOptions options) throws IOException {
    try (RootFile root = RootIO.open(input.file())) {
      if (!root.fingerprint().equals(input.fingerprint())) {
        throw new IOException(
            input.file() + ": the file was changed while it was being read; start again");
      }
      Dataset dataset = root.dataset(input.dataset());
      Set<String> wanted = new LinkedHashSet<>(columns);
      if (open != null) {
        wanted.addAll(open.stage().check(dataset.schema()));
      }
      long bytes = 0;
      for (ColumnInfo info : dataset.columns()) {
        bytes += wanted.contains(info.name()) ? info.storedBytes() : 0;
      }
      long wantedBytes = Math.min(bytes / options.getRootPlansPerFile(), LARGE);
      long least = Math.max(Math.max(wantedBytes, bytes / PIECES), options.getRootPlanBytes());
      return ReadPlan.of(root, dataset, List.copyOf(wanted), least);
    }
  }
}
