package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Test;

class ConcurrentReadTest {
  @Test
  void threadsThatShareADatasetReadTheSameAsOne() throws Exception {
    Path folder = Path.of("src", "test", "resources", "written");
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      for (String name :
          List.of(
              "ntuple_clusters.root",
              "ntuple_stl.root",
              "tree_vectors.root",
              "tree_generated_offsets.root",
              "tree_clusters_bytes.root")) {
        try (RootFile file = RootFile.open(folder.resolve(name));
            RootFile shared = RootFile.open(folder.resolve(name))) {
          Dataset alone = file.openAll().get(0);
          List<String> columns = alone.schema().names();
          int entries = (int) alone.entries();
          EventBatch expected = alone.read(columns, 0, entries);
          Dataset dataset = shared.openAll().get(0);
          List<Future<?>> tasks = new ArrayList<>();
          for (int t = 0; t < 24; t++) {
            Random random = new Random(t);
            tasks.add(
                threads.submit(
                    () -> {
                      for (int i = 0; i < 20; i++) {
                        int from = random.nextInt(entries + 1);
                        int to = from + random.nextInt(entries - from + 1);
                        assertEquals(
                            expected.slice(from, to).columns(),
                            dataset.read(columns, from, to).columns());
                      }
                      return null;
                    }));
          }
          for (Future<?> task : tasks) {
            task.get();
          }
          assertEquals(expected, alone.read(columns, 0, entries, threads));
          assertThrows(
              IllegalArgumentException.class,
              () -> alone.read(List.of("no such column"), 0, entries, threads));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
