package org.bitbeam.beam;

import java.io.IOException;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.bitbeam.columns.EventBatch;
import org.jspecify.annotations.Nullable;

/** Applies a stage to every batch; its counts become metrics. */
final class StageFn extends DoFn<EventBatch, EventBatch> {
  private static final long serialVersionUID = 1L;

  private final StageFactory factory;
  private final @Nullable DeadLetters deadLetters;
  private final Distribution nanosPerBatch = Metrics.distribution("bitbeam", "stageNanosPerBatch");
  private transient StageFactory.@Nullable OpenStage open;

  StageFn(StageFactory factory, @Nullable DeadLetters deadLetters) {
    this.factory = factory;
    this.deadLetters = deadLetters;
  }

  @Setup
  public void setup() {
    open = factory.open();
  }

  @ProcessElement
  public void process(@Element EventBatch batch, OutputReceiver<EventBatch> out)
      throws IOException {
    StageFactory.OpenStage current = open;
    if (current == null) {
      throw new IllegalStateException("used before it was set up");
    }
    long start = System.nanoTime();
    EventBatch result;
    try {
      result =
          current
              .stage()
              .apply(batch, (name, amount) -> Metrics.counter("bitbeam", name).inc(amount));
    } catch (RuntimeException e) {
      if (deadLetters == null) {
        throw e;
      }
      long first = batch.origin().firstEntry();
      deadLetters.put(batch.origin().file(), "stage", first, first + batch.entries(), e);
      return;
    }
    nanosPerBatch.update(System.nanoTime() - start);
    out.output(result);
  }

  @Teardown
  public void teardown() {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
