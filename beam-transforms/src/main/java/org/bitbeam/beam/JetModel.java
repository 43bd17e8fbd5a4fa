package org.bitbeam.beam;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.filter.EntryFilter;
import org.bitbeam.physics.filter.FilteredStage;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetOptions;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.jspecify.annotations.Nullable;

/**
 * A bundle for jets and how to use it: what travels to the workers.
 *
 * @param label of the bundle, for people
 * @param zip the bundle
 * @param jetPrefix empty for the layout's own jets
 * @param minimumPt in GeV
 * @param outOfRange what becomes of jets the network was not trained for
 * @param where which entries are looked at, an expression; empty for all
 * @param deadLetters where batches go that the stage refuses; null when they end the pipeline
 */
record JetModel(
    String label,
    byte[] zip,
    String backend,
    BackendSource backends,
    String layout,
    String jetPrefix,
    double minimumPt,
    TrainedRange.Policy outOfRange,
    String where,
    @Nullable DeadLetters deadLetters)
    implements Serializable {

  static JetModel of(ModelBundle bundle) {
    return new JetModel(
        bundle.toString(),
        bundle.toZip(),
        "ort",
        Backends::standard,
        "auto",
        "",
        0,
        TrainedRange.Policy.FLAG,
        "",
        null);
  }

  JetModel withLayout(String name) {
    ConstituentLayout.of(name);
    return new JetModel(
        label, zip, backend, backends, name, jetPrefix, minimumPt, outOfRange, where, deadLetters);
  }

  JetModel withJetPrefix(String prefix) {
    return new JetModel(
        label, zip, backend, backends, layout, prefix, minimumPt, outOfRange, where, deadLetters);
  }

  JetModel withMinimumPt(double ptGeV) {
    return new JetModel(
        label, zip, backend, backends, layout, jetPrefix, ptGeV, outOfRange, where, deadLetters);
  }

  JetModel withBackend(String name, BackendSource source) {
    source.get().get(name);
    return new JetModel(
        label, zip, name, source, layout, jetPrefix, minimumPt, outOfRange, where, deadLetters);
  }

  JetModel withDeadLetters(DeadLetters letters) {
    return new JetModel(
        label, zip, backend, backends, layout, jetPrefix, minimumPt, outOfRange, where, letters);
  }

  JetModel withOutOfRange(TrainedRange.Policy policy) {
    return new JetModel(
        label, zip, backend, backends, layout, jetPrefix, minimumPt, policy, where, deadLetters);
  }

  JetModel withWhere(String expression) {
    EntryFilter.checkSyntax(expression);
    return new JetModel(
        label,
        zip,
        backend,
        backends,
        layout,
        jetPrefix,
        minimumPt,
        outOfRange,
        expression,
        deadLetters);
  }

  /** The stage's options. */
  JetOptions options(JetOptions defaults, ConstituentLayout found) {
    return defaults.withLayout(found).withMinimumJetPt(minimumPt).withOutOfRange(outOfRange);
  }

  void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("bundle", label).withLabel("Model bundle"))
        .add(DisplayData.item("backend", backend).withLabel("Backend"))
        .add(DisplayData.item("layout", layout).withLabel("Layout"))
        .add(DisplayData.item("jetPrefix", jetPrefix).withLabel("Jets"))
        .add(DisplayData.item("minimumPt", minimumPt).withLabel("Minimum jet pT, GeV"))
        .addIfNotDefault(DisplayData.item("where", where).withLabel("Entries"), "")
        .add(
            DisplayData.item("outOfRange", outOfRange.name())
                .withLabel("Jets the network was not trained for"));
  }

  /** Makes stages that use all networks of the bundle. */
  interface Factory extends StageFactory {
    JetModel model();

    /**
     * The stage.
     *
     * @param networks one for each role of the bundle, in the order of the roles
     */
    Stage stage(ModelBundle bundle, List<Network> networks, ConstituentLayout layout);

    @Override
    default OpenStage open() {
      JetModel model = model();
      try {
        ModelBundle bundle =
            ModelBundle.ofZip(model.label(), model.zip(), ModelBundle.DEFAULT_MAX_BYTES);
        ConstituentLayout layout = ConstituentLayout.of(model.layout());
        ConstituentLayout chosen =
            model.jetPrefix().isEmpty() ? layout : layout.withJetPrefix(model.jetPrefix());
        return LeasedStage.open(
            bundle,
            model.backends().get().get(model.backend()),
            networks -> {
              Stage stage = stage(bundle, List.copyOf(networks.values()), chosen);
              return model.where().isEmpty() ? stage : new FilteredStage(model.where(), stage);
            });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
