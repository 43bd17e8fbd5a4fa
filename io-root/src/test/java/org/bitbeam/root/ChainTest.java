package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.ColumnType;
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

  @Test
  void unionHasTheColumnsOfAnyAndSaysWhatIsMissing() throws IOException {
    Path folder = Path.of("src", "test", "resources", "made");
    try (RootFile main = RootFile.open(folder.resolve("friends_main.root"));
        RootFile a = RootFile.open(folder.resolve("../written/tree_chain_a.root"));
        RootFile b = RootFile.open(folder.resolve("../written/tree_chain_b.root"))) {
      List<Dataset> parts = List.of(main.dataset("main"), a.dataset("tree"), b.dataset("tree"));
      Dataset union = Dataset.union(parts);
      int entries = (int) union.entries();
      for (ColumnInfo info : union.columns()) {
        List<Object> expected = new ArrayList<>();
        List<ColumnType> types = new ArrayList<>();
        for (Dataset part : parts) {
          part.schema().field(info.name()).ifPresent(f -> types.add(f.type()));
        }
        if (types.stream().distinct().count() > 1) {
          assertTrue(info.type().isEmpty() && info.whyUnreadable().contains("different types"));
          assertThrows(
              UnsupportedRootException.class, () -> union.read(List.of(info.name()), 0, 1));
          continue;
        }
        boolean isEverywhere = types.size() == parts.size();
        for (Dataset part : parts) {
          boolean has = part.schema().field(info.name()).isPresent();
          int n = (int) part.entries();
          for (int i = 0; i < n; i++) {
            Object value =
                has
                    ? Values.at(part.read(List.of(info.name()), i, i + 1).columns().get(0), 0)
                    : null;
            expected.add(isEverywhere ? value : has ? List.of(value) : List.of());
          }
        }
        EventBatch whole = union.read(List.of(info.name()), 0, entries);
        assertEquals(expected, Values.all(whole.columns().get(0)), info.name());
        assertEquals(
            info.type().orElseThrow(), union.schema().field(info.name()).orElseThrow().type());
        EventBatch middle = union.read(List.of(info.name()), 25, 45);
        assertEquals(expected.subList(25, 45), Values.all(middle.columns().get(0)));
      }
      assertTrue(
          union.columns().stream()
              .anyMatch(c -> c.type().orElse(null) instanceof ColumnType.OptionalOf));
    }
  }
}
