package org.bitbeam.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.bitbeam.columns.ColumnDigest;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.root.Efficiency;
import org.bitbeam.root.Graph;
import org.bitbeam.root.Histogram;
import org.bitbeam.root.RootObject;
import org.jspecify.annotations.Nullable;

/** Histograms and small objects as values for JSON, in the schema of the test corpora's facts. */
final class ObjectJson {
  private static final int MOST_VALUES = 400;

  private ObjectJson() {}

  static Map<String, @Nullable Object> of(RootObject object) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("class", object.className());
    map.put("name", object.name());
    map.put("title", title(object));
    if (object instanceof Histogram histogram) {
      histogram(histogram, map);
    } else if (object instanceof Graph graph) {
      map.put("x", numbers(graph.x()));
      map.put("y", numbers(graph.y()));
      graph.errors().forEach((name, errors) -> map.put(name, numbers(errors)));
    } else if (object instanceof Efficiency efficiency) {
      map.put("passed", of(efficiency.passed()));
      map.put("total", of(efficiency.total()));
    } else if (object instanceof RootObject.Listing list) {
      map.put("members", list.members().stream().map(ObjectJson::of).toList());
    } else if (object instanceof RootObject.Pairs pairs) {
      Map<String, String> names = new LinkedHashMap<>();
      pairs.pairs().forEach((key, value) -> names.put(key, value.name()));
      map.put("pairs", names);
    } else if (object instanceof RootObject.Parameter parameter) {
      map.put("value", parameter.value());
    } else if (object instanceof RootObject.Text text) {
      map.put("value", text.value());
    } else if (object instanceof RootObject.Matrix matrix) {
      if (matrix.className().startsWith("TMatrix")) {
        map.put("rows", matrix.rows());
        map.put("columns", matrix.columns());
      }
      map.put("elements", numbers(matrix.elements()));
    } else if (object instanceof RootObject.Value value) {
      map.put("value", ColumnJson.entries(value.value(), Integer.MAX_VALUE));
    }
    return map;
  }

  /** ROOT gives objects without a title of their own that of their class. */
  private static String title(RootObject object) {
    if (!object.title().isEmpty()) {
      return object.title();
    }
    return switch (object.className()) {
      case "TObjString" -> "Collectable string class";
      case "TList" -> "Doubly linked list";
      case "TObjArray" -> "An array of objects";
      case "TMap" -> "A (key,value) map";
      default -> "";
    };
  }

  private static void histogram(Histogram histogram, Map<String, @Nullable Object> map) {
    map.put("entries", histogram.entries());
    List<Map<String, @Nullable Object>> axes = new ArrayList<>();
    for (Histogram.Axis axis : histogram.axes()) {
      Map<String, @Nullable Object> facts = new LinkedHashMap<>();
      facts.put("bins", axis.bins());
      facts.put("min", axis.min());
      facts.put("max", axis.max());
      facts.put("title", axis.title());
      facts.put("edges", axis.edges().length() == 0 ? null : axis.edges().toArray());
      facts.put("labels", axis.labels().isEmpty() ? null : axis.labels());
      axes.add(facts);
    }
    map.put("axes", axes);
    map.put("contents", numbers(values(histogram, histogram::content)));
    map.put("errors", numbers(values(histogram, histogram::error)));
    map.put("sumw2", numbers(histogram.sumw2()));
    if (histogram.profile() != null) {
      map.put("bin_entries", numbers(histogram.profile().weights()));
    }
    map.put("functions", histogram.functions());
  }

  private static DoubleColumn values(Histogram histogram, IntToDoubleFunction value) {
    double[] values = new double[histogram.cells()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.applyAsDouble(i);
    }
    return DoubleColumn.of(values);
  }

  private static Map<String, @Nullable Object> numbers(DoubleColumn column) {
    ColumnDigest digest = new ColumnDigest();
    digest.add(column);
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("count", column.length());
    facts.put("crc32", digest.parts().get(0).crc32());
    facts.put(
        "values",
        column.length() > MOST_VALUES ? null : ColumnJson.entries(column, Integer.MAX_VALUE));
    return facts;
  }
}
