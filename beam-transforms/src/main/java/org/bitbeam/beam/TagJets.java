package org.bitbeam.beam;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.physics.tagging.JetTaggerOptions;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelLease;
import org.bitbeam.runtime.ModelRegistry;

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

  private final Factory factory;

  private TagJets(Factory factory) {
    this.factory = factory;
  }

  /** Tags with the network of this bundle: any layout, all jets, backend {@code ort}. */
  public static TagJets with(ModelBundle bundle) {
    return new TagJets(new Factory(bundle.toString(), bundle.toZip(), "ort", "auto", "", 0));
  }

  /**
   * Reads jets and constituents in this layout: {@code auto}, {@code jets}, {@code pfnano} or
   * {@code delphes}.
   *
   * @throws IllegalArgumentException when there is no such layout; says which there are
   */
  public TagJets withLayout(String name) {
    ConstituentLayout.of(name);
    return new TagJets(
        new Factory(
            factory.label,
            factory.zip,
            factory.backend,
            name,
            factory.jetPrefix,
            factory.minimumPt));
  }

  /** Tags other jets than those of the layout, such as {@code FatJet}. */
  public TagJets withJetPrefix(String prefix) {
    return new TagJets(
        new Factory(
            factory.label,
            factory.zip,
            factory.backend,
            factory.layout,
            prefix,
            factory.minimumPt));
  }

  /** Gives no score (NaN) to jets below this pT, in GeV. */
  public TagJets withMinimumPt(double ptGeV) {
    return new TagJets(
        new Factory(
            factory.label, factory.zip, factory.backend, factory.layout, factory.jetPrefix, ptGeV));
  }

  /**
   * Runs the network on this backend.
   *
   * @throws IllegalArgumentException when there is no such backend; says which there are
   */
  public TagJets withBackend(String name) {
    Backends.standard().get(name);
    return new TagJets(
        new Factory(
            factory.label,
            factory.zip,
            name,
            factory.layout,
            factory.jetPrefix,
            factory.minimumPt));
  }

  /** What makes the stage on a worker; also says which columns have to be read. */
  public StageFactory stageFactory() {
    return factory;
  }

  @Override
  public PCollection<EventBatch> expand(PCollection<EventBatch> batches) {
    return batches.apply("TagJets", ParDo.of(new StageFn(factory))).setCoder(EventBatchCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("bundle", factory.label).withLabel("Model bundle"))
        .add(DisplayData.item("backend", factory.backend).withLabel("Backend"))
        .add(DisplayData.item("layout", factory.layout).withLabel("Layout"))
        .add(DisplayData.item("minimumPt", factory.minimumPt).withLabel("Minimum jet pT, GeV"));
  }

  private static final class Factory implements StageFactory {
    private static final long serialVersionUID = 1L;

    private final String label;
    private final byte[] zip;
    private final String backend;
    private final String layout;
    private final String jetPrefix;
    private final double minimumPt;

    Factory(
        String label,
        byte[] zip,
        String backend,
        String layout,
        String jetPrefix,
        double minimumPt) {
      this.label = label;
      this.zip = zip;
      this.backend = backend;
      this.layout = layout;
      this.jetPrefix = jetPrefix;
      this.minimumPt = minimumPt;
    }

    @Override
    public OpenStage open() {
      try {
        ModelBundle bundle = ModelBundle.ofZip(label, zip, ModelBundle.DEFAULT_MAX_BYTES);
        ModelLease lease =
            ModelRegistry.lease(bundle, Backends.standard().get(backend), BackendOptions.DEFAULT);
        ConstituentLayout chosen = ConstituentLayout.of(layout);
        JetTaggerOptions options =
            JetTaggerOptions.DEFAULT
                .withLayout(jetPrefix.isEmpty() ? chosen : chosen.withJetPrefix(jetPrefix))
                .withMinimumJetPt(minimumPt);
        return new OpenTagger(JetTagger.of(bundle, lease.network(), options), lease);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private record OpenTagger(Stage stage, ModelLease lease) implements StageFactory.OpenStage {
    @Override
    public void close() {
      lease.close();
    }
  }
}
