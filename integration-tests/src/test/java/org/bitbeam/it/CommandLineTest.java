package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user meets: results, and one clear sentence and the documented exit code when something is
 * wrong.
 */
class CommandLineTest {
  private static final Path SAMPLE = Cli.HOME.resolve("samples/events_sample.root");

  @TempDir Path folder;

  @Test
  void demoWritesEverythingOfTheSampleAndTheScores() throws IOException {
    Cli run = Cli.run("demo", "--output", folder.resolve("out"));
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("tagged 1,792 jets of 500 entries with pfn"), run.out());
    try (RootFile before = RootFile.open(SAMPLE);
        RootFile after = RootFile.open(folder.resolve("out/events_sample.root"))) {
      List<String> names = after.dataset("Events").schema().names();
      assertTrue(names.containsAll(before.dataset("Events").schema().names()));
      assertTrue(names.containsAll(List.of("Jet_qgQuarkScore", "Jet_qgLogit")));
    }
  }

  @Test
  void jsonIsOneDocument() throws IOException {
    Cli run = Cli.run("tag", "--input", SAMPLE, "--output", folder, "--model", "pfn", "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertEquals(1792, document.get("counters").get("jets").asLong());
    assertEquals(500, document.get("outputs").get(0).get("entries").asLong());
    assertEquals(64, document.get("outputs").get(0).get("sha256").asText().length());
  }

  @Test
  void modelCheckRunsTheSelfTest() {
    for (String model : List.of("pfn", "pfn-bit", "part", "part-bit")) {
      Cli run = Cli.run("model", "check", model);
      assertEquals(0, run.code(), run.err());
      assertTrue(run.out().contains("self-test on backend ort"), run.out());
    }
  }

  @Test
  void modelInfoNamesTheTernaryLayersAndTheCost() throws IOException {
    Cli run = Cli.run("model", "info", "pfn-bit", "--batch", "10", "--length", "40");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("4 of them ternary or binary"), run.out());
    JsonNode one = new ObjectMapper().readTree(Cli.run("model", "info", "pfn-bit", "--json").out());
    JsonNode two =
        new ObjectMapper()
            .readTree(Cli.run("model", "info", "pfn-bit", "--batch", "2", "--json").out());
    assertEquals(2 * one.get("macsInBitLayers").asLong(), two.get("macsInBitLayers").asLong());
    JsonNode part =
        new ObjectMapper().readTree(Cli.run("model", "info", "part-bit", "--json").out());
    long bits = 0;
    for (JsonNode layer : part.get("layers")) {
      bits += layer.get("kind").asText().equals("ternary") ? 1 : 0;
    }
    assertEquals(13, bits);
  }

  @Test
  void runGivesTheSelfTestsOutputsOnEveryBackend() throws IOException {
    Path bundle = Cli.HOME.resolve("models/pfn-bit");
    JsonNode test =
        new ObjectMapper().readTree(bundle.resolve("bundle.json").toFile()).get("selftest").get(0);
    for (String backend : List.of("ort", "reference", "bit")) {
      java.util.List<Object> arguments =
          new java.util.ArrayList<>(
              List.of("run", bundle, "--output", folder, "--backend", backend));
      for (var input : test.get("inputs").properties()) {
        arguments.add("--input");
        arguments.add(input.getKey() + "=" + bundle.resolve(input.getValue().asText()));
      }
      Cli run = Cli.run(arguments.toArray());
      assertEquals(0, run.code(), run.err());
      float[] expected =
          org.bitbeam.runtime.Npy.read(
                  bundle.resolve(test.get("outputs").get("logits").get("file").asText()))
              .floats();
      float[] actual = org.bitbeam.runtime.Npy.read(folder.resolve("logits.npy")).floats();
      assertEquals(expected.length, actual.length);
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], 1e-3, backend);
      }
    }
    assertFailure(
        Cli.run(
            "run", bundle, "--output", folder, "--input", "nosuch=" + folder.resolve("logits.npy")),
        1,
        "pf_features");
  }

  // ---- wrong input: a sentence, the exit code, nothing under the final name
  // -------------------------------------

  private void fails(Path input, String... expected) throws IOException {
    Path out = folder.resolve("out");
    Cli run = Cli.run("tag", "--input", input, "--output", out, "--model", "pfn");
    assertFailure(run, 1, expected);
    if (Files.exists(out)) {
      try (Stream<Path> left = Files.list(out)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private static void assertFailure(Cli run, int code, String... expected) {
    assertEquals(code, run.code(), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    for (String part : expected) {
      assertTrue(run.err().contains(part), "\"" + part + "\" expected in: " + run.err());
    }
  }

  @Test
  void anEmptyFileIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.root"));
    fails(file, "empty.root: the file is empty");
  }

  @Test
  void aFileOfAnotherFormatIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("text.root"), "pt,eta,phi\n".repeat(100));
    fails(file, "text.root: not a ROOT file");
  }

  @Test
  void aTruncatedFileIsNamedWithItsLengths() throws IOException {
    byte[] bytes = Files.readAllBytes(SAMPLE);
    Path file = Files.write(folder.resolve("cut.root"), Arrays.copyOf(bytes, 100_000));
    fails(file, "cut.root: truncated", Integer.toString(bytes.length), "100000");
  }

  @Test
  void aFileThatIsDamagedInTheMiddleGivesNoOutput() throws IOException {
    byte[] bytes = Files.readAllBytes(SAMPLE);
    Arrays.fill(bytes, 300_000, 900_000, (byte) 0);
    Path file = Files.write(folder.resolve("damaged.root"), bytes);
    fails(file, "damaged.root: tree Events, branch");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    fails(folder.resolve("nowhere.root"), "nowhere.root");
  }

  @Test
  void aTreeWithoutTheNeededBranchesSaysWhatWasLookedFor() throws IOException {
    Path file = folder.resolve("other.root");
    Schema schema = new Schema(List.of(Schema.Field.of("Jet_pt", ColumnType.Primitive.INT32)));
    try (RootWriter writer = RootWriter.create(file)) {
      TreeWriter tree = writer.tree("Events", "", schema, TreeOptions.DEFAULT);
      tree.write(EventBatch.of(Origin.MEMORY, schema, List.of(IntColumn.of(1, 2)), 2));
      tree.finish();
      writer.commit();
    }
    fails(file, "other.root", "PFCands_pt", "Jet_pt");
  }

  @Test
  void theWrongLayoutIsNamed() {
    Cli run =
        Cli.run(
            "tag",
            "--input",
            SAMPLE,
            "--output",
            folder.resolve("out"),
            "--model",
            "pfn",
            "--layout",
            "delphes");
    assertFailure(run, 1, "events_sample.root", "delphes", "Jet/Jet.Constituents");
    assertFailure(
        Cli.run(
            "tag",
            "--input",
            SAMPLE,
            "--output",
            folder.resolve("out"),
            "--model",
            "pfn",
            "--layout",
            "nonsense"),
        1,
        "nonsense",
        "pfnano");
  }

  @Test
  void aMissingModelIsNamed() {
    assertFailure(
        Cli.run("tag", "--input", SAMPLE, "--output", folder.resolve("out"), "--model", "nosuch"),
        1,
        "nosuch",
        "no such model bundle");
  }

  @Test
  void aCorruptedBundleIsRefusedByItsHash() throws IOException {
    Path bundle = folder.resolve("pfn");
    try (Stream<Path> files = Files.walk(Cli.HOME.resolve("models/pfn"))) {
      for (Path file : files.toList()) {
        Path to = bundle.resolve(Cli.HOME.resolve("models/pfn").relativize(file).toString());
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    byte[] bytes = Files.readAllBytes(bundle.resolve("model.onnx"));
    bytes[bytes.length / 2] ^= 1;
    Files.write(bundle.resolve("model.onnx"), bytes);
    assertFailure(
        Cli.run("tag", "--input", SAMPLE, "--output", folder.resolve("out"), "--model", bundle),
        1,
        "model.onnx",
        "SHA-256");
    assertFailure(Cli.run("model", "check", bundle), 1, "model.onnx", "SHA-256");
  }

  @Test
  void anOutputThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("taken"), "a file, no folder");
    assertFailure(
        Cli.run("tag", "--input", SAMPLE, "--output", file, "--model", "pfn"),
        1,
        "taken",
        "folder");
    assertFailure(
        Cli.run("tag", "--input", SAMPLE, "--output", file.resolve("below"), "--model", "pfn"),
        1,
        "below",
        "cannot be made");
  }

  @Test
  void wrongUsageHasItsOwnExitCode() {
    assertEquals(2, Cli.run().code());
    assertEquals(2, Cli.run("nonsense").code());
    assertFailure(Cli.run("tag"), 2, "--input");
    assertFailure(
        Cli.run("tag", "--input", SAMPLE, "--output", folder, "--model", "pfn", "--mode", "slim"),
        2,
        "--keep");
    assertFailure(
        Cli.run(
            "tag",
            "--input",
            SAMPLE,
            "--output",
            folder,
            "--model",
            "pfn",
            "--compression",
            "gzip"),
        2,
        "gzip",
        "zstd");
    assertFailure(
        Cli.run(
            "tag", "--input", SAMPLE, "--output", folder, "--model", "pfn", "--runner", "spark"),
        2,
        "direct");
  }

  @Test
  void debugShowsTheStackTrace() {
    Cli run = Cli.run("tag", "--input", SAMPLE, "--output", folder, "--model", "nosuch", "--debug");
    assertEquals(1, run.code());
    assertTrue(run.err().contains("\tat "), run.err());
  }

  @Test
  void helpOfEveryCommandNamesItsOptions() {
    assertTrue(Cli.run("--help").out().contains("inspect"));
    assertTrue(Cli.run("tag", "--help").out().contains("--mode"));
    assertTrue(Cli.run("inspect", "--help").out().contains("--checksums"));
    assertTrue(Cli.run("model", "check", "--help").out().contains("--backend"));
    assertTrue(Cli.run("demo", "--help").out().contains("--output"));
  }
}
