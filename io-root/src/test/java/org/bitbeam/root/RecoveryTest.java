package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.junit.jupiter.api.Test;

/** Files whose writer died: what it saved is found, on request only. */
class RecoveryTest {
  private static final Path RESOURCES = Path.of("src", "test", "resources");

  @Test
  void savedEntriesOfAnUnclosedFileAreRecovered() throws IOException {
    Path file = RESOURCES.resolve("made/tree_unclosed_autosaved.root");
    try (RootFile root = recover(file)) {
      assertEquals(
          List.of("folder", "folder/tree"), root.keys().stream().map(KeyInfo::path).toList());
      Dataset tree = root.dataset("folder/tree");
      assertEquals(2_000, tree.entries());
      EventBatch batch = tree.read(List.of("i", "v"), 0, 2_000);
      IntColumn numbers = (IntColumn) batch.column("i");
      ListColumn lists = (ListColumn) batch.column("v");
      for (int i = 0; i < 2_000; i++) {
        assertEquals(i, numbers.get(i));
        assertEquals(i % 4, lists.count(i));
      }
    }
  }

  @Test
  void openingAnUnclosedFileDoesNotGuess() throws IOException {
    for (String name : List.of("tree_unclosed_nothing_saved.root", "ntuple_unclosed.root")) {
      try (RootFile root = RootFile.open(RESOURCES.resolve("written").resolve(name))) {
        assertEquals(List.of(), root.datasets());
      }
      try (RootFile root = recover(RESOURCES.resolve("written").resolve(name))) {
        assertEquals(List.of(), root.datasets());
      }
    }
  }

  @Test
  void closedFilesOfRootGiveTheSameDatasetsEitherWay() throws IOException {
    ReferenceFacts facts = ReferenceFacts.written();
    for (String name : facts.files()) {
      if (name.startsWith("uproot")) {
        continue; // uproot leaves gaps that no key marks, at which a walk ends
      }
      try (RootFile opened = RootFile.open(facts.folder().resolve(name));
          RootFile recovered = recover(facts.folder().resolve(name))) {
        Map<String, Long> entries = new TreeMap<>();
        for (Dataset dataset : recovered.openAll()) {
          entries.put(dataset.path() + ";" + dataset.cycle(), dataset.entries());
        }
        for (Dataset dataset : opened.openAll()) {
          String key = dataset.path() + ";" + dataset.cycle();
          assertEquals(dataset.entries(), entries.get(key), name + ":" + key);
        }
      }
    }
  }

  private static RootFile recover(Path file) throws IOException {
    return RootFile.recover(ByteSource.ofFile(file), ReadLimits.DEFAULT);
  }
}
