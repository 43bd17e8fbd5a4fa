package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Damaged files are refused with a sentence, or give the values of the file they were made from.
 */
class DamagedFilesTest {
  /**
   * Damage that nobody can see: the basket of this column is stored uncompressed (LZ4 file) or in a
   * Zstandard frame, and ROOT writes no checksum with either.
   */
  private static final Map<String, String> UNPROTECTED =
      Map.of(
          "bad_payload_lz4.root", "weight",
          "bad_block_tag_lz4.root", "weight",
          "bad_payload_zstd.root", "weight");

  @TestFactory
  Stream<DynamicTest> damagedFileIsRefusedOrGivesTheRightValues() throws IOException {
    ReferenceFacts facts = ReferenceFacts.written();
    return facts.damaged().entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () ->
                        assertTimeoutPreemptively(
                            Duration.ofSeconds(5), () -> check(facts, e.getKey(), e.getValue()))));
  }

  private static void check(ReferenceFacts facts, String file, String base) throws IOException {
    List<String> wrong = new ArrayList<>();
    try (RootFile root = RootFile.open(facts.folder().resolve(file))) {
      for (String tree : facts.trees(base)) {
        try {
          Dataset dataset = root.dataset(tree);
          JsonNode expected = facts.tree(base, tree);
          if (dataset.entries() != expected.get("entries").asLong()) {
            wrong.add(tree + " has " + dataset.entries() + " entries");
          }
          for (JsonNode column : expected.get("columns")) {
            if (ReferenceFacts.hasValues(column)) {
              check(dataset, column, wrong);
              String name = column.get("name").asText();
              if (name.equals(UNPROTECTED.get(file))) {
                assertEquals(1, wrong.size(), "the damage is there");
                wrong.clear();
              }
            }
          }
        } catch (RootFormatException | UnsupportedRootException | IllegalArgumentException e) {
          Damage.assertPolite(e);
        }
      }
    } catch (RootFormatException | UnsupportedRootException e) {
      Damage.assertPolite(e);
    }
    assertEquals(List.of(), wrong);
  }

  private static void check(Dataset dataset, JsonNode column, List<String> wrong)
      throws IOException {
    int position = ReferenceFacts.position(dataset.columns(), column);
    if (position < 0) {
      wrong.add(column.get("name") + " is missing");
      return;
    }
    try {
      List<String> differences = ReferenceFacts.differences(dataset, position, column);
      if (!differences.isEmpty()) {
        wrong.add(column.get("name") + ": " + differences);
      }
    } catch (RootFormatException | UnsupportedRootException e) {
      Damage.assertPolite(e);
    }
  }
}
