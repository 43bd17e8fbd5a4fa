package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Sources that say they are remote are read in few requests, with the same result. */
class GatheredReadTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "written");

  @TempDir Path folder;

  static List<Path> goodFiles() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(f -> f.toString().endsWith(".root"))
          .filter(f -> !f.getFileName().toString().startsWith("bad_"))
          .sorted()
          .toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> aClusterIsOneRequest() throws IOException {
    return goodFiles().stream()
        .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    CountingSource source = new CountingSource(ByteSource.ofFile(file), true);
    try (RootFile local = RootFile.open(file);
        RootFile remote = RootFile.open(source)) {
      for (Dataset expected : local.openAll()) {
        Dataset dataset = remote.dataset(expected.path() + ";" + expected.cycle());
        List<String> columns = expected.schema().names();
        for (Dataset.Cluster cluster : dataset.clusters()) {
          int before = source.requests();
          assertEquals(
              expected.read(columns, cluster.first(), cluster.end()).columns(),
              dataset.read(columns, cluster.first(), cluster.end()).columns());
          assertTrue(
              source.requests() - before <= 1,
              () -> source.requests() - before + " requests for " + cluster);
        }
        Random random = new Random(4);
        for (int i = 0; i < 10 && expected.entries() > 0; i++) {
          long from = random.nextLong(expected.entries() + 1);
          long to = from + random.nextLong(expected.entries() - from + 1);
          assertEquals(
              expected.read(columns, from, to).columns(),
              dataset.read(columns, from, to).columns());
        }
      }
    }
  }

  @Test
  void copiesTakeFewRequestsAndAreTheSame() throws IOException {
    for (String name : List.of("tree_clusters_bytes.root", "ntuple_clusters.root")) {
      CountingSource near = new CountingSource(ByteSource.ofFile(FOLDER.resolve(name)), false);
      CountingSource far = new CountingSource(ByteSource.ofFile(FOLDER.resolve(name)), true);
      Path expected = copied(near, Files.createDirectory(folder.resolve(name + "-near")));
      Path found = copied(far, Files.createDirectory(folder.resolve(name + "-far")));
      assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(found), name);
      assertTrue(far.requests() < near.requests(), far.requests() + " of " + near.requests());
    }
  }

  private static Path copied(ByteSource source, Path to) throws IOException {
    Path copy = to.resolve("copy.root");
    try (RootFile root = RootFile.open(source);
        RootWriter writer = RootWriter.create(copy)) {
      Dataset data = root.openAll().get(0);
      Schema none = new Schema(List.of());
      DatasetWriter out =
          data.className().equals("ROOT::RNTuple")
              ? writer.ntuple("copy", "", none, NtupleOptions.DEFAULT)
              : writer.tree("copy", "", none, TreeOptions.DEFAULT);
      out.copy(List.of(data), column -> true);
      out.finish();
      writer.commit();
    }
    return copy;
  }
}
