package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Leaves files in {@code target/peer-files} for uproot and ROOT to look at (tools/peer_checks.py).
 */
class PeerFilesTest {
  private static final Path FOLDER = Path.of("target", "peer-files");

  @ParameterizedTest
  @ValueSource(strings = {"none", "zlib:1", "lz4:4", "lzma:1", "zstd:5"})
  void everyKindOfColumn(String codec) throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = new WritableBatches(11).everyKind(333);
    Path file = FOLDER.resolve("every_kind_" + codec.replace(':', '_') + ".root");
    Compression compression = Compression.parse(codec);
    try (RootWriter writer = RootWriter.create(file, "every kind", compression)) {
      TreeWriter tree =
          writer.tree(
              "folder/Events",
              "events",
              batch.schema(),
              TreeOptions.DEFAULT.withCompression(compression).withClusterBytes(30_000));
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(333, root.dataset("folder/Events").entries());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tree_arrays",
        "tree_codec_lz4",
        "tree_codec_lzma",
        "tree_codec_none",
        "tree_codec_zlib1",
        "tree_embedded_baskets",
        "tree_generated_offsets",
        "tree_vectors",
        "tree_wide"
      })
  void copies(String name) throws IOException {
    Files.createDirectories(FOLDER);
    Path original = Path.of("src/test/resources/written", name + ".root");
    Path copy = FOLDER.resolve("copy_" + name + ".root");
    try (RootFile root = RootFile.open(original);
        RootWriter writer = RootWriter.create(copy)) {
      TreeWriter tree = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
      tree.copy(List.of(root.dataset("tree")), branch -> true);
      tree.finish();
      writer.commit();
    }
    try (RootFile a = RootFile.open(original);
        RootFile b = RootFile.open(copy)) {
      assertEquals(a.dataset("tree").schema(), b.dataset("tree").schema());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "zlib:1", "lz4:4", "lzma:1", "zstd:5"})
  void everyKindOfField(String codec) throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = new NtupleBatches(12).withoutVariants(333);
    Path file = FOLDER.resolve("every_field_" + codec.replace(':', '_') + ".root");
    // hadd of ROOT 6.40 finds ntuples only at the top.
    String path = codec.equals("none") ? "folder/Events" : "Events";
    NtupleOptions options =
        NtupleOptions.DEFAULT
            .withCompression(Compression.parse(codec))
            .withClusterBytes(100_000)
            .withClustersPerGroup(2)
            .withPageBytes(3_000)
            .withReals(
                Map.of(
                    "float32_3", new RealStorage.Truncated(17),
                    "nested", new RealStorage.Truncated(24)));
    try (RootWriter writer = RootWriter.create(file, "every kind", options.compression())) {
      NtupleWriter ntuple = writer.ntuple(path, "events", batch.schema(), options);
      ntuple.write(batch);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(333, root.dataset(path).entries());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void fieldsNestedAtRandom(int seed) throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = new RandomBatches(seed, true).of(20, 150);
    Path file = FOLDER.resolve("nested_" + seed + ".root");
    NtupleOptions options =
        NtupleOptions.DEFAULT
            .withClusterBytes(20_000)
            .withClustersPerGroup(2)
            .withPageBytes(500)
            .withCompression(seed % 2 == 0 ? Compression.NONE : Compression.ZSTD);
    try (RootWriter writer = RootWriter.create(file)) {
      NtupleWriter ntuple = writer.ntuple("Events", "", batch.schema(), options);
      ntuple.write(batch);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(
          batch.columns(), root.dataset("Events").read(batch.schema().names(), 0, 150).columns());
    }
  }

  /** Trees with a table of references: all of it, and without one of the branches it names. */
  @Test
  void copiesOfReferences() throws IOException {
    Files.createDirectories(FOLDER);
    for (String left : List.of("nothing", "second")) {
      Path copy = FOLDER.resolve("refs_without_" + left + ".root");
      try (RootFile root = RootFile.open(MadeFiles.FOLDER.resolve("refs.root"));
          RootWriter writer = RootWriter.create(copy)) {
        TreeWriter tree = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
        tree.copy(List.of(root.dataset("tree")), branch -> !branch.equals(left));
        tree.finish();
        writer.commit();
      }
      try (RootFile root = RootFile.open(copy);
          RootFile original = RootFile.open(MadeFiles.FOLDER.resolve("refs.root"))) {
        assertEquals(
            List.of("ProcessID0"),
            root.keys().stream()
                .filter(key -> key.className().equals("TProcessID"))
                .map(KeyInfo::path)
                .toList());
        StreamedObject tree = ((TreeDataset) root.dataset("tree")).tree();
        StreamedObject before = ((TreeDataset) original.dataset("tree")).tree();
        List<String> kept = new ArrayList<>(parents(before));
        if (left.equals("second")) {
          assertTrue(kept.remove("second"));
        }
        assertEquals(kept, parents(tree));
        assertEquals(
            original.dataset("tree").read(List.of("ref"), 0, 50).columns(),
            root.dataset("tree").read(List.of("ref"), 0, 50).columns());
      }
    }
  }

  private static List<String> parents(StreamedObject tree) {
    StreamedObject table = tree.required("tree", "fBranchRef").required("table", "fRefTable");
    return table.list("fParents").stream()
        .filter(p -> p instanceof StreamedObject)
        .map(p -> ((StreamedObject) p).text("fName").replaceAll("\\..*", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ntuple_cluster_groups",
        "ntuple_extended",
        "ntuple_merged_encodings",
        "ntuple_primitives_no_checksums",
        "ntuple_same_pages",
        "ntuple_stl",
        "ntuple_untyped"
      })
  void copiesOfNtuples(String name) throws IOException {
    Files.createDirectories(FOLDER);
    Path original = Path.of("src/test/resources/written", name + ".root");
    Path copy = FOLDER.resolve("copy_" + name + ".root");
    try (RootFile root = RootFile.open(original);
        RootWriter writer = RootWriter.create(copy)) {
      Dataset source = root.openAll().get(0);
      NtupleWriter ntuple =
          writer.ntuple(source.path(), "", new Schema(List.of()), NtupleOptions.DEFAULT);
      ntuple.copy(List.of(source), field -> true);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile a = RootFile.open(original);
        RootFile b = RootFile.open(copy)) {
      Dataset before = a.openAll().get(0);
      assertEquals(before.schema(), b.dataset(before.path()).schema());
    }
  }

  @Test
  void vectors() throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = VectorBatches.of(15, 200);
    Path file = FOLDER.resolve("vectors.root");
    try (RootWriter writer = RootWriter.create(file)) {
      TreeOptions options =
          TreeOptions.DEFAULT
              .withClusterBytes(10_000)
              .withVectors(Set.copyOf(batch.schema().names()));
      TreeWriter tree = writer.tree("Events", "", batch.schema(), options);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(200, root.dataset("Events").entries());
    }
  }

  /** Leaf lists, user information, and a friend in the same folder. */
  @Test
  void recordsWithUserInfoAndFriend() throws IOException {
    Files.createDirectories(FOLDER);
    WritableBatches random = new WritableBatches(16);
    List<String> names = new ArrayList<>();
    List<Column> members = new ArrayList<>();
    for (ColumnType.Primitive type : ColumnType.Primitive.values()) {
      names.add(type.name().toLowerCase(java.util.Locale.ROOT));
      members.add(random.numbers(type, 50));
    }
    names.add("three");
    members.add(ArrayColumn.of(3, 50, random.numbers(ColumnType.Primitive.FLOAT32, 150)));
    RecordColumn record = RecordColumn.of(names, members, 50);
    Schema schema = new Schema(List.of(Schema.Field.of("hit", record.type())));
    Path file = FOLDER.resolve("leaf_lists.root");
    try (RootWriter writer = RootWriter.create(file)) {
      TreeOptions options = TreeOptions.DEFAULT.withClusterBytes(1_000);
      TreeWriter tree = writer.tree("Events", "", schema, options);
      tree.write(EventBatch.of(Origin.MEMORY, schema, List.of(record), 50));
      tree.addUserInfo("bitbeam", "{\"model\": \"pfn\"}");
      tree.addFriend("vectors", "Events", "vectors.root");
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      EventBatch back = root.dataset("Events").read(List.of("hit"), 0, 50);
      assertEquals(record, back.column("hit"));
    }
  }

  /** Without arrays and lists: uproot 5.7 takes their size for the range of the floats. */
  @Test
  void floatsInFewerBits() throws IOException {
    Files.createDirectories(FOLDER);
    Path file = FOLDER.resolve("packed_floats.root");
    TreeWriterTest.writePacked(file, List.of("cut", "single"));
    assertTrue(Files.size(file) > 1000);
  }

  /**
   * Numbers stored in fewer bits, and beside them in full what was written and what we read back.
   */
  @ParameterizedTest
  @ValueSource(strings = {"tree", "ntuple"})
  void realsAsWeReadThem(String kind) throws IOException {
    Files.createDirectories(FOLDER);
    Path file = FOLDER.resolve("reals_" + kind + ".root");
    EventBatch batch = RealsTest.batch();
    RealsTest.write(file, kind, batch);
    try (RootFile root = RootFile.open(file);
        RootWriter writer = RootWriter.create(FOLDER.resolve("reals_" + kind + "_expected.root"))) {
      EventBatch read = root.dataset("Events").read(batch.schema().names(), 0, batch.entries());
      List<Schema.Field> fields = new ArrayList<>();
      List<Column> columns = new ArrayList<>();
      for (String name : batch.schema().names()) {
        fields.add(Schema.Field.of(name + "_original", batch.column(name).type()));
        columns.add(batch.column(name));
        fields.add(Schema.Field.of(name + "_read", batch.column(name).type()));
        columns.add(read.column(name));
      }
      Schema schema = new Schema(fields);
      TreeWriter tree = writer.tree("Events", "", schema, TreeOptions.DEFAULT);
      tree.write(EventBatch.of(Origin.MEMORY, schema, columns, batch.entries()));
      tree.finish();
      writer.commit();
    }
  }

  @Test
  void variants() throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = new NtupleBatches(14).variants(200);
    Path file = FOLDER.resolve("variants.root");
    try (RootWriter writer = RootWriter.create(file)) {
      NtupleWriter ntuple = writer.ntuple("Events", "", batch.schema(), NtupleOptions.DEFAULT);
      ntuple.write(batch);
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(
          batch.columns(), root.dataset("Events").read(batch.schema().names(), 0, 200).columns());
    }
  }

  @Test
  void ntuplesMergedAndEnriched() throws IOException {
    Files.createDirectories(FOLDER);
    Path original = Path.of("src/test/resources/written/ntuple_stl.root");
    Path file = FOLDER.resolve("enriched_ntuple.root");
    try (RootFile root = RootFile.open(original);
        RootWriter writer = RootWriter.create(file)) {
      Dataset source = root.openAll().get(0);
      int entries = (int) (2 * source.entries());
      EventBatch all = new NtupleBatches(13).withoutVariants(entries);
      List<Schema.Field> fields = new ArrayList<>();
      for (Schema.Field field : all.schema().fields()) {
        fields.add(new Schema.Field("new_" + field.name(), field.type(), "", ""));
      }
      Schema schema = new Schema(fields);
      NtupleWriter ntuple =
          writer.ntuple(source.path(), "", schema, NtupleOptions.DEFAULT.withClustersPerGroup(3));
      ntuple.copy(List.of(source, source), field -> true);
      ntuple.write(EventBatch.of(all.origin(), schema, all.columns(), entries));
      ntuple.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(1, root.datasets().size());
    }
  }

  /** The largest pages that ROOT itself writes by default: 1 MiB before compression. */
  @Test
  void pagesOfOneMebibyte() throws IOException {
    Files.createDirectories(FOLDER);
    int entries = 300_000;
    double[] x = new double[entries];
    int[] offsets = new int[entries + 1];
    for (int i = 0; i < entries; i++) {
      x[i] = i * 0.25;
      offsets[i + 1] = offsets[i] + i % 4;
    }
    int[] items = new int[offsets[entries]];
    for (int i = 0; i < items.length; i++) {
      items[i] = i / 7;
    }
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("x", ColumnType.Primitive.FLOAT64),
                Schema.Field.of("items", new ColumnType.ListOf(ColumnType.Primitive.INT32))));
    List<Column> columns = List.of(DoubleColumn.of(x), ListColumn.of(offsets, IntColumn.of(items)));
    EventBatch batch = EventBatch.of(Origin.MEMORY, schema, columns, entries);
    for (String codec : List.of("none", "zstd:5")) {
      Path file = FOLDER.resolve("large_pages_" + codec.replace(':', '_') + ".root");
      try (RootWriter writer = RootWriter.create(file)) {
        NtupleOptions options =
            NtupleOptions.DEFAULT.withPageBytes(1 << 20).withCompression(Compression.parse(codec));
        NtupleWriter ntuple = writer.ntuple("Events", "", schema, options);
        ntuple.write(batch);
        ntuple.finish();
        writer.commit();
      }
      try (RootFile root = RootFile.open(file)) {
        Dataset dataset = root.dataset("Events");
        assertEquals(columns, dataset.read(schema.names(), 0, entries).columns());
        assertEquals(1, dataset.clusters().size());
        // 300,000 doubles of 8 bytes: two full pages of 1 MiB and a rest.
        assertEquals(3, dataset.columns().get(0).pieces());
      }
    }
  }
}
