package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/io-root.md, run; the document may hold no other code. */
class GuideTest {
  private static final Path GUIDE = Path.of("../docs/io-root.md");
  private static final Path SOURCE = Path.of("src/test/java/org/bitbeam/root/GuideTest.java");

  @TempDir Path folder;

  private static String withoutSpace(String code) {
    return code.replaceAll("\\s", "");
  }

  @Test
  void everyExampleOfTheGuideIsRunHere() throws IOException {
    String here = withoutSpace(Files.readString(SOURCE));
    Matcher blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(GUIDE));
    int examples = 0;
    while (blocks.find()) {
      assertTrue(here.contains(withoutSpace(blocks.group(1))), blocks.group(1));
      examples++;
    }
    assertTrue(examples >= 6, examples + " examples");
  }

  private EventBatch jets() {
    Schema schema =
        new Schema(
            List.of(
                new Schema.Field(
                    "Jet_pt",
                    new ColumnType.ListOf(ColumnType.Primitive.FLOAT32),
                    "transverse momentum",
                    "GeV"),
                Schema.Field.of("run", ColumnType.Primitive.INT32)));
    ListColumn pt = ListColumn.of(new int[] {0, 2, 2, 3}, FloatColumn.of(50.5f, 31, 99));
    IntColumn run = IntColumn.of(1, 1, 2);
    EventBatch batch = EventBatch.of(Origin.MEMORY, schema, List.of(pt, run), 3);
    return batch;
  }

  private void writeNtuple(Path file, EventBatch batch) throws IOException {
    try (RootWriter writer = RootWriter.create(file)) {
      NtupleWriter ntuple =
          writer.ntuple("Events", "my jets", batch.schema(), NtupleOptions.DEFAULT);
      ntuple.write(batch);
      ntuple.finish();
      writer.commit();
    }
  }

  private void writeTree(Path file, EventBatch batch) throws IOException {
    try (RootWriter writer = RootWriter.create(file, "a title", Compression.parse("lz4"))) {
      TreeOptions options =
          TreeOptions.DEFAULT
              .withCompression(Compression.parse("lz4"))
              .withCounters(Map.of("Jet_pt", "nJet"));
      TreeWriter tree = writer.tree("Events", "my jets", batch.schema(), options);
      tree.write(batch);
      tree.addUserInfo("model", "{\"name\": \"pfn\"}");
      tree.finish();
      writer.commit();
    }
  }

  @Test
  void writtenEntriesAreReadClusterByCluster() throws IOException {
    Path file = folder.resolve("jets.root");
    writeNtuple(file, jets());
    long jets = 0;
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      for (Dataset.Cluster cluster : events.clusters()) {
        EventBatch some = events.read(List.of("Jet_pt"), cluster.first(), cluster.end());
        ListColumn pt = (ListColumn) some.column("Jet_pt");
        for (int i = 0; i < some.entries(); i++) {
          jets += pt.count(i);
        }
      }
    }
    assertEquals(3, jets);
  }

  @Test
  void columnsAreChosenByPatterns() throws IOException {
    Path file = folder.resolve("jets.root");
    writeTree(file, jets());
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      List<String> names = events.schema().matching("run", "Jet_*");
      EventBatch some = events.read(names, 0, 2);
      assertEquals(List.of("Jet_pt", "run"), some.schema().names());
      assertEquals(2, some.entries());
    }
  }

  @Test
  void aBranchIsAdded() throws IOException {
    Path file = folder.resolve("jets.root");
    writeTree(file, jets());
    Path output = folder.resolve("scored.root");
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("Jet_score", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32))));
    ListColumn column = ListColumn.of(new int[] {0, 2, 2, 3}, FloatColumn.of(0.1f, 0.2f, 0.9f));
    EventBatch score = EventBatch.of(Origin.MEMORY, schema, List.of(column), 3);
    try (RootFile root = RootFile.open(file);
        RootWriter writer = RootWriter.create(output)) {
      TreeOptions options = TreeOptions.DEFAULT.withCounters(Map.of("Jet_score", "nJet"));
      TreeWriter tree = writer.tree("Events", "", schema, options);
      tree.copy(List.of(root.dataset("Events")), branch -> true);
      tree.write(score);
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(output)) {
      Dataset events = root.dataset("Events");
      assertEquals(List.of("nJet", "Jet_pt", "run", "Jet_score"), events.schema().names());
      assertEquals(column, events.read(List.of("Jet_score"), 0, 3).column("Jet_score"));
    }
  }

  @Test
  void plansTravelAsBytes() throws IOException {
    Path file = folder.resolve("jets.root");
    writeTree(file, jets());
    long entries = 0;
    List<byte[]> sent = new ArrayList<>();
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      for (ReadPlan plan : ReadPlan.of(root, events, List.of("Jet_pt"), 16 << 20)) {
        sent.add(plan.toBytes());
      }
    }
    for (byte[] bytes : sent) { // elsewhere
      ReadPlan plan = ReadPlan.ofBytes(bytes);
      try (PlanReader reader = plan.open(ByteSource.ofFile(file))) {
        EventBatch some = reader.read(plan.first(), plan.end());
        entries += some.entries();
      }
    }
    assertEquals(3, entries);
  }

  private static long entries(String address, String token) throws IOException {
    RemoteOptions options =
        RemoteOptions.DEFAULT
            .withToken(token, Set.of(".cern.ch"))
            .withPatience(Duration.ofSeconds(30), 3);
    try (RootFile root = RootFile.open(address, options)) {
      Dataset events = root.dataset("Events");
      for (Dataset.Cluster cluster : events.clusters()) {
        events.read(List.of("Jet_pt", "run"), cluster.first(), cluster.end()); // one request
      }
      return events.entries();
    }
  }

  @Test
  void addressesOpenLikePaths() throws IOException {
    Path file = folder.resolve("jets.root");
    writeTree(file, jets());
    assertEquals(3, entries(file.toString(), "abc"));
    assertEquals(3, entries(file.toUri().toString(), "abc"));
  }

  @Test
  void listsShareACounterOrBecomeVectors() throws IOException {
    Path file = folder.resolve("jets.root");
    EventBatch batch = jets();
    writeTree(file, batch);
    try (RootFile root = RootFile.open(file)) {
      assertEquals(List.of("nJet", "Jet_pt", "run"), root.dataset("Events").schema().names());
    }
    try (RootWriter writer = RootWriter.create(file)) {
      TreeOptions vectors = TreeOptions.DEFAULT.withVectors(Set.of("Jet_pt"));
      TreeWriter tree = writer.tree("Events", "my jets", batch.schema(), vectors);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals("vector<float>", root.dataset("Events").columns().get(0).rootType());
    }
  }

  @Test
  void filesAreMergedAndEnriched() throws IOException {
    Path a = folder.resolve("a.root");
    Path b = folder.resolve("b.root");
    writeNtuple(a, jets());
    writeNtuple(b, jets());
    Path output = folder.resolve("both.root");
    Schema schema = new Schema(List.of(Schema.Field.of("weight", ColumnType.Primitive.FLOAT32)));
    FloatColumn weights = FloatColumn.of(1, 2, 3, 4, 5, 6);
    EventBatch weight = EventBatch.of(Origin.MEMORY, schema, List.of(weights), 6);
    try (RootFile first = RootFile.open(a);
        RootFile second = RootFile.open(b);
        RootWriter writer = RootWriter.create(output)) {
      NtupleWriter ntuple = writer.ntuple("Events", "", schema, NtupleOptions.DEFAULT);
      ntuple.copy(
          List.of(first.dataset("Events"), second.dataset("Events")), name -> !name.equals("run"));
      ntuple.write(weight);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(output)) {
      Dataset events = root.dataset("Events");
      assertEquals(List.of("Jet_pt", "weight"), events.schema().names());
      assertEquals(6, events.entries());
    }
  }

  @Test
  void floatsAreStoredInFewerBits() throws IOException {
    NtupleOptions options =
        NtupleOptions.DEFAULT.withReals(Map.of("Jet_pt", new RealStorage.Truncated(20)));
    EventBatch batch = jets();
    Path file = folder.resolve("short.root");
    try (RootWriter writer = RootWriter.create(file)) {
      NtupleWriter ntuple = writer.ntuple("Events", "", batch.schema(), options);
      ntuple.write(batch);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(
          batch.column("Jet_pt"),
          root.dataset("Events").read(List.of("Jet_pt"), 0, 3).column("Jet_pt"));
    }
  }

  @Test
  void histogramsAreWritten() throws IOException {
    Path file = folder.resolve("monitor.root");
    Histogram.Axis pt = new Histogram.Axis("p_{T} [GeV]", 3, 0, 300, DoubleColumn.of(), Map.of());
    DoubleColumn bins = DoubleColumn.of(0, 12, 30, 7, 1); // underflow first, overflow last
    Histogram histogram =
        new Histogram(
            "TH1D", "jet_pt", "jets", 50, List.of(pt), bins, DoubleColumn.of(), null, List.of());
    try (RootWriter writer = RootWriter.create(file)) {
      writer.object("monitor/jet_pt", histogram);
      writer.object("settings", new RootObject.Text("TObjString", "{\"cut\": 20}"));
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(histogram, root.object("monitor/jet_pt"));
    }
  }
}
