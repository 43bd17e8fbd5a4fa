package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.write.PathTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NtupleWriterTest {
  private static final Schema NO_COLUMNS = new Schema(List.of());

  @TempDir Path folder;

  private static void write(Path path, EventBatch batch, int step, NtupleOptions options)
      throws IOException {
    try (RootWriter writer = RootWriter.create(path, "a title", options.compression())) {
      NtupleWriter ntuple = writer.ntuple("folder/Events", "some events", batch.schema(), options);
      for (int from = 0; from < batch.entries(); from += step) {
        ntuple.write(batch.slice(from, Math.min(batch.entries(), from + step)));
      }
      ntuple.finish();
      writer.commit();
    }
  }

  @Property(tries = 30)
  void whatIsWrittenIsReadBack(
      @ForAll long seed,
      @ForAll @IntRange(max = 120) int entries,
      @ForAll @IntRange(min = 1, max = 50) int step,
      @ForAll @IntRange(min = 100, max = 60_000) int clusterBytes,
      @ForAll @IntRange(min = 16, max = 5_000) int pageBytes,
      @ForAll @IntRange(min = 1, max = 4) int clustersPerGroup,
      @ForAll @IntRange(max = 4) int codec)
      throws IOException {
    EventBatch batch = new NtupleBatches(seed).everyKind(entries);
    NtupleOptions options =
        NtupleOptions.DEFAULT
            .withClusterBytes(clusterBytes)
            .withPageBytes(pageBytes)
            .withClustersPerGroup(clustersPerGroup)
            .withCompression(
                Compression.parse(
                    List.of("none", "zlib:1", "lzma:1", "lz4:4", "zstd:1").get(codec)));
    Path file = Files.createTempFile("bitbeam", ".root");
    try {
      write(file, batch, step, options);
      try (RootFile root = RootFile.open(file)) {
        Dataset ntuple = root.dataset("folder/Events");
        assertEquals(entries, ntuple.entries());
        assertEquals("some events", ntuple.title());
        EventBatch back = ntuple.read(batch.schema().names(), 0, entries);
        for (int i = 0; i < batch.schema().size(); i++) {
          Schema.Field field = batch.schema().fields().get(i);
          assertEquals(batch.columns().get(i), back.columns().get(i), field.name());
          String unit = field.unit().isEmpty() ? "" : " [" + field.unit() + "]";
          assertEquals(field.description() + unit, back.schema().fields().get(i).description());
        }
        long covered = 0;
        for (Dataset.Cluster cluster : ntuple.clusters()) {
          assertEquals(covered, cluster.first());
          covered = cluster.end();
        }
        assertEquals(entries, covered);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 100)
  void columnsNestedAtRandomAreReadBack(@ForAll long seed, @ForAll @IntRange(max = 60) int entries)
      throws IOException {
    EventBatch batch = new RandomBatches(seed, false).of(6, entries);
    Path file = Files.createTempFile("bitbeam", ".root");
    try {
      NtupleOptions options = NtupleOptions.DEFAULT.withClusterBytes(2_000).withPageBytes(64);
      write(file, batch, 17, options.withClustersPerGroup(3));
      try (RootFile root = RootFile.open(file)) {
        Dataset ntuple = root.dataset("folder/Events");
        for (Schema.Field field : batch.schema().fields()) {
          EventBatch back = ntuple.read(List.of(field.name()), 0, entries);
          assertEquals(batch.column(field.name()), back.columns().get(0), field.toString());
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void bytesDoNotDependOnHowEntriesComeInBatches() throws IOException {
    EventBatch batch = new NtupleBatches(5).everyKind(300);
    NtupleOptions options =
        NtupleOptions.DEFAULT.withClusterBytes(20_000).withPageBytes(512).withClustersPerGroup(3);
    Path first = Files.createDirectory(folder.resolve("a")).resolve("x.root");
    write(first, batch, 300, options);
    for (int step : new int[] {1, 7, 128}) {
      Path other = Files.createDirectory(folder.resolve("step" + step)).resolve("x.root");
      write(other, batch, step, options);
      assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(other));
    }
    try (RootFile root = RootFile.open(first)) {
      assertTrue(root.dataset("folder/Events").clusters().size() > 6);
    }
  }

  @Test
  void clustersEndAtTheGivenBorders() throws IOException {
    EventBatch batch = new NtupleBatches(5).everyKind(50);
    Path file = folder.resolve("x.root");
    write(file, batch, 7, NtupleOptions.DEFAULT.withBorders(List.of(10L, 11L, 40L)));
    try (RootFile root = RootFile.open(file)) {
      assertEquals(
          List.of(10L, 11L, 40L, 50L),
          root.dataset("folder/Events").clusters().stream().map(Dataset.Cluster::end).toList());
    }
  }

  @Test
  void floatsInFewerBitsAreAsCloseAsTheirBitsAllow() throws IOException {
    double[] values = new double[1000];
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(i) * 3;
      floats[i] = (float) values[i];
    }
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("cut", ColumnType.Primitive.FLOAT32),
                Schema.Field.of("range", ColumnType.Primitive.FLOAT64),
                Schema.Field.of("exact", ColumnType.Primitive.FLOAT32)));
    EventBatch batch =
        EventBatch.of(
            Origin.MEMORY,
            schema,
            List.of(FloatColumn.of(floats), DoubleColumn.of(values), FloatColumn.of(floats)),
            values.length);
    NtupleOptions options =
        NtupleOptions.DEFAULT
            .withPageBytes(100)
            .withReals(
                Map.of(
                    "cut", new RealStorage.Truncated(20),
                    "range", new RealStorage.Quantised(13, -3, 3)));
    Path file = folder.resolve("x.root");
    write(file, batch, 1000, options);
    try (RootFile root = RootFile.open(file)) {
      EventBatch back = root.dataset("folder/Events").read(schema.names(), 0, values.length);
      assertEquals(batch.column("exact"), back.column("exact"));
      for (int i = 0; i < values.length; i++) {
        float cut = ((FloatColumn) back.column("cut")).get(i);
        assertEquals(Float.floatToIntBits(floats[i]) >> 12, Float.floatToIntBits(cut) >> 12);
        assertEquals(0, Float.floatToIntBits(cut) & 0xfff);
        double step = 6.0 / 8191;
        assertEquals(values[i], ((DoubleColumn) back.column("range")).get(i), step / 2 + 1e-12);
      }
    }
    EventBatch outside =
        EventBatch.of(
            Origin.MEMORY,
            schema,
            List.of(FloatColumn.of(1), DoubleColumn.of(3.1), FloatColumn.of(1)),
            1);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> write(folder.resolve("never.root"), outside, 1, options));
    assertTrue(
        error.getMessage().contains("range") && error.getMessage().contains("3.1"),
        error.getMessage());
  }

  @Test
  void ntuplesAreMergedByCopyingAndGetNewColumns() throws IOException {
    List<Path> inputs = new ArrayList<>();
    List<EventBatch> batches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      EventBatch batch = new NtupleBatches(i).everyKind(40 + i);
      Path path = folder.resolve("in" + i + ".root");
      write(
          path,
          batch,
          100,
          NtupleOptions.DEFAULT
              .withClusterBytes(8_000)
              .withClustersPerGroup(2)
              .withCompression(Compression.parse(i == 1 ? "zlib:1" : "zstd:5")));
      inputs.add(path);
      batches.add(batch);
    }
    int total = 40 + 41 + 42;
    Schema scores = new Schema(List.of(Schema.Field.of("score", ColumnType.Primitive.INT32)));
    int[] values = new int[total];
    for (int i = 0; i < total; i++) {
      values[i] = i * i;
    }
    EventBatch scored = EventBatch.of(Origin.MEMORY, scores, List.of(IntColumn.of(values)), total);
    Path merged = folder.resolve("merged.root");
    List<RootFile> open = new ArrayList<>();
    try (RootWriter writer = RootWriter.create(merged)) {
      List<Dataset> ntuples = new ArrayList<>();
      for (Path input : inputs) {
        RootFile root = RootFile.open(input);
        open.add(root);
        ntuples.add(root.dataset("folder/Events"));
      }
      NtupleWriter ntuple =
          writer.ntuple("Events", "", scores, NtupleOptions.DEFAULT.withClustersPerGroup(3));
      ntuple.copy(ntuples, field -> !field.equals("deep"));
      for (int from = 0; from < total; from += 17) {
        ntuple.write(scored.slice(from, Math.min(total, from + 17)));
      }
      ntuple.finish();
      writer.commit();
    } finally {
      for (RootFile root : open) {
        root.close();
      }
    }
    try (RootFile root = RootFile.open(merged)) {
      Dataset ntuple = root.dataset("Events");
      assertEquals(total, ntuple.entries());
      assertEquals("some events", ntuple.title());
      assertTrue(ntuple.clusters().size() > 9);
      List<String> names = new ArrayList<>(batches.get(0).schema().names());
      names.remove("deep");
      int at = 0;
      for (EventBatch batch : batches) {
        assertEquals(
            batch.select(names).columns(), ntuple.read(names, at, at + batch.entries()).columns());
        at += batch.entries();
      }
      names.add("score");
      assertEquals(names, ntuple.schema().names());
      assertEquals(scored.columns(), ntuple.read(List.of("score"), 0, total).columns());
    }
  }

  @Test
  void copiesOfRealNtuplesHaveTheValuesOfTheirOriginals() throws IOException {
    ReferenceFacts facts = ReferenceFacts.written();
    int columns = 0;
    for (String name : facts.files()) {
      if (!name.startsWith("ntuple_") || name.contains("unclosed")) {
        continue;
      }
      Path copy = folder.resolve(name);
      try (RootFile root = RootFile.open(facts.folder().resolve(name));
          RootWriter writer = RootWriter.create(copy)) {
        for (Dataset ntuple : root.openAll()) {
          if (ntuple.className().equals("ROOT::RNTuple")) {
            NtupleWriter out =
                writer.ntuple(
                    ntuple.path() + ntuple.cycle(), "", NO_COLUMNS, NtupleOptions.DEFAULT);
            out.copy(List.of(ntuple), field -> true);
            out.finish();
          }
        }
        writer.commit();
      }
      try (RootFile a = RootFile.open(facts.folder().resolve(name));
          RootFile b = RootFile.open(copy)) {
        for (Dataset before : a.openAll()) {
          if (!before.className().equals("ROOT::RNTuple")) {
            continue;
          }
          Dataset after = b.dataset(before.path() + before.cycle());
          assertEquals(before.entries(), after.entries(), name);
          assertEquals(before.clusters().size(), after.clusters().size(), name);
          assertEquals(before.schema(), after.schema(), name);
          for (int i = 0; i < before.columns().size(); i++) {
            ColumnInfo info = before.columns().get(i);
            assertEquals(info, after.columns().get(i), name);
            if (info.type().isPresent()) {
              assertEquals(
                  before.read(i, 0, before.entries()),
                  after.read(i, 0, after.entries()),
                  name + " " + info.name());
              columns++;
            }
          }
        }
      }
    }
    assertTrue(columns > 200, columns + " columns");
  }

  @Test
  void everyProjectedFieldBringsWhatItShows() throws IOException {
    Path input =
        SharedFiles.require(
            "corpus/root/Run2012BC_DoubleMuParked_Muons_1000evts_rntuple_v1-0-0-0.root");
    Path output = folder.resolve("slim.root");
    try (RootFile root = RootFile.open(input);
        RootWriter writer = RootWriter.create(output)) {
      NtupleWriter ntuple = writer.ntuple("Events", "", NO_COLUMNS, NtupleOptions.DEFAULT);
      ntuple.copy(List.of(root.dataset("Events")), "nMuon"::equals);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile a = RootFile.open(input);
        RootFile b = RootFile.open(output)) {
      Dataset before = a.dataset("Events");
      Dataset after = b.dataset("Events");
      assertTrue(after.columns().size() == 2 && after.schema().names().contains("nMuon"));
      assertEquals(
          before.read(after.schema().names(), 0, 1000).columns(),
          after.read(after.schema().names(), 0, 1000).columns());
    }
  }

  @Test
  void whatCannotBeJoinedIsRefusedWithTheReason() throws IOException {
    Schema a = new Schema(List.of(Schema.Field.of("x", ColumnType.Primitive.INT32)));
    Schema b = new Schema(List.of(Schema.Field.of("x", ColumnType.Primitive.FLOAT32)));
    write(
        folder.resolve("a.root"),
        EventBatch.of(Origin.MEMORY, a, List.of(IntColumn.of(1, 2)), 2),
        2,
        NtupleOptions.DEFAULT);
    write(
        folder.resolve("b.root"),
        EventBatch.of(Origin.MEMORY, b, List.of(FloatColumn.of(1, 2)), 2),
        2,
        NtupleOptions.DEFAULT);
    write(
        folder.resolve("c.root"),
        EventBatch.of(Origin.MEMORY, a, List.of(IntColumn.of(1, 2)), 2),
        2,
        NtupleOptions.DEFAULT.withCompression(Compression.NONE));
    for (Map.Entry<String, String> other :
        Map.of("b.root", "its fields differ", "c.root", "encoded otherwise").entrySet()) {
      try (RootFile first = RootFile.open(folder.resolve("a.root"));
          RootFile second = RootFile.open(folder.resolve(other.getKey()));
          RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
        NtupleWriter ntuple = writer.ntuple("x", "", NO_COLUMNS, NtupleOptions.DEFAULT);
        List<Dataset> both =
            List.of(first.dataset("folder/Events"), second.dataset("folder/Events"));
        IllegalArgumentException error =
            assertThrows(IllegalArgumentException.class, () -> ntuple.copy(both, f -> true));
        assertTrue(error.getMessage().contains(other.getValue()), error.getMessage());
      }
    }
    try (RootFile first = RootFile.open(folder.resolve("a.root"));
        RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      Schema y = new Schema(List.of(Schema.Field.of("y", ColumnType.Primitive.INT32)));
      NtupleWriter ntuple = writer.ntuple("x", "", y, NtupleOptions.DEFAULT);
      ntuple.copy(List.of(first.dataset("folder/Events")), f -> true);
      EventBatch three = EventBatch.of(Origin.MEMORY, y, List.of(IntColumn.of(1, 2, 3)), 3);
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> ntuple.write(three))
              .getMessage()
              .contains("have 2"));
      ntuple.write(three.slice(0, 1));
      assertTrue(
          assertThrows(IllegalArgumentException.class, ntuple::finish)
              .getMessage()
              .contains("1 entries of new columns beside 2"));
    }
  }

  @Test
  void columnsThatCannotBeWrittenAreNamedWithTheirType() throws IOException {
    RecordColumn record = RecordColumn.of(List.of("a"), List.of(IntColumn.of(1, 2)), 2);
    ArrayColumn records = ArrayColumn.of(2, 1, record);
    refused(Schema.Field.of("points", records.type()), "array<record<a:int32>,2>");
    refused(Schema.Field.of("a.b", ColumnType.Primitive.INT32), "\"a.b\"");
    refused(Schema.Field.of("a b", ColumnType.Primitive.INT32), "\"a b\"");
  }

  private void refused(Schema.Field field, String what) throws IOException {
    try (RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      NtupleWriter ntuple =
          writer.ntuple("t", "", new Schema(List.of(field)), NtupleOptions.DEFAULT);
      UnsupportedRootException error = assertThrows(UnsupportedRootException.class, ntuple::finish);
      assertTrue(
          error.getMessage().contains(field.name()) && error.getMessage().contains(what),
          error.getMessage());
    }
  }

  @Test
  void aFailureAtAnyWriteLeavesTheOldFileAndNothingElse() throws IOException {
    EventBatch batch = new NtupleBatches(3).everyKind(20);
    Path input = Files.createDirectory(folder.resolve("in")).resolve("in.root");
    write(input, batch, 20, NtupleOptions.DEFAULT);
    Path output = Files.createDirectory(folder.resolve("out"));
    Path path = output.resolve("x.root");
    Files.writeString(path, "the old file");
    int writes = 0;
    for (int failAt = 0; ; failAt++) {
      FailingTarget target = new FailingTarget(PathTarget.create(path), failAt);
      boolean failed = false;
      try (RootFile root = RootFile.open(input);
          RootWriter writer = RootWriter.create(target, "", Compression.ZSTD)) {
        NtupleWriter copy = writer.ntuple("c", "", NO_COLUMNS, NtupleOptions.DEFAULT);
        copy.copy(List.of(root.dataset("folder/Events")), f -> true);
        copy.finish();
        NtupleWriter ntuple =
            writer.ntuple("t", "", batch.schema(), NtupleOptions.DEFAULT.withClusterBytes(20_000));
        ntuple.write(batch);
        ntuple.finish();
        writer.commit();
      } catch (IOException e) {
        assertEquals("no space left", e.getMessage());
        failed = true;
      }
      if (!failed) {
        writes = failAt;
        break;
      }
      assertEquals("the old file", Files.readString(path), "failed at write " + failAt);
      try (Stream<Path> left = Files.list(output)) {
        assertEquals(List.of(path), left.toList(), "failed at write " + failAt);
      }
    }
    assertTrue(writes > 200, writes + " writes");
    try (RootFile root = RootFile.open(path)) {
      assertEquals(20, root.dataset("t").entries());
      assertEquals(20, root.dataset("c").entries());
    }
  }
}
