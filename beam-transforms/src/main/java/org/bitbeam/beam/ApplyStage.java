package org.bitbeam.beam;

import java.io.Serializable;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Applies a stage of one's own to every batch; its counts become Beam metrics of the name space
 * {@code bitbeam}. Keeps the order of entries within a batch; a retry gives the same result, for
 * stages are pure.
 */
public final class ApplyStage extends PTransform<PCollection<EventBatch>, PCollection<EventBatch>> {
  private static final long serialVersionUID = 1L;

  private final StageFactory factory;
  private final @Nullable DeadLetters deadLetters;

  private ApplyStage(StageFactory factory, @Nullable DeadLetters deadLetters) {
    this.factory = factory;
    this.deadLetters = deadLetters;
  }

  /** Applies the stage that the factory opens on each worker. */
  public static ApplyStage with(StageFactory factory) {
    return new ApplyStage(factory, null);
  }

  /**
   * Applies a stage that holds nothing that has to be given back.
   *
   * @param settings what the stage is made from; travels to the workers
   * @param stage makes the stage there from the settings
   */
  public static <S extends Serializable> ApplyStage with(
      S settings, SerializableFunction<S, Stage> stage) {
    return new ApplyStage(new Light<>(settings, stage), null);
  }

  /** Puts batches that the stage refuses there, instead of failing. */
  public ApplyStage withDeadLetters(DeadLetters letters) {
    return new ApplyStage(factory, letters);
  }

  /** What makes the stage; also says which columns have to be read. */
  public StageFactory stageFactory() {
    return factory;
  }

  @Override
  public PCollection<EventBatch> expand(PCollection<EventBatch> batches) {
    return batches
        .apply("Stage", ParDo.of(new StageFn(factory, deadLetters)))
        .setCoder(EventBatchCoder.of());
  }

  private record Light<S extends Serializable>(S settings, SerializableFunction<S, Stage> make)
      implements StageFactory {
    @Override
    public OpenStage open() {
      Stage stage = make.apply(settings);
      return new OpenStage() {
        @Override
        public Stage stage() {
          return stage;
        }

        @Override
        public void close() {}
      };
    }
  }
}
