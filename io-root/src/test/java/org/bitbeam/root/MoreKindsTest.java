package org.bitbeam.root;

import static org.bitbeam.root.MadeFiles.list;
import static org.bitbeam.root.MadeFiles.map;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Kinds of columns in files that ROOT made by formulas ({@code made/make_more.py}). */
class MoreKindsTest {
  @TestFactory
  Stream<DynamicTest> columnsOfTheTreeFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    // Optional, because arrays that are stored object by object can have holes.
    formulas.put("bypass", i -> list(i % 3, k -> List.of(lorentz(i, k, -i, 100 + k))));
    formulas.put("plain", i -> list(i % 3, k -> List.of(lorentz(i, k, -i, 100 + k))));
    formulas.put("vvh", i -> list(i % 3, k -> hits(i, k)));
    formulas.put(
        "vm", i -> list(i % 3, k -> list(k + 1, j -> pair((long) j, (double) (i * 10 + j)))));
    formulas.put(
        "mm", i -> list(i % 3, k -> pair((long) k, list(k + 1, j -> pair((long) j, i + "-" + j)))));
    formulas.put("vd", i -> list(i % 3, k -> derived(i, k, 0.25)));
    formulas.put("vp", i -> list(i % 3, k -> pair((long) k, "p".repeat(k))));
    formulas.put("mvh", i -> list(i % 3, k -> pair("k" + k, hits(i, k))));
    formulas.put("ls", i -> list(i % 3, k -> "s" + k));
    formulas.put("dq", i -> list(i % 3, k -> (long) -k));
    formulas.put("um", i -> i % 3 == 0 ? List.of() : List.of(pair((long) i, i % 3 - 1.0)));
    formulas.put("mu", i -> list(i % 3, k -> pair((long) i, k + 0.5)));
    formulas.put("members0.", MoreKindsTest::members);
    for (String name :
        List.of(
            "n", "counted", "text", "half", "d32", "names", "vv", "e", "big", "arr", "i", "bits")) {
      formulas.put("members./members." + name, i -> members(i).get(name));
    }
    formulas.put("members./members.hits[2]", i -> members(i).get("hits"));
    formulas.put("members./members.three[3]", i -> members(i).get("three"));
    formulas.put("members./members.ranged[2]", i -> members(i).get("ranged"));
    formulas.put("members./members.grid[2][3]", i -> members(i).get("grid"));
    formulas.put("members./members.pair/members.pair.first", i -> (long) i);
    formulas.put("members./members.pair/members.pair.second", i -> (double) -i);
    formulas.put("arr", i -> list(i % 4, k -> (double) (i + k)));
    formulas.put("v32", i -> list(i % 3, k -> k + 0.125));
    formulas.put("vb", i -> list(i % 3, k -> k % 2 != 0));
    formulas.put("vds/vds.id", i -> list(i % 3, k -> (long) i));
    formulas.put("vds/vds.x", i -> list(i % 3, k -> k * 0.25));
    formulas.put("vds/vds.v", i -> list(i % 3, k -> list(k, j -> (long) i)));
    formulas.put("vds/vds.y", i -> list(i % 3, k -> (double) -k + 0.0));
    formulas.put("vmm", i -> i % 3 == 0 ? List.of() : List.of(members(i)));
    formulas.put("old", i -> lorentz(0, 0, 0, 0));
    return MadeFiles.tests("more.root", "tree", formulas);
  }

  @TestFactory
  Stream<DynamicTest> fieldsOfTheNtupleFollowTheFormulas() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put(
        "derived",
        i ->
            map(
                "id",
                (long) i,
                "x",
                (double) -i,
                "v",
                list(i % 4, k -> (long) i),
                "y",
                i * 0.5,
                "name",
                "n" + i));
    formulas.put("e", i -> (long) (i % 3));
    formulas.put("vd", i -> list(i % 3, k -> derived(i, k, 1)));
    formulas.put("at", i -> (long) i);
    formulas.put("empty", i -> Map.of());
    formulas.put("pages", i -> list(i % 7, k -> i + k * 0.5));
    return MadeFiles.tests("ntuple_more.root", "ntuple", formulas);
  }

  @TestFactory
  Stream<DynamicTest> partsThatAreCutIntoSeveralRecordsArePiecedTogether() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("i32", i -> (long) i);
    formulas.put("f64", i -> i * 0.25);
    formulas.put("i16", i -> (long) -i);
    formulas.put("text", i -> Character.toString('a' + i % 26).repeat(i % 7));
    for (int k = 0; k < 10; k++) {
      double step = k * 0.5;
      formulas.put("field_with_a_long_name_" + k, i -> i + step);
    }
    return MadeFiles.tests("ntuple_small_keys.root", "ntuple", formulas);
  }

  @TestFactory
  Stream<DynamicTest> attributeSetsAreSkipped() throws IOException {
    Map<String, IntFunction<Object>> formulas = new LinkedHashMap<>();
    formulas.put("id", i -> (long) i);
    formulas.put("pt", i -> list(i % 4, k -> i * 0.5));
    return MadeFiles.tests("ntuple_attributes.root", "ntuple", formulas);
  }

  private static Map<String, Object> members(int i) {
    return map(
        "n", (long) (i % 4),
        "counted", list(i % 4, k -> i + k * 0.5),
        "text", "t" + i,
        "hits", list(2, k -> map("e", i + 0.25, "id", (long) k)),
        "three", list(3, k -> (long) i * k),
        "bits", list(10, k -> (i >> k & 1) != 0),
        "half", (double) i,
        "ranged", List.of(-1.0, 1.0),
        "d32", i * 0.125,
        "grid", list(2, r -> list(3, c -> (long) (i + 3 * r + c))),
        "names", list(i % 2, k -> "name"),
        "vv", list(i % 3, k -> List.of((double) i, (double) i)),
        "pair", pair((long) i, (double) -i),
        "e", (long) (i % 3),
        "big", (long) i << 40,
        "arr", list(i % 2, k -> (double) i),
        "i", (long) i);
  }

  private static Object derived(int i, int k, double step) {
    return map("id", (long) i, "x", k * step, "v", list(k, j -> (long) i), "y", (double) -k + 0.0);
  }

  private static Object hits(int i, int k) {
    return list((i + k) % 3, j -> map("e", i + 0.5, "id", (long) j));
  }

  private static Object lorentz(double x, double y, double z, double e) {
    return map("fP", map("fX", x, "fY", y, "fZ", z + 0.0), "fE", e);
  }

  private static Map<String, Object> pair(Object first, Object second) {
    return map("_0", first, "_1", second);
  }
}
