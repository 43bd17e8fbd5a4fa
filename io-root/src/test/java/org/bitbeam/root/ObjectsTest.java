package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.bitbeam.columns.ColumnDigest;
import org.bitbeam.columns.DoubleColumn;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Histograms and other objects equal what uproot and ROOT found. */
class ObjectsTest {

  @TestFactory
  Stream<DynamicTest> objectsOfOtherPeoplesFilesEqualTheFacts() throws IOException {
    return tests(ReferenceFacts.of(SharedFiles.require("corpus/root")));
  }

  @TestFactory
  Stream<DynamicTest> objectsOfWrittenFilesEqualTheFacts() throws IOException {
    return tests(ReferenceFacts.written());
  }

  private static Stream<DynamicTest> tests(ReferenceFacts facts) throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String file : facts.files()) {
      facts
          .file(file)
          .path("objects")
          .fields()
          .forEachRemaining(
              e ->
                  tests.add(
                      dynamicTest(
                          file + ":" + e.getKey(),
                          () -> {
                            try (RootFile root = RootFile.open(facts.folder().resolve(file))) {
                              compare(root.object(e.getKey()), e.getValue());
                            }
                          })));
    }
    return tests.stream();
  }

  private static void compare(RootObject object, JsonNode facts) {
    assertEquals(facts.get("class").asText(), object.className());
    assertEquals(facts.get("name").asText(), object.name());
    if (object instanceof Histogram histogram) {
      compare(histogram, facts);
    } else if (object instanceof Graph graph) {
      compare(graph.x(), facts.get("x"));
      compare(graph.y(), facts.get("y"));
      for (String name : List.of("ex", "ey", "exlow", "exhigh", "eylow", "eyhigh")) {
        assertEquals(facts.has(name), graph.errors().containsKey(name), name);
        if (facts.has(name)) {
          compare(graph.errors().get(name), facts.get(name));
        }
      }
      assertEquals(facts.get("title").asText(), graph.title());
    } else if (object instanceof Efficiency efficiency) {
      compare(efficiency.passed(), facts.get("passed"));
      compare(efficiency.total(), facts.get("total"));
    } else if (object instanceof RootObject.Listing list) {
      assertEquals(facts.get("members").size(), list.members().size());
      for (int i = 0; i < list.members().size(); i++) {
        compare(list.members().get(i), facts.get("members").get(i));
      }
    } else if (object instanceof RootObject.Pairs map) {
      assertEquals(facts.get("pairs").size(), map.pairs().size());
      map.pairs()
          .forEach(
              (key, value) -> assertEquals(facts.get("pairs").get(key).asText(), value.name()));
    } else if (object instanceof RootObject.Parameter parameter) {
      assertEquals(facts.get("value").asText(), parameter.value().toString());
    } else if (object instanceof RootObject.Text text) {
      assertEquals(facts.get("value").asText(), text.value());
    } else if (object instanceof RootObject.Matrix matrix) {
      compare(matrix.elements(), facts.get("elements"));
      if (facts.has("rows")) {
        assertEquals(facts.get("rows").asInt(), matrix.rows());
        assertEquals(facts.get("columns").asInt(), matrix.columns());
      }
    } else if (object instanceof RootObject.Named named) {
      assertEquals(facts.get("title").asText(), named.title());
    } else {
      throw new AssertionError("no values: " + object);
    }
  }

  private static void compare(Histogram histogram, JsonNode facts) {
    assertEquals(facts.get("title").asText(), histogram.title());
    assertEquals(facts.get("entries").asDouble(), histogram.entries());
    assertEquals(facts.get("axes").size(), histogram.axes().size());
    for (int i = 0; i < histogram.axes().size(); i++) {
      Histogram.Axis axis = histogram.axes().get(i);
      JsonNode expected = facts.get("axes").get(i);
      assertEquals(expected.get("bins").asInt(), axis.bins());
      assertEquals(expected.get("min").asDouble(), axis.min());
      assertEquals(expected.get("max").asDouble(), axis.max());
      assertEquals(expected.get("title").asText(), axis.title());
      assertEquals(expected.get("edges").size(), axis.edges().length());
      for (int e = 0; e < axis.edges().length(); e++) {
        assertEquals(expected.get("edges").get(e).asDouble(), axis.edges().get(e));
      }
      assertEquals(expected.get("labels").size(), axis.labels().size());
      axis.labels()
          .forEach(
              (bin, label) -> assertEquals(expected.get("labels").get("" + bin).asText(), label));
    }
    compare(computed(histogram, histogram::content), facts.get("contents"));
    compare(computed(histogram, histogram::error), facts.get("errors"));
    compare(histogram.sumw2(), facts.get("sumw2"));
    assertEquals(facts.has("bin_entries"), histogram.profile() != null);
    if (histogram.profile() != null) {
      compare(histogram.profile().weights(), facts.get("bin_entries"));
    }
    List<String> functions = new ArrayList<>();
    facts.get("functions").forEach(f -> functions.add(f.asText()));
    assertEquals(functions, histogram.functions());
  }

  private static DoubleColumn computed(Histogram histogram, IntToDoubleFunction value) {
    double[] values = new double[histogram.cells()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.applyAsDouble(i);
    }
    return DoubleColumn.of(values);
  }

  private static void compare(DoubleColumn column, JsonNode facts) {
    ColumnDigest digest = new ColumnDigest();
    digest.add(column);
    assertEquals(facts.get("count").asInt(), column.length());
    assertEquals(
        facts.get("crc32").asText(),
        digest.parts().get(0).crc32(),
        () -> Values.all(column) + " instead of " + facts.get("values"));
  }

  @Test
  void missingObjectIsNamedWithThoseThatExist() throws IOException {
    try (RootFile file =
        RootFile.open(Path.of("src", "test", "resources", "written", "hist_objects.root"))) {
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> file.object("grap"));
      assertTrue(error.getMessage().contains("graph_errors"), error.getMessage());
      assertEquals(Map.of(), ((Graph) file.object("graph")).errors());
    }
  }
}
