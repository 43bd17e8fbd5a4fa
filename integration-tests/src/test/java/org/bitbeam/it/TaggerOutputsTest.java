package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tagger of several input groups from its ONNX file to flags in a ROOT file: import with an
 * intermediate value as embedding, tag, derive working points, import again, tag, count.
 */
class TaggerOutputsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path NETWORK =
      Cli.HOME.resolve("physics/src/test/resources/tagging/groups.onnx");

  @TempDir Path folder;

  private Path importBundle(String name, ObjectNode stage) throws IOException {
    Path stageFile = folder.resolve(name + ".json");
    Files.writeString(stageFile, stage.toString());
    Path bundle = folder.resolve(name);
    Cli run =
        Cli.run(
            "model",
            "import",
            NETWORK,
            "--stage",
            stageFile,
            "--add",
            NETWORK.resolveSibling("groups_preprocess.json"),
            "--expose",
            "hidden",
            "--licence",
            "CC0-1.0",
            "--output",
            bundle);
    assertEquals(0, run.code(), run.err());
    return bundle;
  }

  private Path tag(String sample, Path bundle, String output) {
    Path into = folder.resolve(output);
    Cli run =
        Cli.run(
            "tag",
            "--input",
            Cli.HOME.resolve("samples").resolve(sample),
            "--model",
            bundle,
            "--mode",
            "enriched",
            "--output",
            into);
    assertEquals(0, run.code(), run.err());
    return into.resolve(sample);
  }

  private static EventBatch read(Path file, String... columns) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.openAll().get(0);
      return dataset.read(List.of(columns), 0, dataset.entries());
    }
  }

  private static Column elements(Column column) {
    return column instanceof ListColumn list ? list.elements() : column;
  }

  @Test
  void fromTheNetworkToFlagsWithEfficiencies() throws IOException {
    ObjectNode stage = JSON.createObjectNode();
    stage.put("kind", "jet-tagger").put("preprocess", "groups_preprocess.json");
    stage.putObject("embedding").put("output", "hidden").put("size", 6);
    Path tagged = tag("qg_sample.root", importBundle("first", stage), "out1");
    Cli evaluated =
        Cli.run(
            "evaluate",
            "tagger",
            "--input",
            tagged,
            "--logit",
            "jet_qgLogit",
            "--truth",
            "label",
            "--signal",
            "1",
            "--background",
            "0",
            "--working-points",
            "loose=0.7,tight=0.3",
            "--sample",
            "the shipped sample",
            "--json");
    assertEquals(0, evaluated.code(), evaluated.err());
    JsonNode points = JSON.readTree(evaluated.out()).at("/stage/workingPoints");
    assertEquals(2, points.size());
    stage.set("workingPoints", points);
    Path bundle = importBundle("second", stage);
    Path flagged = tag("qg_sample.root", bundle, "out2");
    EventBatch batch =
        read(flagged, "label", "jet_qgLogit", "jet_qgLoose", "jet_qgTight", "jet_qgEmbedding");
    NumberColumn truth = (NumberColumn) batch.column("label");
    NumberColumn logit = (NumberColumn) batch.column("jet_qgLogit");
    ArrayColumn embedding = (ArrayColumn) batch.column("jet_qgEmbedding");
    assertEquals(6, embedding.size());
    for (JsonNode point : points) {
      boolean tight = point.get("name").asText().equals("tight");
      BooleanColumn flags = (BooleanColumn) batch.column(tight ? "jet_qgTight" : "jet_qgLoose");
      double[] passing = new double[2];
      double[] all = new double[2];
      for (int jet = 0; jet < batch.entries(); jet++) {
        int kind = (int) truth.getLong(jet);
        all[kind] += Double.isNaN(logit.getDouble(jet)) ? 0 : 1;
        passing[kind] += flags.get(jet) ? 1 : 0;
      }
      assertEquals(passing[1] / all[1], point.get("signalEfficiency").asDouble());
      assertEquals(passing[0] / all[0], point.get("backgroundEfficiency").asDouble());
      assertTrue(passing[1] / all[1] >= (tight ? 0.3 : 0.7));
    }
    // Lists of arrays and of flags, too.
    EventBatch events =
        read(
            tag("events_sample.root", bundle, "out3"),
            "Jet_qgLogit",
            "Jet_qgEmbedding",
            "Jet_qgTight");
    int jets = elements(events.column("Jet_qgLogit")).length();
    assertEquals(jets, elements(events.column("Jet_qgEmbedding")).length());
    assertEquals(jets, elements(events.column("Jet_qgTight")).length());
  }

  @Test
  void valueThatNoNodeMakesIsRefused() {
    Cli run =
        Cli.run(
            "model",
            "import",
            NETWORK,
            "--stage",
            "network",
            "--expose",
            "pooled",
            "--licence",
            "CC0-1.0",
            "--output",
            folder.resolve("none"));
    assertTrue(run.code() != 0);
    assertTrue(run.err().contains("no node makes \"pooled\""), run.err());
  }
}
