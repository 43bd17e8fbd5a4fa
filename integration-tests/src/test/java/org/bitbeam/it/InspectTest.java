package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * {@code inspect --checksums --json} against what uproot and ROOT found in every file of the
 * corpora.
 */
class InspectTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Columns where our facts differ from the reference; io-root's tests give the reasons. */
  private static Set<String> known() throws IOException {
    Set<String> known = new TreeSet<>();
    Path list = Cli.HOME.resolve("io-root/src/test/resources/corpus-exceptions.txt");
    for (String line : Files.readAllLines(list)) {
      String[] parts = line.split("\\|", 2);
      if (parts.length == 2 && parts[1].trim().startsWith("differs")) {
        known.add(parts[0].trim());
      }
    }
    return known;
  }

  @Test
  void everyColumnOfTheCorporaIsRightOrSaysWhyItIsNotRead() throws IOException {
    Path corpus = Shared.require("corpus");
    List<String> wrong = new ArrayList<>();
    int equal = 0;
    int unread = 0;
    Set<String> known = known();
    Set<String> met = new TreeSet<>();
    for (String part : List.of("root", "written")) {
      JsonNode reference = JSON.readTree(corpus.resolve(part).resolve("reference.json").toFile());
      for (var file : reference.get("files").properties()) {
        Cli run =
            Cli.run(
                "inspect", corpus.resolve(part).resolve(file.getKey()), "--json", "--checksums");
        assertEquals(0, run.code(), file.getKey() + ": " + run.err());
        JsonNode trees = JSON.readTree(run.out()).get("trees");
        for (var tree : file.getValue().get("trees").properties()) {
          JsonNode ours = trees.get(tree.getKey());
          assertNotNull(ours, file.getKey() + ": " + tree.getKey());
          assertEquals(tree.getValue().get("entries"), ours.get("entries"), file.getKey());
          Map<String, JsonNode> columns = new HashMap<>();
          ours.get("columns").forEach(c -> columns.putIfAbsent(c.get("name").asText(), c));
          for (JsonNode column : tree.getValue().get("columns")) {
            String where = file.getKey() + ":" + tree.getKey() + ":" + column.get("name").asText();
            JsonNode our = columns.get(column.get("name").asText());
            if (column.get("read_by").isEmpty()) {
              continue;
            }
            if (our == null) {
              wrong.add(where + ": not listed");
            } else if (our.has("unsupported")) {
              assertTrue(our.get("unsupported").asText().length() > 10, where);
              unread++;
            } else if (our.has("error")) {
              wrong.add(where + ": " + our.get("error").asText());
            } else if (same(column.get("parts"), our.get("parts"))) {
              equal++;
            } else if (known.contains(where)) {
              met.add(where);
            } else {
              wrong.add(where + ": " + column.get("parts") + " but " + our.get("parts"));
            }
          }
        }
      }
    }
    System.out.println(
        "inspect: "
            + equal
            + " columns equal, "
            + unread
            + " not read, "
            + met.size()
            + " known to differ");
    assertEquals(List.of(), wrong);
    assertEquals(known, met, "known differences that are gone");
    assertEquals(0, unread, "columns not read");
    assertTrue(equal > 6500, equal + " columns");
  }

  @Test
  void everyObjectOfTheCorporaHasTheValuesThatRootGives() throws IOException {
    Path corpus = Shared.require("corpus");
    int compared = 0;
    for (String part : List.of("root", "written")) {
      JsonNode reference = JSON.readTree(corpus.resolve(part).resolve("reference.json").toFile());
      for (var file : reference.get("files").properties()) {
        if (file.getValue().get("objects").isEmpty()) {
          continue;
        }
        Cli run = Cli.run("inspect", corpus.resolve(part).resolve(file.getKey()), "--json");
        assertEquals(0, run.code(), file.getKey() + ": " + run.err());
        JsonNode objects = JSON.readTree(run.out()).get("objects");
        for (var object : file.getValue().get("objects").properties()) {
          String where = file.getKey() + ":" + object.getKey();
          JsonNode ours = objects.get(object.getKey());
          assertNotNull(ours, where);
          assertSame(where, object.getValue(), ours);
          compared++;
        }
      }
    }
    assertTrue(compared > 50, compared + " objects");
  }

  /** Everything the reference says, ours says too. */
  private static void assertSame(String where, JsonNode reference, JsonNode ours) {
    if (reference.isNumber()) {
      assertEquals(reference.asDouble(), ours.asDouble(), where);
    } else if (reference.isObject()) {
      for (var field : reference.properties()) {
        assertNotNull(ours.get(field.getKey()), where + "." + field.getKey());
        assertSame(where + "." + field.getKey(), field.getValue(), ours.get(field.getKey()));
      }
    } else if (reference.isArray()) {
      assertEquals(reference.size(), ours.size(), where);
      for (int i = 0; i < reference.size(); i++) {
        assertSame(where + "[" + i + "]", reference.get(i), ours.get(i));
      }
    } else {
      assertEquals(reference, ours, where);
    }
  }

  private static boolean same(JsonNode reference, JsonNode ours) {
    if (ours == null || reference.size() != ours.size()) {
      return false;
    }
    for (int i = 0; i < reference.size(); i++) {
      JsonNode a = reference.get(i);
      JsonNode b = ours.get(i);
      for (String field : List.of("part", "shape", "crc32", "offsets_crc32")) {
        if (!a.get(field).asText().equals(b.get(field).asText())) {
          return false;
        }
      }
      if (a.get("count").asLong() != b.get("count").asLong()
          || a.get("nonfinite").asLong() != b.get("nonfinite").asLong()
          || !near(a.get("sum"), b.get("sum"), 1e-9)
          || !near(a.get("min"), b.get("min"), 0)
          || !near(a.get("max"), b.get("max"), 0)) {
        return false;
      }
    }
    return true;
  }

  private static boolean near(JsonNode a, JsonNode b, double relative) {
    if (a.isNull() || b.isNull()) {
      return a.isNull() && b.isNull();
    }
    return Math.abs(a.asDouble() - b.asDouble())
        <= relative * Math.abs(a.asDouble()) + (relative > 0 ? 1e-300 : 0);
  }

  @Test
  void theTextNamesKeysColumnsAndClusters() {
    Cli run = Cli.run("inspect", Cli.HOME.resolve("samples/events_sample.root"));
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("Events;1  TTree"), run.out());
    assertTrue(run.out().contains("Events;1 (TTree): 500 entries"), run.out());
    assertTrue(run.out().contains("PFCands_pt"), run.out());
  }
}
