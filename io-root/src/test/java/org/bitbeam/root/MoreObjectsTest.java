package org.bitbeam.root;

import static org.bitbeam.root.MadeFiles.list;
import static org.bitbeam.root.MadeFiles.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Objects without a view of their own, in a file of ROOT ({@code made/make_more_objects.py}). */
class MoreObjectsTest {
  private static RootFile file;

  @BeforeAll
  static void open() throws IOException {
    file = RootFile.open(MadeFiles.FOLDER.resolve("more_objects.root"));
  }

  @AfterAll
  static void close() throws IOException {
    file.close();
  }

  private static Object value(String path) throws IOException {
    RootObject.Value object = assertInstanceOf(RootObject.Value.class, file.object(path));
    Column value = object.value();
    assertEquals(1, value.length());
    return Values.at(value, 0);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(String path) throws IOException {
    return (Map<String, Object>) value(path);
  }

  @Test
  void symmetricMatricesAreWhole() throws IOException {
    for (String path : List.of("sym_d", "sym_f")) {
      RootObject.Matrix matrix = assertInstanceOf(RootObject.Matrix.class, file.object(path));
      assertEquals(3, matrix.rows());
      assertEquals(3, matrix.columns());
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          assertEquals(10 * Math.min(i, j) + Math.max(i, j), matrix.elements().get(3 * i + j));
        }
      }
    }
  }

  @Test
  void graphsInTwoDimensions() throws IOException {
    Map<String, Object> graph = members("graph2d");
    assertEquals(list(4, k -> (double) k), graph.get("fX"));
    assertEquals(list(4, k -> 2.0 * k), graph.get("fY"));
    assertEquals(list(4, k -> (double) k * k), graph.get("fZ"));
    Map<String, Object> errors = members("graph2d_errors");
    assertEquals(list(3, k -> -k + 0.0), errors.get("fY"));
    assertEquals(list(3, k -> 0.1 * k), errors.get("fEX"));
    assertEquals(List.of(0.25, 0.25, 0.25), errors.get("fEZ"));
  }

  @Test
  void sparseHistogram() throws IOException {
    Map<String, Object> sparse = members("sparse");
    assertEquals("a sparse histogram", sparse.get("fTitle"));
    assertEquals(3L, sparse.get("fFilledBins"));
    assertEquals(3.0, sparse.get("fEntries"));
    List<?> objects = (List<?>) sparse.get("TObject*");
    List<?> chunks = (List<?>) sparse.get("fBinContent");
    Map<?, ?> chunk = (Map<?, ?>) objects.get(((Long) chunks.get(0)).intValue());
    Map<?, ?> array = (Map<?, ?>) ((List<?>) chunk.get("THnSparseArrayChunk")).get(0);
    Map<?, ?> content = (Map<?, ?>) array.get("fContent");
    List<?> values = (List<?>) ((List<?>) content.get("TArrayD")).get(0);
    assertEquals(List.of(1.0, 2.0, 3.0), values.subList(0, 3));
  }

  @Test
  void objectsOfAnyDescribedClass() throws IOException {
    assertEquals(map("fP", map("fX", 1.0, "fY", 2.0, "fZ", 3.0), "fE", 4.0), value("lorentz"));
    assertEquals(
        map("id", 7L, "pt", 1.5, "chamber", -3L, "hits", List.of(4L, 5L, 6L)), value("muon"));
    assertEquals(List.of(5.0), members("sparse_matrix").get("fElements"));
    assertEquals(List.of(0L, 0L, 1L, 1L), members("sparse_matrix").get("fRowIndex"));
  }

  @Test
  void objectThatPointsToItself() throws IOException {
    Map<String, Object> again = map("value", 1L, "values", List.of(9L), "next", 0L, "other", -1L);
    Map<String, Object> node = map("value", 1L, "values", List.of(9L), "next", 0L, "other", -1L);
    node.put("PNode*", List.of(again));
    assertEquals(node, value("node"));
  }

  @Test
  void collectionsAndStrings() throws IOException {
    assertEquals(List.of(1.5, 2.5), value("vector"));
    assertEquals(List.of("a", "bc"), value("names"));
    assertEquals(List.of(map("_0", "x", "_1", 1.5)), value("map"));
    assertEquals("some text", value("text"));
  }

  @Test
  void objectsStoredByCodeOfTheirOwnKeepTheirName() throws IOException {
    RootObject formula = assertInstanceOf(RootObject.Other.class, file.object("formula"));
    assertEquals("[0]*x+[1]", formula.title());
  }
}
