package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics in the bundles come out again from the file of test jets. */
class PublishedMetricsTest {

  @ParameterizedTest
  @ValueSource(strings = {"pfn", "pfn-bit"})
  void metricsInTheBundleAreReproduced(String model) throws IOException {
    String shared = System.getProperty("bitbeam.shared", "../../shared");
    Path file = Path.of(shared, "data", "qg", "test.root");
    Assumptions.assumeTrue(Files.exists(file), "no " + file + ", so no metrics are measured");
    ModelBundle bundle = Samples.bundle(model);
    TaggingMetrics metrics;
    try (RootFile root = RootFile.open(file);
        Network network = bundle.load(Backends.standard().get("ort"), BackendOptions.DEFAULT)) {
      JetTagger tagger = JetTagger.of(bundle, network, JetTagger.DEFAULTS);
      Dataset jets = root.dataset("jets");
      EventBatch tagged = tagger.apply(jets.read(tagger.inputs(jets.schema()), 0, jets.entries()));
      FloatColumn column = (FloatColumn) tagged.column("jet_qgLogit");
      EventBatch truth = jets.read(java.util.List.of("label"), 0, jets.entries());
      int[] labels = ((IntColumn) truth.column("label")).toArray();
      double[] logits = new double[labels.length];
      boolean[] quark = new boolean[labels.length];
      for (int i = 0; i < labels.length; i++) {
        logits[i] = column.get(i);
        quark[i] = labels[i] == 1;
      }
      metrics = TaggingMetrics.of(logits, quark);
    }
    JsonNode published = bundle.metrics();
    assertEquals(10_000, metrics.jets());
    assertEquals(published.path("auc").asDouble(), metrics.summary().auc(), 2e-6);
    assertEquals(published.path("accuracy").asDouble(), metrics.summary().accuracy(), 1e-4);
    // Published rejections count jets, without interpolation: one of some 150 or 65 gluons.
    double half = published.path("rejection_50").asDouble();
    assertEquals(half, metrics.summary().rejection50(), 0.01 * half);
    double third = published.path("rejection_30").asDouble();
    assertEquals(third, metrics.summary().rejection30(), 0.02 * third);
    System.out.println(
        model
            + ": "
            + metrics.summary()
            + ", errors "
            + metrics.bootstrapErrors(200, 1)
            + ", tie mass at 50 % "
            + metrics.at(0.5).tieMass());
  }
}
