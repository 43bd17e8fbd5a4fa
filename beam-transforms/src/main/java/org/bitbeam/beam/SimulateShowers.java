package org.bitbeam.beam;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.calo.ShowerModels;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;

/**
 * Adds showers to every batch as {@link ShowerSimulator} does, for the incident particles of a
 * column. Keeps the order; a shower is a function of the seed, its entry and its energy, so a retry
 * gives the same result. The bundle travels to the workers; each JVM loads its networks once and
 * checks them with the bundle's self-test.
 */
public final class SimulateShowers
    extends PTransform<PCollection<EventBatch>, PCollection<EventBatch>> {
  private static final long serialVersionUID = 1L;

  private final Factory factory;

  private SimulateShowers(Factory factory) {
    this.factory = factory;
  }

  /** With the networks of this bundle on the backend {@code ort}. */
  public static SimulateShowers with(ModelBundle bundle, ShowerOptions options) {
    return new SimulateShowers(
        new Factory(
            bundle.toString(),
            bundle.toZip(),
            "ort",
            Backends::standard,
            options.energyColumn(),
            options.mevPerUnit(),
            options.seed(),
            options.outOfRange(),
            options.dense()));
  }

  /**
   * Runs the networks on this backend.
   *
   * @throws IllegalArgumentException when there is no such backend; says which there are
   */
  public SimulateShowers withBackend(String name) {
    return withBackend(name, Backends::standard);
  }

  /** The same with backends of one's own. */
  public SimulateShowers withBackend(String name, BackendSource backends) {
    backends.get().get(name);
    return new SimulateShowers(factory.withBackend(name, backends));
  }

  /** What makes the stage on a worker; also says which columns have to be read. */
  public StageFactory stageFactory() {
    return factory;
  }

  @Override
  public PCollection<EventBatch> expand(PCollection<EventBatch> batches) {
    return batches
        .apply("SimulateShowers", ParDo.of(new StageFn(factory, null)))
        .setCoder(EventBatchCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("bundle", factory.label()).withLabel("Model bundle"))
        .add(DisplayData.item("backend", factory.backend()).withLabel("Backend"))
        .add(DisplayData.item("energies", factory.energyColumn()).withLabel("Incident energies"))
        .add(DisplayData.item("seed", factory.seed()).withLabel("Seed"));
  }

  private record Factory(
      String label,
      byte[] zip,
      String backend,
      BackendSource backends,
      String energyColumn,
      double mevPerUnit,
      long seed,
      ShowerOptions.OutOfRange outOfRange,
      boolean dense)
      implements StageFactory {

    Factory withBackend(String name, BackendSource source) {
      return new Factory(
          label, zip, name, source, energyColumn, mevPerUnit, seed, outOfRange, dense);
    }

    @Override
    public OpenStage open() {
      try {
        ModelBundle bundle = ModelBundle.ofZip(label, zip, ModelBundle.DEFAULT_MAX_BYTES);
        ShowerOptions options =
            new ShowerOptions(energyColumn, mevPerUnit, seed, outOfRange, dense);
        return LeasedStage.open(
            bundle,
            backends.get().get(backend),
            networks -> new ShowerSimulator(ShowerModels.of(bundle, networks), options));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
