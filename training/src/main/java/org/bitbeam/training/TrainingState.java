package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/**
 * Everything a training needs to go on as if nothing had happened, and its file: a zip with {@code
 * state.json} and arrays in numpy's format. For one thread.
 */
final class TrainingState {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEADER = "state.json";
  private static final int FORMAT = 1;

  /** What must be the same when it goes on: options, plan, data. */
  final JsonNode settings;

  final Parameters parameters;
  final Parameters average;
  final Parameters best;
  AdamW optimiser;
  int epoch;
  int step;
  double lossSum;
  double bestScore = Double.NEGATIVE_INFINITY;
  int bestEpoch = -1;
  double seconds;
  boolean finished;
  final ArrayNode curve;

  TrainingState(JsonNode settings, Parameters parameters, double weightDecay) {
    this.settings = settings;
    this.parameters = parameters;
    this.average = parameters.copy();
    this.best = parameters.copy();
    this.optimiser = new AdamW(parameters, weightDecay);
    this.curve = JSON.createArrayNode();
  }

  private Map<String, Parameters> groups() {
    Map<String, Parameters> groups = new LinkedHashMap<>();
    groups.put("parameters", parameters);
    groups.put("average", average);
    groups.put("best", best);
    groups.put("first", optimiser.first());
    groups.put("second", optimiser.second());
    return groups;
  }

  /** Writes the file; it appears complete or stays as it was. */
  void write(Path file) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.put("format", FORMAT);
    header.set("settings", settings);
    header.put("epoch", epoch).put("step", step).put("lossSum", lossSum);
    if (bestEpoch >= 0) {
      header.put("bestScore", bestScore);
    }
    header.put("bestEpoch", bestEpoch).put("seconds", seconds).put("finished", finished);
    header.put("optimiserSteps", optimiser.steps());
    header.set("curve", curve);
    ArrayNode statistics = header.putArray("statistics");
    parameters.all().stream().filter(p -> !p.isTrained()).forEach(p -> statistics.add(p.name()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entry(zip, HEADER, JSON.writeValueAsBytes(header));
      for (Map.Entry<String, Parameters> group : groups().entrySet()) {
        for (Parameter p : group.getValue().all()) {
          entry(
              zip,
              group.getKey() + "/" + p.name() + ".npy",
              Npy.format(Tensor.of(p.values(), p.shape())));
        }
      }
    }
    Path absolute = file.toAbsolutePath();
    Path temporary = absolute.resolveSibling(absolute.getFileName() + ".incomplete");
    Files.write(temporary, bytes.toByteArray());
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /**
   * Reads a checkpoint.
   *
   * @throws IllegalArgumentException when it is none
   */
  static TrainingState read(Path file) throws IOException {
    JsonNode header = null;
    Map<String, List<Parameter>> groups = new LinkedHashMap<>();
    Set<String> statistics = new HashSet<>(); // the header is the first entry
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        byte[] content = zip.readAllBytes();
        String name = e.getName();
        int slash = name.indexOf('/');
        if (name.equals(HEADER)) {
          header = JSON.readTree(content);
          header.path("statistics").forEach(node -> statistics.add(node.asText()));
        } else if (slash > 0 && name.endsWith(".npy")) {
          Tensor tensor = Npy.parse(file + ": " + name, content);
          groups
              .computeIfAbsent(name.substring(0, slash), key -> new ArrayList<>())
              .add(
                  new Parameter(
                      name.substring(slash + 1, name.length() - ".npy".length()),
                      tensor.shape(),
                      tensor.floats().clone(),
                      !statistics.contains(name.substring(slash + 1, name.length() - 4))));
        }
      }
    }
    if (header == null || header.path("format").asInt() != FORMAT) {
      throw new IllegalArgumentException(file + " is no checkpoint of a training");
    }
    JsonNode settings = header.path("settings");
    String label = file.toString();
    TrainingState state =
        new TrainingState(
            settings,
            Parameters.of(groups.getOrDefault("parameters", List.of())),
            settings.path("options").path("weightDecay").asDouble());
    state.average.set(label, Parameters.of(groups.getOrDefault("average", List.of())));
    state.best.set(label, Parameters.of(groups.getOrDefault("best", List.of())));
    Parameters first = state.optimiser.first();
    Parameters second = state.optimiser.second();
    first.set(label, Parameters.of(groups.getOrDefault("first", List.of())));
    second.set(label, Parameters.of(groups.getOrDefault("second", List.of())));
    state.optimiser =
        new AdamW(
            settings.path("options").path("weightDecay").asDouble(),
            first,
            second,
            header.path("optimiserSteps").asLong());
    state.epoch = header.path("epoch").asInt();
    state.step = header.path("step").asInt();
    state.lossSum = header.path("lossSum").asDouble();
    state.bestScore = header.path("bestScore").asDouble(Double.NEGATIVE_INFINITY);
    state.bestEpoch = header.path("bestEpoch").asInt(-1);
    state.seconds = header.path("seconds").asDouble();
    state.finished = header.path("finished").asBoolean();
    header.path("curve").forEach(state.curve::add);
    return state;
  }
}
