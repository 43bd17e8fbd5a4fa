package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.Output;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Plans that go through bytes let a worker read what the whole file gives. */
class ReadPlanTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "written");
  private static final int HEADER_BYTES = 75;

  /**
   * Files with columns whose type only values tell, so many that a plan would be large, or in
   * another file.
   */
  private static final Set<String> WITHOUT_EXCERPT =
      Set.of(
          "more.root",
          "nanoAOD_2015_CMS_Open_Data_ttbar.root",
          "rare.root",
          "counted.root",
          "versions.root",
          "other_file.root");

  private static Stream<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all
          .filter(f -> f.toString().endsWith(".root"))
          .filter(f -> !f.getFileName().toString().startsWith("bad_"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyColumnOfAFileIsReadByPlan() throws IOException {
    return Stream.concat(files(FOLDER), files(MadeFiles.FOLDER))
        .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  @TestFactory
  Stream<DynamicTest> everyColumnOfOtherPeoplesFilesIsReadByPlan() throws IOException {
    return files(SharedFiles.require("corpus/root"))
        .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path path) throws Exception {
    try (RootFile file = RootFile.open(path)) {
      for (KeyInfo key : file.datasets()) {
        Dataset dataset = file.dataset(key.path() + ";" + key.cycle());
        List<String> columns = readable(dataset);
        List<ReadPlan> plans = ReadPlan.of(file, dataset, columns, 1);
        assertEquals(Math.max(1, dataset.clusters().size()), plans.size());
        assertEquals(1, ReadPlan.of(file, dataset, columns, Long.MAX_VALUE).size());
        long next = 0;
        for (ReadPlan plan : plans) {
          assertTrue(plan.hasExcerpt() || WITHOUT_EXCERPT.contains(path.getFileName().toString()));
          ReadPlan sent = throughBytes(plan);
          assertEquals(plan, sent);
          assertEquals(next, sent.first());
          next = sent.end();
          EventBatch expected = dataset.read(columns, plan.first(), plan.end());
          CountingSource source = new CountingSource(ByteSource.ofFile(path), true);
          boolean isCut = path.endsWith("ntuple_small_keys.root"); // pages in pieces that link
          try (PlanReader reader = sent.open(source)) {
            EventBatch found = reader.read(sent.first(), sent.end());
            assertEquals(expected.origin(), found.origin());
            assertEquals(expected.schema(), found.schema());
            assertEquals(expected.columns(), found.columns());
            assertTrue(
                isCut || !plan.hasExcerpt() || source.requests() <= 1,
                () -> source.requests() + " requests");
            long middle = (sent.first() + sent.end()) / 2;
            assertEquals(
                dataset.read(columns, middle, sent.end()).columns(),
                reader.read(middle, sent.end()).columns());
          }
        }
        assertEquals(dataset.entries(), next);
      }
    }
  }

  /** Columns that can be read, also those that only their values show to be unreadable. */
  private static List<String> readable(Dataset dataset) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : dataset.schema().names()) {
      try {
        dataset.read(List.of(name), 0, dataset.entries());
        names.add(name);
      } catch (UnsupportedRootException e) {
        // listed in docs/root-support.md
      }
    }
    return names;
  }

  /** Only what plans say by themselves, and nothing of the file's descriptions. */
  @Test
  void nothingButBasketsPagesAndTheHeaderIsRead() throws Exception {
    for (String name : List.of("tree_clusters_bytes.root", "ntuple_clusters.root")) {
      Path path = FOLDER.resolve(name);
      try (RootFile file = RootFile.open(path)) {
        Dataset dataset = file.openAll().get(0);
        List<String> columns = dataset.schema().names();
        long stored = 0;
        for (ColumnInfo info : dataset.columns()) {
          boolean hasChecksums = name.startsWith("ntuple");
          stored += info.storedBytes() + (hasChecksums ? info.pieces() * Checksum.BYTES : 0);
        }
        long read = 0;
        for (ReadPlan plan : ReadPlan.of(file, dataset, columns, 1)) {
          assertTrue(plan.hasExcerpt());
          CountingSource source = new CountingSource(ByteSource.ofFile(path), true);
          try (PlanReader reader = throughBytes(plan).open(source)) {
            assertEquals(0, source.requests());
            reader.read(plan.first(), plan.end());
            assertEquals(1, source.requests());
            read += source.bytes() - HEADER_BYTES;
          }
        }
        // ROOT stores equal pages of an ntuple once.
        assertTrue(read <= stored && read > stored / 2, read + " bytes of " + stored);
        assertTrue(name.startsWith("ntuple") || read == stored, read + " bytes of " + stored);
      }
    }
  }

  @Test
  void changedFileIsRefused() throws Exception {
    try (RootFile file = RootFile.open(FOLDER.resolve("tree_chain_a.root"));
        RootFile other = RootFile.open(FOLDER.resolve("tree_chain_b.root"))) {
      Dataset tree = file.dataset("tree");
      ReadPlan plan = ReadPlan.of(file, tree, tree.schema().names(), 1_000_000).get(0);
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> plan.read(other));
      assertTrue(error.getMessage().contains("has changed"), error.getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> ReadPlan.of(file, tree, List.of("none"), 1));
      byte[] bytes = Files.readAllBytes(FOLDER.resolve("tree_chain_a.root"));
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      IOException length =
          assertThrows(
              IOException.class, () -> plan.open(ByteSource.ofBytes("longer.root", longer)));
      assertTrue(length.getMessage().contains("another length"), length.getMessage());
      bytes[HEADER_BYTES - 12]++; // in the file's UUID or behind it
      bytes[50]++;
      try (PlanReader reader = plan.open(ByteSource.ofBytes("changed.root", bytes))) {
        IOException changed =
            assertThrows(IOException.class, () -> reader.read(plan.first(), plan.end()));
        assertTrue(changed.getMessage().contains("its header"), changed.getMessage());
      }
      try (PlanReader reader = plan.open(ByteSource.ofFile(FOLDER.resolve("tree_chain_a.root")))) {
        assertThrows(IllegalArgumentException.class, () -> reader.read(0, plan.end() + 1));
      }
    }
  }

  @Test
  void planOfWideTreeIsSmall(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("wide.root");
    EventBatch batch = EventBatch.of(Origin.MEMORY, new Schema(List.of()), List.of(), 4);
    for (int i = 0; i < 1_500; i++) {
      batch =
          batch.with(
              Schema.Field.of("column" + i, ColumnType.Primitive.INT32),
              IntColumn.of(i, i + 1, i + 2, i + 3));
    }
    try (RootWriter writer = RootWriter.create(path)) {
      TreeOptions options = TreeOptions.DEFAULT.withBorders(List.of(2L, 4L));
      TreeWriter tree = writer.tree("Events", "", batch.schema(), options);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    List<String> columns = List.of("column7", "column700", "column1499");
    try (RootFile file = RootFile.open(path)) {
      List<ReadPlan> plans = ReadPlan.of(file, file.dataset("Events"), columns, 1);
      assertEquals(2, plans.size());
      int bytes = plans.get(1).toBytes().length;
      assertTrue(bytes < 700 + path.toString().length(), bytes + " bytes");
      CountingSource source = new CountingSource(ByteSource.ofFile(path), false);
      try (PlanReader reader = plans.get(1).open(source)) {
        assertEquals(batch.select(columns).slice(2, 4).columns(), reader.read(2, 4).columns());
        assertTrue(source.bytes() < 1_000, source.bytes() + " bytes");
      }
    }
  }

  @Test
  void plansThatWouldBeLargeHaveNoExcerpt(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("wide.root");
    EventBatch batch = EventBatch.of(Origin.MEMORY, new Schema(List.of()), List.of(), 1);
    Random random = new Random(1);
    for (int i = 0; i < 12_000; i++) {
      batch =
          batch.with(
              Schema.Field.of(
                  "c" + Long.toHexString(random.nextLong()), ColumnType.Primitive.INT32),
              IntColumn.of(i));
    }
    try (RootWriter writer = RootWriter.create(path)) {
      TreeWriter tree = writer.tree("Events", "", batch.schema(), TreeOptions.DEFAULT);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    try (RootFile file = RootFile.open(path)) {
      List<String> columns = batch.schema().names();
      ReadPlan plan = ReadPlan.of(file, file.dataset("Events"), columns, 1).get(0);
      assertFalse(plan.hasExcerpt());
      try (PlanReader reader = throughBytes(plan).open(ByteSource.ofFile(path))) {
        assertEquals(batch.columns(), reader.read(0, 1).columns());
      }
    }
  }

  /** Damaged excerpts, also behind a right checksum, end in a polite refusal or a result. */
  @Test
  void damagedPlansAreRefusedPolitely() throws Exception {
    List<ReadPlan> plans = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (Path path :
        List.of(
            MadeFiles.FOLDER.resolve("more.root"),
            MadeFiles.FOLDER.resolve("pointers.root"),
            MadeFiles.FOLDER.resolve("old_style.root"),
            MadeFiles.FOLDER.resolve("ntuple_more.root"),
            MadeFiles.FOLDER.resolve("ntuple_streamed.root"),
            FOLDER.resolve("tree_clusters_bytes.root"),
            FOLDER.resolve("ntuple_clusters.root"))) {
      try (RootFile file = RootFile.open(path)) {
        for (Dataset dataset : file.openAll()) {
          plans.add(ReadPlan.of(file, dataset, readable(dataset), Long.MAX_VALUE).get(0));
          contents.add(Files.readAllBytes(path));
        }
      }
    }
    int inputs = Integer.getInteger("bitbeam.fuzz.inputs", 20_000);
    long seed = Long.getLong("bitbeam.fuzz.seed", 20_26L);
    for (int i = 0; i < inputs; i++) {
      int which = i % plans.size();
      ReadPlan plan = plans.get(which);
      byte[] good = i % 3 == 0 ? plan.toBytes() : plan.toUnpackedBytes();
      byte[] damaged = Damage.damage(good, new Random(seed * 1_000_003 + i));
      byte[] sealed = i % 5 == 0 ? damaged : seal(damaged);
      try {
        ReadPlan read = ReadPlan.ofBytes(sealed);
        ByteSource source = ByteSource.ofBytes(plan.file(), contents.get(which));
        try (PlanReader reader = read.open(source, Damage.LIMITS)) {
          long end = Math.min(read.end(), read.first() + 5_000);
          reader.read(read.first(), end);
        }
      } catch (RootFormatException | UnsupportedRootException e) {
        Damage.assertPolite(e);
      } catch (IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage()); // a plan for something else
        assertTrue(message.contains("has no column") || message.contains("no tree"), message);
      } catch (IOException e) {
        assertTrue(e.getMessage().contains("was changed"), e.getMessage());
      } catch (Throwable e) {
        throw new AssertionError(plan + ", seed " + seed + ", input " + i, e);
      }
    }
  }

  private static byte[] seal(byte[] plan) {
    int length = Math.max(0, plan.length - Checksum.BYTES);
    return new Output(plan.length + Checksum.BYTES)
        .raw(plan, 0, length)
        .i64(Checksum.of(plan, 0, length))
        .toByteArray();
  }

  private static ReadPlan throughBytes(ReadPlan plan) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(plan);
    }
    assertTrue(bytes.size() < plan.toBytes().length + 200, bytes.size() + " bytes");
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (ReadPlan) in.readObject();
    }
  }
}
