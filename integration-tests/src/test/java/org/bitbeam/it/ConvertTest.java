package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertTest {
  private static final Path SAMPLE = Cli.HOME.resolve("samples/events_sample.root");
  private static final Path WRITTEN = Cli.HOME.resolve("io-root/src/test/resources/written");

  @TempDir Path folder;

  private static void sameValues(Path a, Path b, String dataset) throws IOException {
    try (RootFile first = RootFile.open(a);
        RootFile second = RootFile.open(b)) {
      Dataset before = first.dataset(dataset);
      Dataset after = second.dataset(dataset);
      assertEquals(before.entries(), after.entries());
      assertEquals(before.schema().names(), after.schema().names());
      assertEquals(
          before.read(before.schema().names(), 0, before.entries()).columns(),
          after.read(before.schema().names(), 0, before.entries()).columns());
    }
  }

  @Test
  void nanoAodGoesToRNTupleAndBackWithTheSameValues() throws IOException {
    Path ntuple = folder.resolve("ntuple.root");
    Path tree = folder.resolve("tree.root");
    Cli there = Cli.run("convert", SAMPLE, "--output", ntuple, "--compression", "lz4");
    assertEquals(0, there.code(), there.err());
    sameValues(SAMPLE, ntuple, "Events");
    Cli back = Cli.run("convert", ntuple, "--output", tree, "--format", "ttree", "--json");
    assertEquals(0, back.code(), back.err());
    sameValues(SAMPLE, tree, "Events");
    JsonNode report = new ObjectMapper().readTree(back.out());
    assertEquals("TTree", report.get("datasets").get(0).get("to").asText());
    assertEquals(Files.size(tree), report.get("bytes").asLong());
    try (RootFile root = RootFile.open(tree)) {
      // The counters of the sample count, no others were made.
      assertFalse(root.dataset("Events").schema().names().contains("nJet_pt"));
    }
  }

  @Test
  void chosenColumnsAloneAreConverted() throws IOException {
    Path output = folder.resolve("few.root");
    Cli run = Cli.run("convert", SAMPLE, "--output", output, "--columns", "nJet,Jet_p*");
    assertEquals(0, run.code(), run.err());
    try (RootFile root = RootFile.open(output)) {
      List<String> names = root.dataset("Events").schema().names();
      assertTrue(
          names.contains("nJet")
              && names.contains("Jet_pt")
              && names.stream().allMatch(n -> n.equals("nJet") || n.startsWith("Jet_p")),
          names.toString());
    }
    Cli none = Cli.run("convert", SAMPLE, "--output", output, "--columns", "Nothing*");
    assertEquals(1, none.code());
    assertTrue(none.err().contains("no columns Nothing*"), none.err());
  }

  @Test
  void recordsAndOptionalValuesBecomeBranches() throws IOException {
    Path output = folder.resolve("stl.root");
    Path source = WRITTEN.resolve("ntuple_stl.root");
    Cli run = Cli.run("convert", source, "--output", output, "--format", "ttree");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("left out") && run.out().contains("variant"), run.out());
    try (RootFile a = RootFile.open(source);
        RootFile b = RootFile.open(output)) {
      Dataset before = a.openAll().get(0);
      Dataset after = b.openAll().get(0);
      assertEquals(before.entries(), after.entries());
      int same = 0;
      for (String name : before.schema().names()) {
        ColumnType type = before.schema().field(name).orElseThrow().type();
        if (after.schema().field(name).map(f -> f.type().equals(type)).orElse(false)) {
          assertEquals(
              before.read(List.of(name), 0, before.entries()).columns(),
              after.read(List.of(name), 0, before.entries()).columns(),
              name);
          same++;
        }
      }
      assertTrue(same > 10, same + " columns");
    }
  }

  @Test
  void branchesWithDotsGetNamesThatAnNtupleAllows() throws IOException {
    Path source = WRITTEN.resolve("tree_classes_split99.root");
    Path output = folder.resolve("renamed.root");
    Cli run = Cli.run("convert", source, "--output", output, "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode renamed = new ObjectMapper().readTree(run.out()).get("datasets").get(0).get("renamed");
    assertTrue(renamed.size() > 3, run.out());
    try (RootFile a = RootFile.open(source);
        RootFile b = RootFile.open(output)) {
      Dataset before = a.openAll().get(0);
      Dataset after = b.openAll().get(0);
      for (Map.Entry<String, JsonNode> entry : renamed.properties()) {
        assertEquals(
            before.read(List.of(entry.getKey()), 0, before.entries()).columns(),
            after.read(List.of(entry.getValue().asText()), 0, before.entries()).columns(),
            entry.getKey());
      }
    }
  }

  @Test
  void histogramsComeAlong() throws IOException {
    Path source = WRITTEN.resolve("ntuple_directories.root");
    Path output = folder.resolve("all.root");
    Cli run = Cli.run("convert", source, "--output", output);
    assertEquals(0, run.code(), run.err());
    try (RootFile a = RootFile.open(source);
        RootFile b = RootFile.open(output)) {
      assertEquals(a.object("h"), b.object("h"));
      assertEquals("ROOT::RNTuple", b.dataset("tree").className());
      assertEquals(a.dataset("one/two/first").entries(), b.dataset("one/two/first").entries());
    }
  }

  @Test
  void experimentNtuplesBecomeTreesWithTheirCounters() throws IOException {
    Path source =
        Shared.require("corpus")
            .resolve("root/Run2012BC_DoubleMuParked_Muons_1000evts_rntuple_v1-0-0-0.root");
    Path output = folder.resolve("muons.root");
    Cli run = Cli.run("convert", source, "--output", output, "--format", "ttree");
    assertEquals(0, run.code(), run.err());
    try (RootFile a = RootFile.open(source);
        RootFile b = RootFile.open(output)) {
      Dataset before = a.dataset("Events");
      Dataset after = b.dataset("Events");
      NumberColumn counts = (NumberColumn) before.read(List.of("nMuon"), 0, 1000).column("nMuon");
      NumberColumn copied = (NumberColumn) after.read(List.of("nMuon"), 0, 1000).column("nMuon");
      for (int i = 0; i < counts.length(); i++) {
        assertEquals(counts.getLong(i), copied.getLong(i));
      }
      for (String name : after.schema().names()) {
        if (!name.equals("nMuon")) {
          assertEquals(
              before.read(List.of(name), 0, 1000).columns(),
              after.read(List.of(name), 0, 1000).columns());
        }
      }
      assertTrue(after.schema().names().contains("Muon_pt"));
    }
  }

  @Test
  void whatIsWrongIsSaidInOneSentence() throws IOException {
    Path output = folder.resolve("x.root");
    Cli histograms = Cli.run("convert", WRITTEN.resolve("hist_objects.root"), "--output", output);
    assertEquals(1, histograms.code());
    assertTrue(histograms.err().contains("no trees or ntuples"), histograms.err());
    Cli codec = Cli.run("convert", SAMPLE, "--output", output, "--compression", "brotli");
    assertEquals(1, codec.code());
    assertTrue(codec.err().contains("brotli"), codec.err());
    assertFalse(Files.exists(output));
    assertEquals(2, Cli.run("convert", SAMPLE).code());
  }
}
