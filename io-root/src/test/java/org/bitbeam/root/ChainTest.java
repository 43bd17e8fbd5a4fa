package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Test;

class ChainTest {
  @Test
  void chainHasTheEntriesOfAllAndTheColumnsThatAllHave() throws IOException {
    List<RootFile> files = new ArrayList<>();
    List<Dataset> trees = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      files.add(
          RootFile.open(
              Path.of("src", "test", "resources", "written", "tree_chain_" + name + ".root")));
      trees.add(files.get(files.size() - 1).dataset("tree"));
    }
    Dataset chain = Dataset.chain(trees);
    assertEquals(60, chain.entries());
    List<String> names = chain.schema().names();
    for (Dataset tree : trees) {
      assertTrue(tree.schema().names().containsAll(names), names.toString());
    }
    assertTrue(names.size() < trees.get(0).schema().size() || names.size() == 2, names.toString());
    assertEquals(60, chain.clusters().get(chain.clusters().size() - 1).end());
    EventBatch whole = chain.read(names, 0, 60);
    int at = 0;
    for (Dataset tree : trees) {
      int entries = (int) tree.entries();
      EventBatch own = tree.read(names, 0, entries);
      for (String name : names) {
        assertEquals(own.column(name), whole.column(name).slice(at, at + entries));
      }
      at += entries;
    }
    EventBatch middle = chain.read(names, 25, 55);
    for (String name : names) {
      assertEquals(whole.column(name).slice(25, 55), middle.column(name));
    }
    assertEquals(0, chain.read(names, 60, 60).entries());
    assertThrows(IllegalArgumentException.class, () -> chain.read(List.of("nowhere"), 0, 1));
    assertThrows(IllegalArgumentException.class, () -> chain.read(names, 0, 61));
    assertThrows(IllegalArgumentException.class, () -> Dataset.chain(List.of()));
    for (RootFile file : files) {
      file.close();
    }
  }
}
