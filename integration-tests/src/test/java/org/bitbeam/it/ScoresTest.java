package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The main job's scores against the logits that the training framework's export gave in ONNX
 * Runtime.
 */
class ScoresTest {
  private static final Path SAMPLES = Cli.HOME.resolve("samples");
  private static final Path EXPECTED =
      Cli.HOME.resolve("physics/src/test/resources/tagging/expected");

  @TempDir Path folder;

  /** Quark minus gluon, jet by jet, of all entries of a file. */
  private static float[] logits(Path file) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset tree = root.dataset(root.datasets().get(0).path());
      String name =
          tree.schema().names().stream()
              .filter(n -> n.endsWith("_qgLogit"))
              .findFirst()
              .orElseThrow();
      Column column = tree.read(List.of(name), 0, tree.entries()).columns().get(0);
      FloatColumn values =
          (FloatColumn) (column instanceof ListColumn list ? list.elements() : column);
      return values.toArray();
    }
  }

  /** Compares within the tolerances of the models' README. */
  private static void assertExpected(String model, String sample, float[] logits)
      throws IOException {
    Tensor expected = Npy.read(EXPECTED.resolve(model).resolve(sample + ".logits.npy"));
    float[] values = expected.floats();
    assertEquals(values.length / 2, logits.length);
    double smallest = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    }
    boolean bit = model.endsWith("-bit");
    int within = 0;
    for (int jet = 0; jet < logits.length; jet++) {
      double gluon = values[2 * jet];
      double quark = values[2 * jet + 1];
      double difference = Math.abs(logits[jet] - (quark - gluon));
      // Two logits are subtracted: twice the tolerance of one.
      double tolerance =
          bit
              ? 2 * 2e-3 * (largest - smallest)
              : 2 * 1e-5 + 1e-5 * (Math.abs(quark) + Math.abs(gluon));
      assertTrue(difference <= tolerance, "jet " + jet + " differs by " + difference);
      within += difference <= 2e-4 ? 1 : 0;
    }
    // part-bit: codes of three layers amplify last bits. The Python peer, with numpy's features and
    // the same version of
    // ONNX Runtime, has 95.0 % of these jets within 1e-4 of the logits that another version gave on
    // another CPU.
    double least = model.equals("part-bit") ? 0.94 : 0.99;
    assertTrue(within >= least * logits.length, within + " of " + logits.length + " within 1e-4");
  }

  private Path tag(Path input, Path out, String model, int batch) {
    Cli run =
        Cli.run("tag", "--input", input, "--output", out, "--model", model, "--batch-size", batch);
    assertEquals(0, run.code(), run.err());
    return out.resolve(input.getFileName());
  }

  @ParameterizedTest
  @CsvSource({
    "pfn, events_sample",
    "pfn, qg_sample",
    "pfn-bit, events_sample",
    "pfn-bit, qg_sample",
    "part, events_sample",
    "part-bit, events_sample"
  })
  void everyJetOfTheSamplesHasTheExpectedLogit(String model, String sample) throws IOException {
    Path output = tag(SAMPLES.resolve(sample + ".root"), folder.resolve("out"), model, 4096);
    assertExpected(model, sample, logits(output));
  }

  @Test
  void outputBytesAreTheSameForAnyBatchSize() throws IOException {
    byte[] first = null;
    for (int batch : new int[] {1, 7, 1000}) {
      Path output =
          tag(SAMPLES.resolve("events_sample.root"), folder.resolve("b" + batch), "pfn", batch);
      assertExpected("pfn", "events_sample", logits(output));
      byte[] bytes = Files.readAllBytes(output);
      if (first == null) {
        first = bytes;
      }
      assertArrayEquals(first, bytes);
    }
  }

  /** The sample written anew by this library: entries [from, to), in a codec. */
  private static void rewrite(Path target, long from, long to, String codec) throws IOException {
    try (RootFile root = RootFile.open(SAMPLES.resolve("events_sample.root"));
        RootWriter writer = RootWriter.create(target)) {
      Dataset events = root.dataset("Events");
      EventBatch batch = events.read(events.schema().names(), from, to);
      Map<String, String> counters = new HashMap<>();
      batch.schema().fields().stream()
          .filter(f -> f.type() instanceof ColumnType.ListOf)
          .forEach(f -> counters.put(f.name(), "n" + f.name().substring(0, f.name().indexOf('_'))));
      TreeWriter tree =
          writer.tree(
              "Events",
              "",
              batch.schema(),
              TreeOptions.DEFAULT
                  .withCounters(counters)
                  .withCompression(Compression.parse(codec))
                  .withClusterBytes(200_000));
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
  }

  @Test
  void theSameEventsInFiveFilesHaveTheSameScores() throws IOException {
    Path one = tag(SAMPLES.resolve("events_sample.root"), folder.resolve("one"), "pfn", 4096);
    Files.createDirectory(folder.resolve("parts"));
    for (int i = 0; i < 5; i++) {
      rewrite(folder.resolve("parts/part" + i + ".root"), 100L * i, 100L * (i + 1), "zstd:5");
    }
    Cli run =
        Cli.run(
            "tag",
            "--input",
            folder.resolve("parts/*.root"),
            "--output",
            folder.resolve("five"),
            "--model",
            "pfn");
    assertEquals(0, run.code(), run.err());
    List<Float> joined = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      for (float logit : logits(folder.resolve("five/part" + i + ".root"))) {
        joined.add(logit);
      }
    }
    float[] whole = logits(one);
    assertEquals(whole.length, joined.size());
    for (int i = 0; i < whole.length; i++) {
      assertEquals(whole[i], joined.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "zlib:6", "lzma:2", "lz4:4", "zstd:5"})
  void everyCodecGivesTheSameScores(String codec) throws IOException {
    Path input = folder.resolve("events_sample.root");
    rewrite(input, 0, 500, codec);
    Path output = tag(input, folder.resolve("out"), "pfn", 4096);
    assertExpected("pfn", "events_sample", logits(output));
  }

  @ParameterizedTest
  @ValueSource(strings = {"friend", "enriched"})
  void anRNTupleIsTaggedIntoAnRNTuple(String mode) throws IOException {
    Path ntuple = folder.resolve("ntuple/events_sample.root");
    Files.createDirectories(ntuple.getParent());
    Cli convert =
        Cli.run(
            "convert",
            SAMPLES.resolve("events_sample.root"),
            "--output",
            ntuple,
            "--format",
            "rntuple");
    assertEquals(0, convert.code(), convert.err());
    Cli run =
        Cli.run(
            "tag",
            "--input",
            ntuple,
            "--output",
            folder.resolve("out"),
            "--model",
            "pfn",
            "--mode",
            mode);
    assertEquals(0, run.code(), run.err());
    Path output = folder.resolve("out/events_sample.root");
    assertExpected("pfn", "events_sample", logits(output));
    try (RootFile before = RootFile.open(ntuple);
        RootFile after = RootFile.open(output)) {
      Dataset input = before.dataset("Events");
      Dataset tagged = after.dataset("Events");
      assertEquals("ROOT::RNTuple", tagged.className());
      assertEquals(input.entries(), tagged.entries());
      if (mode.equals("enriched")) {
        for (String name : input.schema().names()) {
          assertEquals(
              input.read(List.of(name), 0, 500).columns(),
              tagged.read(List.of(name), 0, 500).columns());
        }
      }
    }
  }

  @Test
  void friendsAlignWithTheirParentEntryByEntry() throws IOException {
    Path sample = SAMPLES.resolve("events_sample.root");
    Path friend = tag(sample, folder.resolve("out"), "pfn", 123);
    try (RootFile parent = RootFile.open(sample);
        RootFile root = RootFile.open(friend)) {
      Dataset events = parent.dataset("Events");
      Dataset scores = root.dataset("Events");
      assertEquals(events.entries(), scores.entries());
      Column jets = events.read(List.of("nJet"), 0, 500).columns().get(0);
      assertEquals(jets, scores.read(List.of("nJet"), 0, 500).columns().get(0));
      assertEquals(List.of("nJet", "Jet_qgQuarkScore", "Jet_qgLogit"), scores.schema().names());
    }
  }
}
