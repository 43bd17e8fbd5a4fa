package org.bitbeam.root;

import static org.bitbeam.root.MadeFiles.list;
import static org.bitbeam.root.MadeFiles.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kinds of columns that hardly any file has, in files that ROOT made ({@code made/make_rare.py},
 * {@code make_counted.py}, {@code make_versions.py}, {@code make_other_file.py}).
 */
class RareKindsTest {
  private static final List<String> CLASSES =
      List.of("TObject", "RareItem", "TExMap", "TNamed", "TObjString");

  @TestFactory
  Stream<DynamicTest> columnsOfTheTreeFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("holes", RareKindsTest::holes);
    formulas.put(
        "whole",
        i ->
            list(
                i % 5,
                k ->
                    map(
                        "id",
                        (long) i + k,
                        "n",
                        (i + k) % 4L,
                        "counted",
                        counted(i + k, (i + k) % 4),
                        "x",
                        k * 0.25)));
    items(formulas, "items/items.", Integer::sum, (i, k) -> (i + k) % 4, (i, k) -> k);
    items(formulas, "vi/vi.", (i, k) -> i - k, (i, k) -> (i + 2 * k) % 3, (i, k) -> -4 * i);
    formulas.put("owner", RareKindsTest::owner);
    owner(0).keySet().forEach(n -> formulas.put("split./split." + n, i -> owner(i).get(n)));
    formulas.put("vp", i -> list(i % 5, k -> isNull(i, k) ? 0L : isCircle(i, k) ? 1L : 2L));
    formulas.put("vp/vp.RareCircle/vp.RareCircle.id", i -> split(i, true, "id"));
    formulas.put("vp/vp.RareCircle/vp.RareCircle.x", i -> split(i, true, "x"));
    formulas.put("vp/vp.RareCircle/vp.RareCircle.r", i -> split(i, true, "r"));
    formulas.put("vp/vp.RareCircle/vp.RareCircle.v", i -> split(i, true, "v"));
    formulas.put("vp/vp.RarePoint/vp.RarePoint.id", i -> split(i, false, "id"));
    formulas.put("vp/vp.RarePoint/vp.RarePoint.x", i -> split(i, false, "x"));
    return MadeFiles.tests("rare.root", "tree", formulas);
  }

  @TestFactory
  Stream<DynamicTest> arraysOfObjectsInSplitCollectionsFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    for (String name : List.of("clones", "vector", "lower")) {
      int shift = name.equals("lower") ? 1 : 0;
      String prefix = name + "/" + name + ".";
      formulas.put(prefix + "fUniqueID", i -> list(i % 4, k -> 0L));
      formulas.put(prefix + "fBits", null);
      formulas.put(prefix + "i", i -> list(i % 4, k -> (long) i + shift));
      formulas.put(prefix + "k", i -> list(i % 4, k -> (long) k));
      formulas.put(prefix + "n", i -> list(i % 4, k -> (i + shift + k) % 3L));
      formulas.put(prefix + "m", i -> list(i % 4, k -> (i + shift + 2 * k) % 4L));
      formulas.put(
          prefix + "objects",
          i ->
              list(
                  i % 4,
                  k ->
                      list(
                          (i + shift + k) % 3,
                          j -> map("id", 100L * (i + shift) + 10 * k + j, "x", j + 0.5))));
      formulas.put(
          prefix + "pointers",
          i -> list(i % 4, k -> list((i + shift + k) % 3, j -> pointed(i + shift, k, j))));
      formulas.put(
          prefix + "more",
          i ->
              list(
                  i % 4,
                  k ->
                      list(
                          (i + shift + 2 * k) % 4,
                          j -> map("id", -1L * (i + shift) - j, "x", 0.0))));
    }
    return MadeFiles.tests("counted.root", "tree", formulas);
  }

  private static List<Object> present(boolean isThere, Object value) {
    return isThere ? List.of(value) : List.of();
  }

  /** What is behind one of the pointers, under the name of its class. */
  private static Object pointed(int i, int k, int j) {
    boolean isShared = j == 1 && (i + k) % 3 == 2 && i % 2 == 1;
    int kind = (i + k + (isShared ? 0 : j)) % 4;
    int n = isShared ? 0 : j;
    Map<String, Object> point = new LinkedHashMap<>();
    point.put("CountedPoint", present(kind == 0 || kind == 2, map("id", i + 1L, "x", (double) n)));
    point.put(
        "CountedCircle",
        present(
            kind == 1,
            map("id", (long) i, "x", (double) k, "r", (double) n, "v", list(n, v -> (long) i))));
    return point;
  }

  private static void items(
      Map<String, IntFunction<Object>> formulas,
      String prefix,
      IntBinaryOperator id,
      IntBinaryOperator n,
      IntBinaryOperator quarters) {
    formulas.put(prefix + "fUniqueID", i -> list(i % 5, k -> 0L));
    formulas.put(prefix + "fBits", null);
    formulas.put(prefix + "id", i -> list(i % 5, k -> (long) id.applyAsInt(i, k)));
    formulas.put(prefix + "n", i -> list(i % 5, k -> (long) n.applyAsInt(i, k)));
    formulas.put(
        prefix + "counted",
        i -> list(i % 5, k -> counted(id.applyAsInt(i, k), n.applyAsInt(i, k))));
    formulas.put(prefix + "x", i -> list(i % 5, k -> quarters.applyAsInt(i, k) * 0.25));
  }

  private static List<Object> counted(int id, int n) {
    return list(n, j -> id + j * 0.5);
  }

  /** Nothing where the array has a hole; it ends with its last object. */
  private static Object holes(int i) {
    int size = i % 5;
    while (size > 0 && (i + size - 1) % 3 == 0) {
      size--;
    }
    return list(size, k -> (i + k) % 3 == 0 ? List.of() : List.of(named("n" + i, "t" + k)));
  }

  private static Object named(String name, String title) {
    return map("fName", name, "fTitle", title);
  }

  private static Map<String, Object> owner(int i) {
    int size = i % 3;
    return map(
        "map",
        list(
            size,
            k ->
                map(
                    "_0",
                    object("TObjString", "key" + k),
                    "_1",
                    k == 0
                        ? object("TObjString", "s" + i)
                        : object("TNamed", named("v" + i, "t")))),
        "numbers",
        list(size, k -> map("_0", 10L * i + k, "_1", (long) -k)),
        "ordered",
        list(size, k -> object("TNamed", named("o" + k, "" + i))),
        "sorted",
        list(size, k -> object("TObjString", "b" + (10 - size + k))),
        "behind",
        i % 2 == 0
            ? List.of()
            : List.of(
                list(
                    size,
                    k ->
                        map(
                            "_0", object("TObjString", "p" + k),
                            "_1", object("TObjString", "q" + i)))),
        "n",
        i % 4L,
        "points",
        list(i % 4, k -> point(i, k == 2 ? 0 : k)));
  }

  private static Object object(String className, Object value) {
    Map<String, Object> choice = new LinkedHashMap<>();
    CLASSES.forEach(c -> choice.put(c, c.equals(className) ? List.of(value) : List.of()));
    return choice;
  }

  private static boolean isNull(int i, int k) {
    return (i + k) % 4 == 3;
  }

  private static boolean isCircle(int i, int k) {
    return (i + k) % 3 == 1;
  }

  private static Map<String, Object> members(int i, int k) {
    Map<String, Object> members = map("id", 10L * i + k, "x", isCircle(i, k) ? k + 0.5 : k);
    if (isCircle(i, k)) {
      members.put("r", (double) -i);
      members.put("v", list(k, j -> (long) i));
    }
    return members;
  }

  private static Object point(int i, int k) {
    List<Object> value = List.of(members(i, k));
    boolean isCircle = isCircle(i, k);
    return map(
        "RarePoint", isCircle ? List.of() : value, "RareCircle", isCircle ? value : List.of());
  }

  private static Object split(int i, boolean ofCircles, String member) {
    List<Object> values = new ArrayList<>();
    for (int k = 0; k < i % 5; k++) {
      if (!isNull(i, k) && isCircle(i, k) == ofCircles) {
        values.add(members(i, k).get(member));
      }
    }
    return values;
  }

  // ---- several versions of a class

  @Test
  void objectsOfOldVersionsAreWhatRootShowsOfThem() throws IOException {
    JsonNode shown =
        new ObjectMapper().readTree(MadeFiles.FOLDER.resolve("versions.json").toFile());
    try (RootFile file = RootFile.open(MadeFiles.FOLDER.resolve("versions.root"))) {
      Dataset tree = file.dataset("tree");
      assertEquals(12, tree.entries());
      for (ColumnInfo column : tree.columns()) {
        assertEquals("", column.whyUnreadable());
        List<Object> values = Values.all(tree.read(List.of(column.name()), 0, 12).columns().get(0));
        for (int i = 0; i < 12; i++) {
          assertSame(
              column.name() + ", entry " + i, shown.get(column.name()).get(i), values.get(i));
          List<Object> alone =
              Values.all(tree.read(List.of(column.name()), i, i + 1).columns().get(0));
          assertEquals(values.get(i).toString(), alone.get(0).toString());
        }
      }
    }
  }

  /** A member becomes an array of 2^24 strings, which objects of an old version lack. */
  @Test
  void valuesWithoutBytesInTheFileAreBounded() throws IOException {
    byte[] bytes = Files.readAllBytes(MadeFiles.FOLDER.resolve("versions.root"));
    int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\4note\0");
    int length = name + "\4note\0".length() + 2 * Integer.BYTES; // behind type and size
    bytes[length] = 1;
    try (RootFile file = RootFile.open(ByteSource.ofBytes("damaged", bytes))) {
      Dataset tree = file.dataset("tree");
      int refused = 0;
      for (String column : tree.schema().names()) {
        try {
          tree.read(List.of(column), 0, 12);
        } catch (RootFormatException e) {
          Damage.assertPolite(e);
        } catch (UnsupportedRootException e) {
          assertTrue(e.getMessage().contains("take no bytes"), e.getMessage());
          refused++;
        }
      }
      assertTrue(refused > 0);
    }
  }

  private static void assertSame(String where, JsonNode shown, Object value) {
    if (value instanceof List<?> items && !shown.isArray()) {
      assertEquals(shown.isNull() ? 0 : 1, items.size(), where); // a pointer
      items.forEach(item -> assertSame(where, shown, item));
    } else if (value instanceof List<?> items) {
      assertEquals(shown.size(), items.size(), where);
      for (int i = 0; i < items.size(); i++) {
        assertSame(where + "[" + i + "]", shown.get(i), items.get(i));
      }
    } else if (value instanceof Map<?, ?> members) {
      List<String> names = new ArrayList<>();
      for (Iterator<String> i = shown.fieldNames(); i.hasNext(); ) {
        names.add(i.next());
      }
      assertEquals(names.toString(), members.keySet().toString(), where);
      names.forEach(n -> assertSame(where + "." + n, shown.get(n), members.get(n)));
    } else if (value instanceof Number number) {
      assertEquals(shown.doubleValue(), number.doubleValue(), where);
    } else {
      assertEquals(shown.asText(), value, where);
    }
  }

  // ---- baskets in another file

  @TestFactory
  Stream<DynamicTest> basketsInAnotherFileOfTheSameFolderAreRead() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("n", i -> i % 4L);
    formulas.put("x", i -> list(i % 4, k -> i + k * 0.25));
    formulas.put("v", i -> list(i % 3, k -> (long) -i));
    formulas.put("d", i -> i * 0.5);
    return MadeFiles.tests("other_file.root", "tree", formulas);
  }

  @Test
  void plansOfBasketsInAnotherFileAreRead() throws IOException {
    Path path = MadeFiles.FOLDER.resolve("other_file.root");
    try (RootFile file = RootFile.open(path)) {
      Dataset tree = file.dataset("tree");
      List<Object> values = new ArrayList<>();
      for (ReadPlan plan : ReadPlan.of(file, tree, List.of("x"), 1)) {
        try (PlanReader reader = ReadPlan.ofBytes(plan.toBytes()).open(ByteSource.ofFile(path))) {
          values.addAll(Values.all(reader.read(plan.first(), plan.end()).columns().get(0)));
        }
      }
      assertEquals(Values.all(tree.read(List.of("x"), 0, 40).columns().get(0)), values);
    }
  }

  @Test
  void otherFilesAreOpenedOnlyByPlainNameInTheSameFolder(@TempDir Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(MadeFiles.FOLDER.resolve("other_file.root"));
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Path copy = Files.write(inside.resolve("other_file.root"), bytes);
    assertRefused(RootFile.open(copy), "no plain file in the same folder"); // it is not there
    assertRefused(RootFile.open(ByteSource.ofBytes("memory", bytes)), "hadd");
    Path baskets = MadeFiles.FOLDER.resolve("other_file_baskets.root");
    Files.copy(baskets, folder.resolve("er_file_baskets.root"));
    Files.copy(baskets, folder.resolve("other_file_baskets.root"));
    for (String name : List.of("../er_file_baskets.root", "/ther_file_baskets.root")) {
      RootFile file = RootFile.open(Files.write(copy, replaced(bytes, name)));
      assertRefused(file, name);
    }
    Files.createSymbolicLink(
        inside.resolve("other_file_baskets.root"), folder.resolve("other_file_baskets.root"));
    assertRefused(RootFile.open(Files.write(copy, bytes)), "no plain file in the same folder");
  }

  private static byte[] replaced(byte[] bytes, String name) {
    String old = "other_file_baskets.root";
    assertEquals(old.length(), name.length());
    java.nio.charset.Charset plain = StandardCharsets.ISO_8859_1;
    String text = new String(bytes, plain);
    assertTrue(text.contains(old));
    return text.replace(old, name).getBytes(plain);
  }

  private static void assertRefused(RootFile file, String why) throws IOException {
    try (file) {
      Dataset tree = file.dataset("tree");
      assertEquals(40, tree.read(List.of("n"), 0, 40).entries());
      UnsupportedRootException e =
          assertThrows(UnsupportedRootException.class, () -> tree.read(List.of("x"), 0, 40));
      assertTrue(e.getMessage().contains(why), e.getMessage());
    }
  }
}
