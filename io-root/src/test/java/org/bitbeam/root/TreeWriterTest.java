package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.write.PathTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeWriterTest {
  @TempDir Path folder;

  private static void write(
      Path path, EventBatch batch, int step, long clusterBytes, Compression compression)
      throws IOException {
    try (RootWriter writer = RootWriter.create(path, "a title", compression)) {
      TreeOptions options =
          TreeOptions.DEFAULT.withClusterBytes(clusterBytes).withCompression(compression);
      TreeWriter tree = writer.tree("folder/Events", "some events", batch.schema(), options);
      for (int from = 0; from < batch.entries(); from += step) {
        tree.write(batch.slice(from, Math.min(batch.entries(), from + step)));
      }
      tree.finish();
      writer.commit();
    }
  }

  @Property(tries = 40)
  void whatIsWrittenIsReadBack(
      @ForAll long seed,
      @ForAll @IntRange(max = 120) int entries,
      @ForAll @IntRange(min = 1, max = 50) int step,
      @ForAll @IntRange(min = 100, max = 30_000) int clusterBytes,
      @ForAll @IntRange(max = 4) int codec)
      throws IOException {
    EventBatch batch = new WritableBatches(seed).everyKind(entries);
    Compression compression =
        Compression.parse(List.of("none", "zlib:1", "lzma:1", "lz4:4", "zstd:1").get(codec));
    Path file = Files.createTempFile("bitbeam", ".root");
    try {
      write(file, batch, step, clusterBytes, compression);
      try (RootFile root = RootFile.open(file)) {
        Dataset tree = root.dataset("folder/Events");
        assertEquals(entries, tree.entries());
        assertEquals("some events", tree.title());
        EventBatch back = tree.read(batch.schema().names(), 0, entries);
        assertEquals(batch.columns(), back.columns());
        for (int i = 0; i < batch.schema().size(); i++) {
          assertEquals(
              batch.schema().fields().get(i).description(),
              back.schema().fields().get(i).description());
        }
        long covered = 0;
        for (Dataset.Cluster cluster : tree.clusters()) {
          assertEquals(covered, cluster.first());
          covered = cluster.end();
        }
        assertEquals(entries, covered);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 20)
  void vectorsAreWrittenWithoutCountersAndReadBack(
      @ForAll long seed,
      @ForAll @IntRange(max = 60) int entries,
      @ForAll @IntRange(min = 100, max = 5_000) int clusterBytes)
      throws IOException {
    EventBatch vectors = VectorBatches.of(seed, entries);
    Path file = Files.createTempFile("bitbeam", ".root");
    try {
      try (RootWriter writer = RootWriter.create(file)) {
        TreeOptions options =
            TreeOptions.DEFAULT
                .withClusterBytes(clusterBytes)
                .withVectors(Set.copyOf(vectors.schema().names()));
        TreeWriter tree = writer.tree("t", "", vectors.schema(), options);
        tree.write(vectors);
        tree.finish();
        writer.commit();
      }
      try (RootFile root = RootFile.open(file)) {
        Dataset tree = root.dataset("t");
        assertEquals(vectors.schema().names(), tree.schema().names());
        assertEquals(vectors.columns(), tree.read(vectors.schema().names(), 0, entries).columns());
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void bytesDoNotDependOnHowEntriesComeInBatches() throws IOException {
    EventBatch batch = new WritableBatches(5).everyKind(300);
    Path first = Files.createDirectory(folder.resolve("a")).resolve("x.root");
    write(first, batch, 300, 20_000, Compression.ZSTD);
    for (int step : new int[] {1, 7, 128}) {
      Path other = Files.createDirectory(folder.resolve("step" + step)).resolve("x.root");
      write(other, batch, step, 20_000, Compression.ZSTD);
      assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(other));
    }
    try (RootFile root = RootFile.open(first)) {
      assertTrue(root.dataset("folder/Events").clusters().size() > 3);
    }
  }

  @Test
  void everyCopiedBasketHasTheBytesOfItsOriginal() throws IOException {
    for (String name :
        List.of(
            "tree_codec_zlib1",
            "tree_codec_lz4",
            "tree_codec_lzma",
            "tree_codec_zstd",
            "tree_codec_none",
            "tree_vectors",
            "tree_classes_split99",
            "tree_generated_offsets")) {
      Path original = Path.of("src/test/resources/written", name + ".root");
      Path copy = folder.resolve(name + ".root");
      try (RootFile root = RootFile.open(original);
          RootWriter writer = RootWriter.create(copy)) {
        Dataset tree = root.dataset("tree");
        TreeWriter out = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
        out.copy(List.of(tree), branch -> true);
        out.finish();
        writer.commit();
      }
      try (RootFile a = RootFile.open(original);
          RootFile b = RootFile.open(copy)) {
        List<byte[]> before = RawBaskets.of(a, "tree");
        List<byte[]> after = RawBaskets.of(b, "tree");
        assertTrue(before.size() >= 3, name);
        assertEquals(before.size(), after.size(), name);
        for (int i = 0; i < before.size(); i++) {
          assertArrayEquals(before.get(i), after.get(i), name);
        }
      }
    }
  }

  @Test
  void treesOfOneKindAreMergedByCopying() throws IOException {
    List<Path> inputs = new ArrayList<>();
    List<EventBatch> batches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      EventBatch batch = new WritableBatches(i).everyKind(40 + i);
      Path path = folder.resolve("in" + i + ".root");
      write(path, batch, 100, 5_000, Compression.parse(i == 1 ? "zlib:1" : "zstd:5"));
      inputs.add(path);
      batches.add(batch);
    }
    Path merged = folder.resolve("merged.root");
    List<RootFile> open = new ArrayList<>();
    try (RootWriter writer = RootWriter.create(merged)) {
      List<Dataset> trees = new ArrayList<>();
      for (Path input : inputs) {
        RootFile root = RootFile.open(input);
        open.add(root);
        trees.add(root.dataset("folder/Events"));
      }
      TreeWriter tree = writer.tree("Events", "", new Schema(List.of()), TreeOptions.DEFAULT);
      tree.copy(trees, branch -> true);
      tree.finish();
      writer.commit();
    } finally {
      for (RootFile root : open) {
        root.close();
      }
    }
    try (RootFile root = RootFile.open(merged)) {
      Dataset tree = root.dataset("Events");
      assertEquals(40 + 41 + 42, tree.entries());
      int at = 0;
      for (EventBatch batch : batches) {
        assertEquals(
            batch.columns(), tree.read(batch.schema().names(), at, at + batch.entries()).columns());
        at += batch.entries();
      }
    }
  }

  @Test
  void newColumnsStandBesideCopiedOnesAndUseTheirCounter() throws IOException {
    int entries = 10;
    int[] offsets = new int[entries + 1];
    for (int i = 0; i < entries; i++) {
      offsets[i + 1] = offsets[i] + i % 3;
    }
    float[] values = new float[offsets[entries]];
    Schema ptSchema =
        new Schema(
            List.of(
                Schema.Field.of("Jet_pt", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32))));
    EventBatch jets =
        EventBatch.of(
            Origin.MEMORY,
            ptSchema,
            List.of(ListColumn.of(offsets, FloatColumn.of(values))),
            entries);
    TreeOptions options =
        TreeOptions.DEFAULT.withCounters(Map.of("Jet_pt", "nJet", "Jet_score", "nJet"));
    Path input = folder.resolve("jets.root");
    try (RootWriter writer = RootWriter.create(input)) {
      TreeWriter tree = writer.tree("Events", "", ptSchema, options);
      tree.write(jets);
      tree.finish();
      writer.commit();
    }
    Schema scoreSchema =
        new Schema(
            List.of(
                Schema.Field.of("Jet_score", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32))));
    Path output = folder.resolve("scored.root");
    try (RootFile root = RootFile.open(input);
        RootWriter writer = RootWriter.create(output)) {
      TreeWriter tree = writer.tree("Events", "", scoreSchema, options);
      tree.copy(List.of(root.dataset("Events")), branch -> true);
      tree.write(EventBatch.of(Origin.MEMORY, scoreSchema, jets.columns(), entries));
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(output)) {
      Dataset tree = root.dataset("Events");
      assertEquals(List.of("nJet", "Jet_pt", "Jet_score"), tree.schema().names());
      assertEquals(
          jets.columns().get(0), tree.read(List.of("Jet_score"), 0, entries).columns().get(0));
    }

    int[] wrong = offsets.clone();
    wrong[entries - 1]--;
    EventBatch tooFew =
        EventBatch.of(
            Origin.MEMORY,
            scoreSchema,
            List.of(ListColumn.of(wrong, FloatColumn.of(values))),
            entries);
    try (RootFile root = RootFile.open(input);
        RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      TreeWriter tree = writer.tree("Events", "", scoreSchema, options);
      tree.copy(List.of(root.dataset("Events")), branch -> true);
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> tree.write(tooFew));
      assertTrue(
          error.getMessage().contains("entry 8")
              && error.getMessage().contains("Jet_score")
              && error.getMessage().contains("nJet"),
          error.getMessage());
    }
    assertFalse(Files.exists(folder.resolve("never.root")));
  }

  /**
   * Writes floats in fewer bits; returns the batch.
   *
   * @param chosen which of its columns
   */
  static EventBatch writePacked(Path file, List<String> chosen) throws IOException {
    int n = 600;
    float[] floats = new float[n];
    double[] doubles = new double[n];
    int[] offsets = new int[n / 3 + 1];
    for (int i = 0; i < n; i++) {
      doubles[i] = Math.sin(i) * 10;
      floats[i] = (float) doubles[i];
    }
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = 3 * i;
    }
    List<Column> columns =
        List.of(
            FloatColumn.of(Arrays.copyOf(floats, n / 3)),
            DoubleColumn.of(Arrays.copyOf(doubles, n / 3)),
            ArrayColumn.of(3, n / 3, DoubleColumn.of(doubles)),
            ListColumn.of(offsets, FloatColumn.of(floats)),
            ListColumn.of(offsets, DoubleColumn.of(doubles)));
    List<Schema.Field> fields = new ArrayList<>();
    List<String> names = List.of("cut", "single", "range", "cuts", "ranges");
    for (int i = 0; i < names.size(); i++) {
      fields.add(Schema.Field.of(names.get(i), columns.get(i).type()));
    }
    EventBatch batch =
        EventBatch.of(Origin.MEMORY, new Schema(fields), columns, n / 3).select(chosen);
    try (RootWriter writer = RootWriter.create(file)) {
      TreeOptions options =
          TreeOptions.DEFAULT
              .withClusterBytes(1000)
              .withReals(
                  Map.of(
                      "cut", new RealStorage.Truncated(19),
                      "single", new RealStorage.Quantised(16, -10.5, 10.5),
                      "range", new RealStorage.Quantised(20, -10, 10),
                      "cuts", new RealStorage.Truncated(23),
                      "ranges", new RealStorage.Quantised(32, -10, 10)));
      TreeWriter tree = writer.tree("Events", "", batch.schema(), options);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    return batch;
  }

  @Test
  void floatsInFewerBitsAreAsCloseAsTheirBitsAllow() throws IOException {
    Path file = folder.resolve("packed.root");
    EventBatch batch = writePacked(file, List.of("cut", "single", "range", "cuts", "ranges"));
    try (RootFile root = RootFile.open(file)) {
      EventBatch back = root.dataset("Events").read(batch.schema().names(), 0, batch.entries());
      near(batch.column("cut"), back.column("cut"), 0, Math.scalb(1, -10));
      near(batch.column("single"), back.column("single"), 21 / Math.scalb(1, 17), 0);
      near(batch.column("range"), back.column("range"), 20 / Math.scalb(1, 21), 0);
      near(batch.column("cuts"), back.column("cuts"), 0, Math.scalb(1, -14));
      near(batch.column("ranges"), back.column("ranges"), 1e-8, 0);
    }
  }

  private static void near(Column expected, Column read, double absolute, double relative) {
    assertEquals(expected.type(), read.type());
    NumberColumn a = numbers(expected);
    NumberColumn b = numbers(read);
    for (int i = 0; i < a.length(); i++) {
      double bound = absolute + relative * Math.abs(a.getDouble(i)) + 1e-9;
      assertEquals(a.getDouble(i), b.getDouble(i), bound);
    }
  }

  private static NumberColumn numbers(Column column) {
    return column instanceof ListColumn lists
        ? numbers(lists.elements())
        : column instanceof ArrayColumn arrays ? numbers(arrays.content()) : (NumberColumn) column;
  }

  @Test
  void copiedAndNewColumnsOfDifferentLengthsAreRefused() throws IOException {
    Path input = folder.resolve("in.root");
    write(input, new WritableBatches(1).everyKind(20), 100, 10_000, Compression.ZSTD);
    Schema schema = new Schema(List.of(Schema.Field.of("x", ColumnType.Primitive.INT32)));
    try (RootFile root = RootFile.open(input);
        RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      TreeWriter tree = writer.tree("Events", "", schema, TreeOptions.DEFAULT);
      tree.copy(List.of(root.dataset("folder/Events")), branch -> true);
      tree.write(EventBatch.of(Origin.MEMORY, schema, List.of(IntColumn.of(1, 2, 3)), 3));
      assertTrue(
          assertThrows(IllegalArgumentException.class, tree::finish)
              .getMessage()
              .contains("3 entries of new columns beside 20"));
    }
  }

  @Test
  void columnsThatCannotBeWrittenAreNamedWithTheirType() throws IOException {
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("maybe", new ColumnType.OptionalOf(ColumnType.Primitive.INT32))));
    EventBatch batch =
        EventBatch.of(
            Origin.MEMORY,
            schema,
            List.of(OptionalColumn.of(new int[] {0, 1}, IntColumn.of(1))),
            1);
    try (RootWriter writer = RootWriter.create(folder.resolve("x.root"))) {
      TreeWriter tree = writer.tree("t", "", schema, TreeOptions.DEFAULT);
      UnsupportedRootException error =
          assertThrows(UnsupportedRootException.class, () -> tree.write(batch));
      assertTrue(
          error.getMessage().contains("maybe") && error.getMessage().contains("optional<int32>"));
    }
  }

  @Test
  void aFailureAtAnyWriteLeavesTheOldFileAndNothingElse() throws IOException {
    EventBatch batch = new WritableBatches(3).everyKind(30);
    Path input = Path.of("src/test/resources/written/tree_arrays.root");
    Path histograms = Path.of("src/test/resources/written/hist_1d_2d_3d.root");
    Path path = folder.resolve("x.root");
    Files.writeString(path, "the old file");
    int writes = 0;
    for (int failAt = 0; ; failAt++) {
      FailingTarget target = new FailingTarget(PathTarget.create(path), failAt);
      boolean failed = false;
      try (RootFile copied = RootFile.open(input);
          RootFile objects = RootFile.open(histograms);
          RootWriter writer = RootWriter.create(target, "", Compression.ZSTD)) {
        TreeWriter copy = writer.tree("c", "", new Schema(List.of()), TreeOptions.DEFAULT);
        copy.copy(List.of(copied.dataset("tree")), branch -> branch.startsWith("fix_"));
        copy.finish();
        String histogram = objects.keys().get(0).path();
        writer.object("folder/written", objects.object(histogram));
        writer.copyObject(objects, histogram);
        TreeWriter tree =
            writer.tree("t", "", batch.schema(), TreeOptions.DEFAULT.withClusterBytes(2_000));
        tree.write(batch);
        tree.addUserInfo("model", "{}");
        tree.addFriend("c", "c", "");
        tree.finish();
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
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(path), left.toList(), "failed at write " + failAt);
      }
    }
    assertTrue(writes > 100, writes + " writes");
    try (RootFile root = RootFile.open(path)) {
      assertEquals(30, root.dataset("t").entries());
    }
  }

  @Test
  void closingWithoutACommitLeavesNothing() throws IOException {
    EventBatch batch = new WritableBatches(3).everyKind(5);
    try (RootWriter writer = RootWriter.create(folder.resolve("x.root"))) {
      TreeWriter tree = writer.tree("t", "", batch.schema(), TreeOptions.DEFAULT);
      tree.write(batch);
      tree.finish();
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
