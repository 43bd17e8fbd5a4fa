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
  void jetsTheModelWasNotTrainedForAreCountedOrRefused(@TempDir Path folder) {
    Path events = Cli.HOME.resolve("samples/events_sample.root");
    Cli flagged =
        Cli.run("tag", "--input", events, "--model", "pfn", "--output", folder.resolve("a"));
    assertEquals(0, flagged.code(), flagged.err());
    assertTrue(
        flagged.out().contains("jets are outside of the range the model was trained for"),
        flagged.out());
    Cli refused =
        Cli.run(
            "tag",
            "--input",
            events,
            "--model",
            "pfn",
            "--output",
            folder.resolve("b"),
            "--out-of-range",
            "error");
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("events_sample.root: Events, entry 0: "), refused.err());
    assertTrue(refused.err().contains("trained from 500.0 to 550.0"), refused.err());
    Cli clamp =
        Cli.run(
            "tag",
            "--input",
            events,
            "--model",
            "pfn",
            "--output",
            folder.resolve("c"),
            "--out-of-range",
            "clamp");
    assertEquals(2, clamp.code());
    assertTrue(clamp.err().contains("inventing its constituents"), clamp.err());
  }

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
        // The lock stays; it says nothing about results.
        assertEquals(List.of(), left.filter(file -> !file.endsWith(".bitbeam")).toList());
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
  void aFileThatIsTaggedAlreadyIsRefused() {
    Path tagged = folder.resolve("tagged");
    assertEquals(
        0,
        Cli.run(
                "tag",
                "--input",
                SAMPLE,
                "--output",
                tagged,
                "--model",
                "pfn",
                "--mode",
                "enriched")
            .code());
    Cli again =
        Cli.run(
            "tag",
            "--input",
            tagged.resolve("events_sample.root"),
            "--output",
            folder.resolve("again"),
            "--model",
            "pfn-bit");
    assertFailure(again, 1, "events_sample.root", "Jet_qgLogit already");
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
    assertTrue(Cli.run("generate", "jets", "--help").out().contains("--seed"));
    assertTrue(Cli.run("generate", "wz", "--help").out().contains("--cWtil"));
    assertTrue(Cli.run("generate", "showers", "--help").out().contains("--geometry"));
    assertTrue(Cli.run("demo", "--help").out().contains("--output"));
  }

  /** Writes the arrays of a shipped bundle's self-test as a training framework would. */
  private void selfTestArrays(String bundle) throws IOException {
    Path home = Cli.HOME.resolve("models").resolve(bundle);
    JsonNode test =
        new ObjectMapper().readTree(home.resolve("bundle.json").toFile()).get("selftest").get(0);
    Files.createDirectories(folder.resolve("inputs"));
    Files.createDirectories(folder.resolve("outputs"));
    for (var input : test.get("inputs").properties()) {
      Files.copy(
          home.resolve(input.getValue().asText()),
          folder.resolve("inputs").resolve(input.getKey() + ".npy"));
    }
    for (var output : test.get("outputs").properties()) {
      Files.copy(
          home.resolve(output.getValue().get("file").asText()),
          folder.resolve("outputs").resolve(output.getKey() + ".npy"));
    }
  }

  @Test
  void importedNetworkTagsLikeTheShippedOne() throws IOException {
    selfTestArrays("pfn-bit");
    Path shipped = Cli.HOME.resolve("models/pfn-bit");
    Path bundle = folder.resolve("mine");
    String[] settings = {
      "--set", "preprocess=preprocess.json", "--set", "logits=logits", "--set", "signal=quark",
      "--set", "background=gluon", "--labels", "logits=gluon,quark", "--licence", "CC0-1.0"
    };
    List<Object> arguments =
        new java.util.ArrayList<>(
            List.of("model", "import", shipped.resolve("model.onnx"), "--stage", "jet-tagger"));
    arguments.addAll(List.of(settings));
    arguments.addAll(List.of("--add", shipped.resolve("preprocess.json"), "--pack"));
    arguments.addAll(List.of("--verify", folder.resolve("inputs"), folder.resolve("outputs")));
    arguments.addAll(List.of("--output", bundle));
    Cli made = Cli.run(arguments.toArray());
    assertEquals(0, made.code(), made.err());
    assertTrue(made.out().contains("4 of them ternary"), made.out());
    assertTrue(made.out().contains("backend bit: output logits"), made.out());
    assertTrue(
        Files.size(bundle.resolve("model.onnx")) * 6 < Files.size(shipped.resolve("model.onnx")));
    List<org.bitbeam.columns.Column> logits = new java.util.ArrayList<>();
    for (Object model : List.of("pfn-bit", bundle)) {
      Path out = folder.resolve("out" + logits.size());
      Cli run =
          Cli.run(
              "tag",
              "--input",
              SAMPLE,
              "--output",
              out,
              "--model",
              model,
              "--backend",
              "bit",
              "--mode",
              "enriched");
      assertEquals(0, run.code(), run.err());
      try (RootFile file = RootFile.open(out.resolve("events_sample.root"))) {
        var events = file.dataset("Events");
        logits.add(events.read(List.of("Jet_qgLogit"), 0, events.entries()).column("Jet_qgLogit"));
      }
    }
    assertEquals(logits.get(0), logits.get(1), "the same scores to the bit");
    Cli again = Cli.run(arguments.toArray());
    assertEquals(1, again.code(), "a bundle is not replaced");
  }

  @Test
  void importRefusesANetworkThatComputesSomethingElse() throws IOException {
    selfTestArrays("pfn-bit");
    Cli run =
        Cli.run(
            "model",
            "import",
            Cli.HOME.resolve("models/pfn/model.onnx"),
            "--stage",
            "network",
            "--licence",
            "CC0-1.0",
            "--verify",
            folder.resolve("inputs"),
            folder.resolve("outputs"),
            "--output",
            folder.resolve("wrong"));
    assertEquals(1, run.code());
    assertTrue(run.err().contains("The exporter may have changed the network"), run.err());
    assertFalse(Files.exists(folder.resolve("wrong")));
  }

  @Test
  void quantisesExportsAndCounts() throws IOException {
    selfTestArrays("pfn");
    Path plan =
        Files.writeString(
            folder.resolve("plan.json"),
            "{\"layers\": [{\"match\": \"/phi/*\", \"precision\": \"ternary\"}]}");
    Path quantised = folder.resolve("quantised.onnx");
    Cli run =
        Cli.run(
            "model",
            "quantise",
            "pfn",
            "--plan",
            plan,
            "--inputs",
            folder.resolve("inputs"),
            "--output",
            quantised);
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("ternary  /phi/phi.0/MatMul (13 -> 128)"), run.out());
    Path integer = folder.resolve("integer.onnx");
    assertEquals(0, Cli.run("model", "export", quantised, "--output", integer).code(), "exported");
    JsonNode cost =
        new ObjectMapper()
            .readTree(Cli.run("model", "cost", integer, "--length", "100", "--json").out());
    // Three ternary layers over 100 constituents: 13 x 128 + 2 x 128 x 128 weights.
    assertEquals(100L * (13 * 128 + 2 * 128 * 128), cost.get("macsInBitLayers").asLong());
    assertEquals(128L * 128 * 2 + 128 * 2, cost.get("macsInFloatLayers").asLong());
    Cli timed =
        Cli.run(
            "bench",
            "model",
            integer,
            "--batch",
            "1,20",
            "--length",
            "30",
            "--seconds",
            "0.02",
            "--int8",
            "--json");
    assertEquals(0, timed.code(), timed.err());
    JsonNode bench = new ObjectMapper().readTree(timed.out());
    assertEquals(4, bench.get("rows").size(), timed.out());
    assertEquals("ort", bench.at("/rows/2/against").asText());
    assertEquals("ort int8", bench.at("/rows/3/against").asText());
    assertEquals(20, bench.at("/rows/3/batch").asInt());
    for (JsonNode row : bench.get("rows")) {
      assertTrue(row.get("ratio").asDouble() > 0, timed.out());
    }
    assertEquals(2, Cli.run("bench", "model", integer, "--batch", "0").code(), "usage");
  }

  @Test
  void networksOfThePaperGoByName() throws IOException {
    Cli run = Cli.run("model", "cost", "published/caloinn-ds1-photon/all", "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode cost = new ObjectMapper().readTree(run.out());
    assertEquals(18.7e6, cost.get("macsInBitLayers").asDouble(), 0.05e6, run.out());
    Cli unknown = Cli.run("bench", "model", "published/caloinn");
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("caloinn-ds1-photon/all"), unknown.err());
  }

  @Test
  void infoShowsWhatWasChosen() throws IOException {
    Cli run = Cli.run("model", "info", "pfn-bit", "--batch", "4", "--length", "30", "--choices");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("chosen by measuring on this machine"), run.out());
    JsonNode json =
        new ObjectMapper()
            .readTree(Cli.run("model", "info", "pfn-bit", "--choices", "--json").out());
    assertTrue(json.get("choices").size() > 0, json.toString());
    assertTrue(json.get("layers").size() > 0, json.toString());
    Cli none = Cli.run("model", "info", "pfn", "--choices");
    assertTrue(none.out().contains("nothing to choose"), none.out());
  }

  @Test
  void theStudyTimesWholeShowers() throws IOException {
    Path output = folder.resolve("study");
    Cli run =
        Cli.run(
            "bench",
            "study",
            "--models",
            "calo-tiny-bit," + Cli.HOME.resolve("models/pfn/model.onnx"),
            "--batch",
            "1,7",
            "--cores",
            "1",
            "--seconds",
            "0.02",
            "--output",
            output,
            "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode networks = new ObjectMapper().readTree(run.out()).get("networks");
    assertEquals(3, networks.size());
    assertEquals("calo-tiny-bit (whole showers)", networks.at("/1/name").asText());
    assertEquals(networks.at("/0/macs"), networks.at("/1/macs"));
    assertEquals(6, networks.at("/1/times").size(), "two batches, three engines");
    assertEquals(68_354, networks.at("/2/parameters").asLong(), "as the zoo counts pfn");
    assertTrue(Files.readString(output.resolve("study.md")).contains("whole showers"));
  }

  @Test
  void taggersAreTimedOnJets() throws IOException {
    Cli timed =
        Cli.run(
            "bench",
            "tagger",
            "pfn-bit",
            "--against-model",
            "pfn",
            "--input",
            Cli.HOME.resolve("samples/events_sample.root"),
            "--entries",
            "40",
            "--seconds",
            "0.02",
            "--json");
    assertEquals(0, timed.code(), timed.err());
    JsonNode rows = new ObjectMapper().readTree(timed.out()).get("rows");
    assertEquals(2, rows.size());
    assertEquals("by length", rows.get(0).get("otherJets").asText());
    for (JsonNode row : rows) {
      assertTrue(row.get("jets").asInt() > 40, timed.out());
      assertTrue(row.get("ratio").asDouble() > 0, timed.out());
    }
    Path noFile = Path.of("nowhere.root");
    assertEquals(1, Cli.run("bench", "tagger", "pfn", "--input", noFile).code());
  }
}
