package org.bitbeam.beam;

import java.util.List;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/**
 * Adds what {@link EftEstimator} adds to every batch: decay-plane angles of jets, polynomials in
 * the Wilson coefficients for events. Keeps the order; a pure function of the batch, so a retry
 * gives the same result. The bundle travels to the workers; each JVM loads its networks once and
 * checks them with the bundle's self-test.
 */
public final class EstimateEft
    extends PTransform<PCollection<EventBatch>, PCollection<EventBatch>> {
  private static final long serialVersionUID = 1L;

  private final JetModel model;

  private EstimateEft(JetModel model) {
    this.model = model;
  }

  /** With the networks of this bundle: any layout, all jets, backend {@code ort}. */
  public static EstimateEft with(ModelBundle bundle) {
    return new EstimateEft(JetModel.of(bundle));
  }

  /**
   * Reads jets and constituents in this layout: {@code auto}, {@code jets}, {@code pfnano} or
   * {@code delphes}.
   *
   * @throws IllegalArgumentException when there is no such layout; says which there are
   */
  public EstimateEft withLayout(String name) {
    return new EstimateEft(model.withLayout(name));
  }

  /** Uses other jets than those of the layout, such as {@code FatJet}. */
  public EstimateEft withJetPrefix(String prefix) {
    return new EstimateEft(model.withJetPrefix(prefix));
  }

  /** Leaves out jets below this pT, in GeV. */
  public EstimateEft withMinimumPt(double ptGeV) {
    return new EstimateEft(model.withMinimumPt(ptGeV));
  }

  /**
   * Runs the networks on this backend.
   *
   * @throws IllegalArgumentException when there is no such backend; says which there are
   */
  public EstimateEft withBackend(String name) {
    return withBackend(name, Backends::standard);
  }

  /** The same with backends of one's own. */
  public EstimateEft withBackend(String name, BackendSource backends) {
    return new EstimateEft(model.withBackend(name, backends));
  }

  /** What becomes of jets the network was not trained for; without it they are counted only. */
  public EstimateEft withOutOfRange(TrainedRange.Policy policy) {
    return new EstimateEft(model.withOutOfRange(policy));
  }

  /**
   * Looks only at entries for which this expression is true ({@link
   * org.bitbeam.physics.filter.EntryFilter}). The others stay in the batches, without a value in
   * the new columns, which are optional then; {@link RootIO.Write#withSkimming} leaves them out.
   *
   * @throws IllegalArgumentException when it is no expression; says where
   */
  public EstimateEft withWhere(String expression) {
    return new EstimateEft(model.withWhere(expression));
  }

  /** Puts batches that the stage refuses there, instead of failing. */
  public EstimateEft withDeadLetters(DeadLetters letters) {
    return new EstimateEft(model.withDeadLetters(letters));
  }

  /** What makes the stage on a worker; also says which columns have to be read. */
  public StageFactory stageFactory() {
    return new Factory(model);
  }

  @Override
  public PCollection<EventBatch> expand(PCollection<EventBatch> batches) {
    return batches
        .apply("EstimateEft", ParDo.of(new StageFn(stageFactory(), model.deadLetters())))
        .setCoder(EventBatchCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    model.populateDisplayData(builder);
  }

  private record Factory(JetModel model) implements JetModel.Factory {
    @Override
    public Stage stage(ModelBundle bundle, List<Network> networks, ConstituentLayout layout) {
      return EftEstimator.of(bundle, networks, model.options(EftEstimator.DEFAULTS, layout));
    }
  }
}
