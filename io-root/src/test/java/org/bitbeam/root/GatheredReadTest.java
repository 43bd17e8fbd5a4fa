package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sources that say they are remote are read in few requests, with the same result. */
class GatheredReadTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "written");

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
}
