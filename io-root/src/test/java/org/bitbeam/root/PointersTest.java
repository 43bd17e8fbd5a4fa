package org.bitbeam.root;

import static org.bitbeam.root.MadeFiles.list;
import static org.bitbeam.root.MadeFiles.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Members behind pointers, lists of objects of several classes, and trees in ROOT 3's style: files
 * that ROOT made by formulas ({@code made/make_pointers.py}, {@code made/make_old_style.py}).
 */
class PointersTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> objectsBehindPointersFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put(
        "whole",
        i -> {
          Map<String, Object> owner = owner(i);
          owner.put("PNode*", nodes(i));
          return owner;
        });
    Map<String, Object> names = owner(0);
    for (String name : names.keySet()) {
      String branch =
          switch (name) {
            case "pair", "two", "words" -> name + "[2]";
            case "byId", "clones" -> "";
            default -> name;
          };
      if (!branch.isEmpty()) {
        formulas.put(
            "split./split." + branch,
            name.equals("list")
                ? i -> map("value", owner(i).get("list"), "PNode*", nodes(i))
                : i -> owner(i).get(name));
      }
    }
    formulas.put("split./split.clones/split.clones.fUniqueID", i -> list(i % 3, k -> 0L));
    formulas.put("split./split.clones/split.clones.fBits", null);
    formulas.put("split./split.clones/split.clones.id", i -> list(i % 3, k -> (long) i));
    formulas.put("split./split.clones/split.clones.pt", i -> list(i % 3, k -> -k + 0.0));
    formulas.put("split./split.byId/split.byId.first", i -> list(i % 3, k -> (long) k));
    formulas.put("split./split.byId/split.byId.second", i -> list(i % 3, k -> one(hit(k, i))));
    formulas.put("ring", PointersTest::ring);
    formulas.put("vp", i -> list(i % 3, k -> one(hit(i, 0))));
    formulas.put("vt", i -> list(i % 3, k -> track(i, k)));
    formulas.put(
        "arr", i -> list(i % 3, k -> k == 1 ? any("TNamed", named("s" + i, "t")) : anyTrack(i, k)));
    return MadeFiles.tests("pointers.root", "tree", formulas);
  }

  @TestFactory
  Stream<DynamicTest> branchesOfRoot3FollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("event/n", i -> (long) i);
    formulas.put("event/tracks/tracks.id", i -> list(i % 4, k -> 100L * i + k));
    formulas.put("event/tracks/tracks.p[2]", i -> list(i % 4, k -> List.of((double) i, -k + 0.0)));
    formulas.put("event/tracks/tracks.pt", i -> list(i % 4, k -> k + 0.25));
    formulas.put("event/tracks/tracks.flag", i -> list(i % 4, k -> k + 250L));
    formulas.put("event/tracks/tracks.fUniqueID", i -> list(i % 4, k -> 0L));
    formulas.put("event/tracks/tracks.fBits", null);
    formulas.put("event/weight", i -> i * 0.5);
    formulas.put("event/fUniqueID", i -> 0L);
    formulas.put("event/fBits", null);
    return MadeFiles.tests("old_style.root", "tree", formulas);
  }

  @TestFactory
  Stream<DynamicTest> fieldsOfRootsStreamersFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("x", i -> (long) i);
    formulas.put(
        "muon",
        i ->
            map(
                "id",
                (long) i,
                "pt",
                i + 0.5,
                "chamber",
                10L * i,
                "hits",
                list(i % 3, j -> (long) i)));
    formulas.put("ring", PointersTest::ring);
    return MadeFiles.tests("ntuple_streamed.root", "ntuple", formulas);
  }

  /** Objects behind pointers refer to each other by positions, which a copy must not change. */
  @ParameterizedTest
  @ValueSource(strings = {"pointers.root", "old_style.root", "more.root"})
  void copiedBranchesHaveTheSameValues(String name) throws IOException {
    Path copy = folder.resolve(name);
    try (RootFile file = RootFile.open(MadeFiles.FOLDER.resolve(name));
        RootWriter writer = RootWriter.create(copy)) {
      Dataset tree = file.dataset("tree");
      TreeWriter copied = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
      copied.copy(List.of(tree, tree), branch -> true);
      copied.finish();
      writer.commit();
      try (RootFile back = RootFile.open(copy)) {
        int n = (int) tree.entries();
        assertEquals(2L * n, back.dataset("tree").entries());
        for (int i = 0; i < tree.columns().size(); i++) {
          Column expected = tree.read(i, 0, n);
          Column twice = back.dataset("tree").read(i, 0, 2L * n);
          assertEquals(expected, twice.slice(0, n), tree.columns().get(i).name());
          assertEquals(expected, twice.slice(n, 2 * n), tree.columns().get(i).name());
        }
      }
    }
  }

  /** ATLAS containers hold as many objects as the columns beside them have values. */
  @Test
  void collectionsOfTheirOwnKindCountTheirObjects() throws IOException {
    Path file = SharedFiles.require("corpus/root/uproot-issue-951.root");
    int compared = 0;
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset("CollectionTree");
      List<String> names = dataset.schema().names();
      int entries = (int) dataset.entries();
      for (ColumnInfo info : dataset.columns()) {
        assertTrue(info.type().isPresent(), info.name() + ": " + info.whyUnreadable());
        String beside =
            names.stream()
                .filter(n -> n.startsWith(info.name() + "AuxDyn."))
                .filter(
                    n ->
                        dataset.schema().field(n).orElseThrow().type() instanceof ColumnType.ListOf)
                .findFirst()
                .orElse("");
        if (!beside.isEmpty() && info.rootType().startsWith("DataVector<")) {
          EventBatch batch = dataset.read(List.of(info.name(), beside), 0, entries);
          for (int i = 0; i < entries; i++) {
            assertEquals(
                ((ListColumn) batch.column(beside)).count(i),
                ((ListColumn) batch.column(info.name())).count(i),
                info.name() + ", entry " + i);
          }
          compared++;
        }
      }
    }
    assertTrue(compared >= 20, compared + " containers compared");
  }

  private static Object ring(int i) {
    return map(
        "value",
        (long) i,
        "values",
        list(i % 2, k -> (long) i),
        "next",
        0L,
        "other",
        i % 3 == 0 ? -1L : 0L,
        "PNode*",
        List.of(
            map(
                "value",
                i + 1L,
                "values",
                List.of(),
                "next",
                i % 2 == 0 ? -1L : 0L,
                "other",
                -1L)));
  }

  private static Map<String, Object> owner(int i) {
    Map<String, Object> owner = new LinkedHashMap<>();
    Object one = hit(i, 0.5);
    owner.put("n", (long) i);
    owner.put("none", none());
    owner.put("one", one(one));
    owner.put("same", i % 3 == 0 ? none() : one(i % 3 == 1 ? one : hit(-i, 1.5)));
    owner.put("inPlace", hit(i + 100, 2.5));
    owner.put("track", i % 4 == 3 ? map("PTrack", none(), "PMuon", none()) : track(i, 0));
    owner.put("named", i % 2 == 0 ? none() : one(named("n" + i, "title")));
    owner.put("hits", list(i % 4, k -> k == 1 ? none() : one(k == 2 ? one : hit(k, i))));
    owner.put("tracks", list(i % 3, k -> track(i, k)));
    owner.put("list", i % 4 == 0 ? -1L : 0L);
    owner.put("array", list(i % 3, k -> k == 1 ? any("TObjString", "s" + i) : anyTrack(i, k)));
    owner.put("names", list(i % 3, k -> any("TNamed", named("a" + k, "b" + i))));
    owner.put("clones", list(i % 3, k -> clone(i, k)));
    owner.put("pair", List.of(list(i % 2, k -> (long) i), list(i % 3, k -> (long) -i)));
    owner.put("two", List.of(i % 2 == 1 ? one(one) : none(), one(hit(i, i))));
    owner.put("byId", list(i % 3, k -> map("_0", (long) k, "_1", one(hit(k, i)))));
    owner.put("m", (long) (i % 3));
    owner.put("loop", list(i % 3, k -> hit(k, -i + 0.0)));
    owner.put("numbers", list(i % 3, k -> (double) i));
    owner.put("owned", i % 2 == 0 ? none() : one(hit(i, 4.5)));
    owner.put("words", List.of("w".repeat(i), "x"));
    return owner;
  }

  /** The linked list, from its head: the last node was made first. */
  private static List<Object> nodes(int i) {
    int count = i % 4;
    return list(
        count,
        k -> {
          int made = count - 1 - k;
          long other = -1;
          if (i % 2 == 1 && k == count - 1) {
            other = 0;
          }
          if (i % 2 == 1 && k == 0) {
            other = count - 1;
          }
          return map(
              "value",
              10L * i + made,
              "values",
              list(made, j -> (long) i),
              "next",
              k == count - 1 ? -1L : k + 1L,
              "other",
              other);
        });
  }

  private static Object hit(int id, double e) {
    return map("id", (long) id, "e", e);
  }

  private static Object named(String name, String title) {
    return map("fName", name, "fTitle", title);
  }

  private static Object plainTrack(int i, int k) {
    return map("id", (long) i, "pt", (double) k);
  }

  private static Object muon(int i, int k) {
    return map(
        "id", (long) i, "pt", k + 0.5, "chamber", 10L * i + k, "hits", list(k, j -> (long) i));
  }

  private static Object track(int i, int k) {
    boolean isMuon = (i + k) % 2 == 1;
    return map(
        "PTrack",
        isMuon ? none() : one(plainTrack(i, k)),
        "PMuon",
        isMuon ? one(muon(i, k)) : none());
  }

  private static Object anyTrack(int i, int k) {
    return (i + k) % 2 == 1 ? any("PMuon", muon(i, k)) : any("PTrack", plainTrack(i, k));
  }

  private static Object any(String className, Object value) {
    Map<String, Object> any = new LinkedHashMap<>();
    for (String name : List.of("TObject", "PMuon", "PTrack", "TNamed", "TObjString")) {
      any.put(name, name.equals(className) ? one(value) : none());
    }
    return any;
  }

  private static Object clone(int i, int k) {
    Map<String, Object> any = new LinkedHashMap<>();
    for (String name : List.of("PMuon", "PTrack", "TNamed")) {
      any.put(name, name.equals("PTrack") ? one(map("id", (long) i, "pt", -k + 0.0)) : none());
    }
    return any;
  }

  private static Object one(Object value) {
    return List.of(value);
  }

  private static Object none() {
    return List.of();
  }
}
