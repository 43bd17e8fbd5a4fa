package org.bitbeam.beam;

import java.util.List;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/**
 * Tags the jets of every batch as {@link JetTagger} does: needs the columns of the constituent
 * layout, adds {@code <jets>_qgQuarkScore} and {@code <jets>_qgLogit}, keeps the order. A pure
 * function of the batch: a retry gives the same result. The bundle travels to the workers; each JVM
 * loads the network once and checks it with the bundle's self-test.
 *
 * <pre>{@code
 * TagJets tag = TagJets.with(ModelBundle.open(Path.of("models/pfn")));
 * PCollection<InputFile> files = pipeline.apply(RootIO.match("data/*.root"));
 * files
 *     .apply(RootIO.read().withColumnsOf(tag.stageFactory()))
 *     .apply(tag)
 *     .apply(RootIO.write(files).to("tagged/"));
 * }</pre>
 */
public final class TagJets extends PTransform<PCollection<EventBatch>, PCollection<EventBatch>> {
  private static final long serialVersionUID = 1L;

  private final JetModel model;

  private TagJets(JetModel model) {
    this.model = model;
  }

  /** Tags with the network of this bundle: any layout, all jets, backend {@code ort}. */
  public static TagJets with(ModelBundle bundle) {
    return new TagJets(JetModel.of(bundle));
  }

  /**
   * Reads jets and constituents in this layout: {@code auto}, {@code jets}, {@code pfnano} or
   * {@code delphes}.
   *
   * @throws IllegalArgumentException when there is no such layout; says which there are
   */
  public TagJets withLayout(String name) {
    return new TagJets(model.withLayout(name));
  }

  /** Tags other jets than those of the layout, such as {@code FatJet}. */
  public TagJets withJetPrefix(String prefix) {
    return new TagJets(model.withJetPrefix(prefix));
  }

  /** Gives no score (NaN) to jets below this pT, in GeV. */
  public TagJets withMinimumPt(double ptGeV) {
    return new TagJets(model.withMinimumPt(ptGeV));
  }

  /**
   * Runs the network on this backend.
   *
   * @throws IllegalArgumentException when there is no such backend; says which there are
   */
  public TagJets withBackend(String name) {
    return withBackend(name, Backends::standard);
  }

  /** The same with backends of one's own. */
  public TagJets withBackend(String name, BackendSource backends) {
    return new TagJets(model.withBackend(name, backends));
  }

  /** What becomes of jets the network was not trained for; without it they are counted only. */
  public TagJets withOutOfRange(TrainedRange.Policy policy) {
    return new TagJets(model.withOutOfRange(policy));
  }

  /**
   * Looks only at entries for which this expression is true ({@link
   * org.bitbeam.physics.filter.EntryFilter}). The others stay in the batches, without a value in
   * the new columns, which are optional then; {@link RootIO.Write#withSkimming} leaves them out.
   *
   * @throws IllegalArgumentException when it is no expression; says where
   */
  public TagJets withWhere(String expression) {
    return new TagJets(model.withWhere(expression));
  }

  /** Puts batches that the stage refuses there, instead of failing. */
  public TagJets withDeadLetters(DeadLetters letters) {
    return new TagJets(model.withDeadLetters(letters));
  }

  /** What makes the stage on a worker; also says which columns have to be read. */
  public StageFactory stageFactory() {
    return new Factory(model);
  }

  @Override
  public PCollection<EventBatch> expand(PCollection<EventBatch> batches) {
    return batches
        .apply("TagJets", ParDo.of(new StageFn(stageFactory(), model.deadLetters())))
        .setCoder(EventBatchCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    model.populateDisplayData(builder);
  }

  private record Factory(JetModel model) implements JetModel.Factory {
    @Override
    public Stage stage(ModelBundle bundle, List<Network> networks, ConstituentLayout layout) {
      if (networks.size() != 1) {
        throw new IllegalArgumentException(
            bundle + " has " + networks.size() + " networks, a tagger has one");
      }
      return JetTagger.of(bundle, networks.get(0), model.options(JetTagger.DEFAULTS, layout));
    }
  }
}
