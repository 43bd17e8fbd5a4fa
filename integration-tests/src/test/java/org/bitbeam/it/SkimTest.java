package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --where}: how many entries are right is known from awkward-array. */
class SkimTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SAMPLE = "events_sample.root";
  private static final Path INPUT = Cli.HOME.resolve("samples").resolve(SAMPLE);
  private static final String WHERE = "nJet >= 2 && Jet_pt[0] > 200";
  private static final int KEPT = 359;

  @TempDir Path folder;

  private Cli tag(Path input, Path output, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("tag", "--input", input, "--model", "pfn", "--output", output, "--json"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  private static EventBatch read(Path file) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      return events.read(events.schema().names(), 0, events.entries());
    }
  }

  private static BitSet kept(EventBatch all) {
    BitSet kept = new BitSet();
    IntColumn jets = (IntColumn) all.column("nJet");
    ListColumn pt = (ListColumn) all.column("Jet_pt");
    for (int i = 0; i < all.entries(); i++) {
      kept.set(i, jets.get(i) >= 2 && ((FloatColumn) pt.get(i)).get(0) > 200);
    }
    return kept;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttree", "rntuple"})
  void enrichedIsWhatTaggingAllAndThenChoosingGives(String format) throws Exception {
    Path input = INPUT;
    if (format.equals("rntuple")) {
      input = folder.resolve(SAMPLE);
      assertEquals(0, Cli.run("convert", INPUT, "--output", input).code());
    }
    Cli skimmed = tag(input, folder.resolve("some"), "--mode", "enriched", "--where", WHERE);
    assertEquals(0, skimmed.code(), skimmed.err());
    assertEquals(0, tag(input, folder.resolve("all"), "--mode", "enriched").code());
    EventBatch all = read(folder.resolve("all").resolve(SAMPLE));
    EventBatch some = read(folder.resolve("some").resolve(SAMPLE));
    BitSet kept = kept(all);
    assertEquals(KEPT, kept.cardinality());
    assertEquals(KEPT, some.entries());
    assertEquals(Set.copyOf(all.schema().names()), Set.copyOf(some.schema().names()));
    for (String name : all.schema().names()) {
      assertEquals(Columns.choose(all.column(name), kept), some.column(name), name);
    }
    JsonNode counters = JSON.readTree(skimmed.out()).get("counters");
    assertEquals(500, counters.get("entries").asLong());
    assertEquals(500 - KEPT, counters.get("entriesFiltered").asLong());
    assertEquals(KEPT, counters.get("entriesWritten").asLong());
    assertEquals(
        ((ListColumn) some.column("Jet_pt")).elements().length(), counters.get("jets").asLong());
    JsonNode entry =
        JSON.readTree(Files.readAllLines(folder.resolve("some").resolve("ledger.jsonl")).get(0));
    assertEquals(500, entry.get("entriesRead").asLong());
    assertEquals(KEPT, entry.get("entriesWritten").asLong());
    assertEquals(500 - KEPT, entry.get("entriesFiltered").asLong());
    assertEquals(WHERE, entry.get("settings").get("stage.where").asText());
  }

  @Test
  void bytesDoNotDependOnBatchesAndThreads() throws Exception {
    Set<String> hashes = new HashSet<>();
    for (int batch : new int[] {7, 100, 5000}) {
      for (int threads : new int[] {1, 4}) {
        Cli done =
            tag(
                INPUT,
                folder.resolve(batch + "-" + threads),
                "--mode=slim",
                "--keep=Jet_pt,event",
                "--where=" + WHERE,
                "--batch-size=" + batch,
                "--threads=" + threads);
        assertEquals(0, done.code(), done.err());
        hashes.add(JSON.readTree(done.out()).get("outputs").get(0).get("sha256").asText());
      }
    }
    assertEquals(1, hashes.size());
    EventBatch slim = read(folder.resolve("7-1").resolve(SAMPLE));
    assertEquals(
        Set.of("event", "nJet", "Jet_pt", "Jet_qgQuarkScore", "Jet_qgLogit"),
        Set.copyOf(slim.schema().names()));
  }

  @Test
  void anotherExpressionIsAnotherJob() throws Exception {
    Path out = folder.resolve("out");
    for (String where : List.of(WHERE, WHERE, "nJet > 1000")) {
      Cli done = tag(INPUT, out, "--mode=slim", "--keep=Jet_*", "--where=" + where);
      assertEquals(0, done.code(), done.err());
      JsonNode output = JSON.readTree(done.out()).get("outputs").get(0);
      assertEquals(where.equals(WHERE) ? KEPT : 0, output.get("entries").asLong());
    }
    assertEquals(0, read(out.resolve(SAMPLE)).entries());
    assertEquals(2, Files.readString(out.resolve("ledger.jsonl")).split("nJet", -1).length);
  }

  @Test
  void saysWhatCannotBe() {
    refused("--mode friend aligns", "--where=" + WHERE);
    refused("no column \"nJett\"", "--mode=enriched", "--where=nJett > 2");
    refused("character 8", "--mode=enriched", "--where=nJet > ");
    refused("Jet_pt is list<float32>", "--mode=enriched", "--where=Jet_pt > 2.0");
    refused("entry 0: filter \"Jet_pt[99] > 2.0\"", "--mode=enriched", "--where=Jet_pt[99] > 2.0");
  }

  private void refused(String said, Object... options) {
    Cli done = tag(INPUT, folder.resolve("refused"), options);
    assertTrue(done.code() != 0);
    assertTrue(done.err().contains(said), done.err());
  }

  @Test
  void columnsThatCannotBeWrittenAgainAreNamed() {
    Path delphes = Shared.require("corpus/root/uproot-issue513.root");
    Path out = folder.resolve("delphes");
    Cli done = tag(delphes, out, "--mode=enriched", "--where=size(column('Jet/Jet.PT')) > 0");
    assertEquals(1, done.code(), done.err());
    assertTrue(done.err().contains("uproot-issue513.root: Delphes: column "), done.err());
    assertTrue(done.err().contains("--mode slim --keep"), done.err());
    assertTrue(Files.notExists(out), "found out before anything was done");
  }
}
