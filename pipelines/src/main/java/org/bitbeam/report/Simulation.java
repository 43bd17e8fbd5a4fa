package org.bitbeam.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.report.Block.Fact;
import org.bitbeam.report.Block.Facts;
import org.bitbeam.report.Block.Table;
import org.bitbeam.report.Block.Warning;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.ModelBundle;

/**
 * A file of showers, with the summary that {@code bitbeam simulate} has written beside it.
 *
 * @param file the showers
 * @param summary empty when there is none
 */
record Simulation(Path file, Optional<JsonNode> summary) {
  private static final String SUFFIX = "." + JobReport.SUMMARY;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Where the summary of a file is. */
  static Path summaryOf(Path file) {
    return file.resolveSibling(file.getFileName() + SUFFIX);
  }

  static Simulation of(Path file) throws IOException {
    Path summary = summaryOf(file);
    return new Simulation(
        file,
        Files.exists(summary)
            ? Optional.of(JSON.readTree(Files.readString(summary)))
            : Optional.empty());
  }

  /** Those of a folder, by name. */
  static List<Simulation> in(Path folder) throws IOException {
    List<Simulation> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path summary : all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList()) {
        String name = String.valueOf(summary.getFileName());
        Path file = summary.resolveSibling(name.substring(0, name.length() - SUFFIX.length()));
        if (Files.exists(file)) {
          found.add(of(file));
        }
      }
    }
    return found;
  }

  /** The sections about it. */
  List<Section> sections(ReportOptions options) throws IOException {
    Optional<ModelBundle> bundle = bundle();
    CaloGeometry geometry =
        options
            .geometry()
            .or(() -> bundle.map(ShowerFile::geometry))
            .orElseThrow(
                () ->
                    new IOException(
                        file + ": the voxels of these showers are not known; give --geometry"));
    int most = ShowerSection.most(geometry);
    Showers showers = ShowerFile.read(file, geometry, most);
    Optional<Showers> reference = Optional.empty();
    if (options.reference().isPresent()) {
      reference = Optional.of(ShowerFile.read(options.reference().get(), geometry, most));
    }
    List<Section> sections = new ArrayList<>();
    sections.add(
        ShowerSection.of(
            String.valueOf(file.getFileName()), geometry, showers, reference, tiles()));
    summary.ifPresent(json -> sections.add(provenance(json, bundle)));
    return sections;
  }

  /** The bundle that made them, if it is still there and the same. */
  private Optional<ModelBundle> bundle() {
    String path = summary.map(json -> json.path("modelPath").asText("")).orElse("");
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      ModelBundle bundle = ModelBundle.open(Path.of(path));
      boolean same = bundle.fingerprint().equals(summary.get().path("modelFingerprint").asText());
      return same ? Optional.of(bundle) : Optional.empty();
    } catch (IOException | BundleException e) {
      return Optional.empty();
    }
  }

  private List<Fact> tiles() {
    List<Fact> tiles = new ArrayList<>();
    summary.ifPresent(
        json -> {
          long made = json.path("counters").path(ShowerSimulator.SHOWERS).asLong();
          double seconds = json.path("seconds").asDouble();
          tiles.add(new Fact("Model", json.path("model").asText()));
          tiles.add(new Fact("Showers made", Numbers.count(made)));
          tiles.add(new Fact("Time a shower", Numbers.duration(seconds / Math.max(1, made))));
          tiles.add(new Fact("File", Numbers.bytes(json.path("bytes").asLong())));
        });
    return tiles;
  }

  private Section provenance(JsonNode json, Optional<ModelBundle> bundle) {
    List<Block> blocks = new ArrayList<>();
    if (bundle.isEmpty()) {
      blocks.add(
          new Warning(
              "The bundle that made these showers is gone, or another one now: no card of it."));
    }
    List<Fact> facts = new ArrayList<>();
    bundle.ifPresent(model -> JobSections.card(model, facts));
    blocks.add(new Facts(facts));
    List<List<String>> rows = new ArrayList<>();
    TreeMap<String, JsonNode> sorted = new TreeMap<>();
    json.fields().forEachRemaining(field -> sorted.put(field.getKey(), field.getValue()));
    sorted.forEach(
        (name, value) ->
            rows.add(
                List.of(
                    name,
                    JobSections.cut(value.isValueNode() ? value.asText() : value.toString()))));
    blocks.add(
        new Table(
            "How it was made, as in " + summaryOf(file).getFileName(),
            List.of(Block.Column.words("what"), Block.Column.words("value")),
            rows,
            true));
    return new Section("Model and provenance: " + file.getFileName(), blocks);
  }
}
