package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every column of every corpus file has the values that uproot and ROOT found, or stands in {@code
 * corpus-exceptions.txt}. System property {@code bitbeam.corpus.print} prints what differs in the
 * form of that list.
 */
class CorpusTest {
  private static final boolean PRINT = Boolean.getBoolean("bitbeam.corpus.print");

  @TestFactory
  Stream<DynamicTest> columnsOfOtherPeoplesFilesEqualTheFacts() throws IOException {
    return tests(ReferenceFacts.of(SharedFiles.require("corpus/root")));
  }

  @TestFactory
  Stream<DynamicTest> columnsOfWrittenFilesEqualTheFacts() throws IOException {
    return tests(ReferenceFacts.written());
  }

  @Test
  void everyExceptionIsDocumented() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "root-support.md"));
    for (String id : ReferenceFacts.exceptions().keySet()) {
      String column = id.substring(id.lastIndexOf(':') + 1);
      assertTrue(page.contains("`" + column + "`"), column + " is missing in docs/root-support.md");
    }
  }

  private static Stream<DynamicTest> tests(ReferenceFacts facts) throws IOException {
    Map<String, String> exceptions = ReferenceFacts.exceptions();
    return facts.files().stream()
        .map(file -> dynamicTest(file, () -> check(facts, file, exceptions)));
  }

  private static void check(ReferenceFacts facts, String file, Map<String, String> exceptions)
      throws IOException {
    List<String> wrong = new ArrayList<>();
    try (RootFile root = RootFile.open(facts.folder().resolve(file))) {
      Map<String, Long> entries = new TreeMap<>();
      for (KeyInfo key : root.datasets()) {
        String name = key.path() + ";" + key.cycle();
        entries.put(name, root.dataset(name).entries());
      }
      Map<String, Long> expected = new TreeMap<>();
      for (String tree : facts.trees(file)) {
        expected.put(tree, facts.tree(file, tree).get("entries").asLong());
      }
      assertEquals(expected, entries, "datasets and their entries");
      for (String tree : facts.trees(file)) {
        check(file + ":" + tree, root.dataset(tree), facts.tree(file, tree), exceptions, wrong);
      }
    }
    if (PRINT) {
      wrong.forEach(System.out::println);
    }
    assertEquals(List.of(), wrong);
  }

  private static void check(
      String where,
      Dataset dataset,
      JsonNode facts,
      Map<String, String> exceptions,
      List<String> wrong)
      throws IOException {
    if (facts.has("friends")) {
      checkLinks(where, dataset.links(), facts);
    }
    List<ColumnInfo> infos = dataset.columns();
    List<String> names = new ArrayList<>();
    facts.get("columns").forEach(column -> names.add(column.get("name").asText()));
    // The facts list a name once; they have no values for names that occur several times.
    assertEquals(
        names, infos.stream().map(ColumnInfo::name).distinct().toList(), where + ": columns");
    for (JsonNode column : facts.get("columns")) {
      int i = ReferenceFacts.position(infos, column);
      if (!ReferenceFacts.hasValues(column)) {
        continue;
      }
      String id = where + ":" + infos.get(i).name();
      if (column.get("read_by").toString().contains("\"root\"")) {
        assertEquals(column.get("type").asText(), infos.get(i).rootType(), id + ": type");
      }
      String found;
      if (infos.get(i).type().isEmpty()) {
        found = "unreadable: " + infos.get(i).whyUnreadable();
      } else {
        List<String> differences = ReferenceFacts.differences(dataset, i, column);
        found = differences.isEmpty() ? "" : "differs: " + String.join("; ", differences);
      }
      boolean listed = exceptions.containsKey(id);
      if (found.isEmpty() && listed) {
        wrong.add(id + " | is right now, take it off the list");
      } else if (!found.isEmpty() && !listed) {
        wrong.add(id + " | " + found);
      }
    }
  }

  private static void checkLinks(String where, DatasetLinks links, JsonNode facts) {
    List<String> friends = new ArrayList<>();
    facts.get("friends").forEach(friend -> friends.add(friend.asText()));
    assertEquals(
        friends,
        links.friends().stream().map(f -> f.file() + ":" + f.tree()).toList(),
        where + ": friends");
    Map<String, String> aliases = new TreeMap<>();
    facts
        .get("aliases")
        .fields()
        .forEachRemaining(e -> aliases.put(e.getKey(), e.getValue().asText()));
    assertEquals(aliases, new TreeMap<>(links.aliases()), where + ": aliases");
    assertEquals(facts.get("index").asBoolean(), links.index().isPresent(), where + ": index");
    assertEquals(facts.get("user_info").size(), links.userInfo().size(), where + ": user info");
  }
}
