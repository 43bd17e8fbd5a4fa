package org.bitbeam.root;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ColumnDigest;

/**
 * Facts of the files of a corpus as uproot and ROOT found them (its {@code reference.json}),
 * compared with what this library reads.
 */
final class ReferenceFacts {
  private final Path folder;
  private final JsonNode json;

  private ReferenceFacts(Path folder, JsonNode json) {
    this.folder = folder;
    this.json = json;
  }

  static ReferenceFacts of(Path folder) throws IOException {
    return new ReferenceFacts(
        folder, new ObjectMapper().readTree(folder.resolve("reference.json").toFile()));
  }

  /** The files written for this project, in the resources of the tests. */
  static ReferenceFacts written() throws IOException {
    return of(Path.of("src", "test", "resources", "written"));
  }

  Path folder() {
    return folder;
  }

  /** Files with facts that are there. */
  List<String> files() {
    List<String> names = new ArrayList<>();
    json.get("files").fieldNames().forEachRemaining(names::add);
    names.removeIf(name -> !Files.exists(folder.resolve(name)));
    return names;
  }

  /** Damaged files and the file each was made from. */
  Map<String, String> damaged() {
    Map<String, String> bases = new LinkedHashMap<>();
    json.get("bad")
        .fields()
        .forEachRemaining(e -> bases.put(e.getKey(), e.getValue().get("base").asText()));
    return bases;
  }

  JsonNode file(String name) {
    return json.get("files").get(name);
  }

  List<String> trees(String file) {
    List<String> names = new ArrayList<>();
    file(file).get("trees").fieldNames().forEachRemaining(names::add);
    return names;
  }

  JsonNode tree(String file, String tree) {
    return file(file).get("trees").get(tree);
  }

  /** Whether values of the column are known. */
  static boolean hasValues(JsonNode column) {
    return !column.get("read_by").isEmpty();
  }

  /** Position of the first column with that name, -1 if there is none. */
  static int position(List<ColumnInfo> infos, JsonNode column) {
    String name = column.get("name").asText();
    for (int i = 0; i < infos.size(); i++) {
      if (infos.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Reads a column in two pieces, which must join without a seam, and says how it differs from the
   * facts.
   */
  static List<String> differences(Dataset dataset, int position, JsonNode column)
      throws IOException {
    ColumnDigest digest = new ColumnDigest();
    long cut = dataset.entries() / 3;
    digest.add(dataset.read(position, 0, cut));
    digest.add(dataset.read(position, cut, dataset.entries()));
    return differences(digest.parts(), column.get("parts"));
  }

  private static List<String> differences(List<ColumnDigest.Part> read, JsonNode expected) {
    List<String> all = new ArrayList<>();
    if (read.size() != expected.size()) {
      all.add(read.size() + " parts instead of " + expected.size());
    }
    for (int i = 0; i < Math.min(read.size(), expected.size()); i++) {
      ColumnDigest.Part part = read.get(i);
      JsonNode facts = expected.get(i);
      compare(all, "part", part.part(), facts.get("part").asText());
      compare(all, "shape", part.shape(), facts.get("shape").asText());
      compare(all, "count", part.count(), facts.get("count").asLong());
      compare(all, "crc32", part.crc32(), facts.get("crc32").asText());
      compare(all, "offsets_crc32", part.offsetsCrc32(), facts.get("offsets_crc32").asText());
      compare(all, "nonfinite", part.nonfinite(), facts.get("nonfinite").asLong());
      Double sum = part.sum();
      if (sum == null || facts.get("sum").isNull()) {
        compare(all, "has a sum", sum != null, !facts.get("sum").isNull());
      } else {
        double other = facts.get("sum").asDouble();
        if (Math.abs(sum - other) > 1e-9 * Math.max(Math.abs(sum), Math.abs(other))) {
          all.add("sum " + sum + " instead of " + other);
        }
      }
    }
    return all;
  }

  private static void compare(List<String> all, String what, Object read, Object expected) {
    if (!read.equals(expected)) {
      all.add(what + " " + read + " instead of " + expected);
    }
  }

  /** Columns that are known not to be read or to differ, with the reason. */
  static Map<String, String> exceptions() throws IOException {
    Map<String, String> reasons = new LinkedHashMap<>();
    try (InputStream in = ReferenceFacts.class.getResourceAsStream("/corpus-exceptions.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          int bar = line.indexOf(" | ");
          reasons.put(line.substring(0, bar), line.substring(bar + 3));
        }
      }
    }
    return reasons;
  }
}
