package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.bitbeam.columns.Column;
import org.junit.jupiter.api.DynamicTest;

/** Files of ROOT whose values follow from formulas ({@code src/test/resources/made}). */
final class MadeFiles {
  static final Path FOLDER = Path.of("src", "test", "resources", "made");

  /** A file of ROOT in the corpus that comes with the tests. */
  static Path written(String name) {
    return Path.of("src", "test", "resources", "written", name + ".root");
  }

  private MadeFiles() {}

  /** A test for each column; a formula that is null is not compared. */
  static Stream<DynamicTest> tests(
      String file, String name, Map<String, IntFunction<Object>> formulas) throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (RootFile root = RootFile.open(FOLDER.resolve(file))) {
      Dataset dataset = root.dataset(name);
      List<String> names = dataset.columns().stream().map(ColumnInfo::name).toList();
      assertEquals(
          names,
          List.copyOf(formulas.keySet()).stream()
              .sorted(java.util.Comparator.comparingInt(names::indexOf))
              .toList());
      int entries = (int) dataset.entries();
      for (String column : names) {
        List<Object> expected = new ArrayList<>();
        IntFunction<Object> formula = formulas.get(column);
        if (formula == null) {
          continue;
        }
        for (int i = 0; i < entries; i++) {
          expected.add(formula.apply(i));
        }
        Column whole = dataset.read(names.indexOf(column), 0, entries);
        List<Object> oneByOne = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
          oneByOne.addAll(Values.all(dataset.read(names.indexOf(column), i, i + 1)));
        }
        tests.add(
            dynamicTest(
                column,
                () -> {
                  assertEquals(expected.toString(), Values.all(whole).toString());
                  assertEquals(expected.toString(), oneByOne.toString());
                }));
      }
    }
    return tests.stream();
  }

  static List<Object> list(int size, IntFunction<Object> item) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(item.apply(i));
    }
    return items;
  }

  static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
