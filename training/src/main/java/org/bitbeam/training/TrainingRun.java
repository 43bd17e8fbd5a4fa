package org.bitbeam.training;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.ModelBundle;

/**
 * What trainings keep beside the bundle they write, and what they write into it about themselves.
 *
 * @param bundle folder to write
 */
record TrainingRun(Path bundle) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Parameters to begin with, when there is no checkpoint. */
  interface Start {
    Parameters parameters() throws IOException;
  }

  /** Where the state of an unfinished training is kept. */
  Path checkpoint() {
    return beside(".checkpoint");
  }

  /** JSON lines: every 50 steps and every epoch. */
  Path log() {
    return beside(".log.jsonl");
  }

  private Path beside(String suffix) {
    return bundle.resolveSibling(bundle.getFileName() + suffix);
  }

  /** Refuses to replace a bundle. */
  void requireFree() throws FileAlreadyExistsException {
    if (Files.exists(bundle)) {
      throw new FileAlreadyExistsException(
          bundle.toString(), null, "there is something of that name; it is not replaced");
    }
  }

  /** Settings as they read from a file: numbers of one kind. */
  static JsonNode asRead(ObjectNode settings) throws IOException {
    return JSON.readTree(JSON.writeValueAsBytes(settings));
  }

  /**
   * The state of the checkpoint, or a new one.
   *
   * @param settings as {@link #asRead}
   * @throws IllegalArgumentException when the checkpoint belongs to other settings
   */
  TrainingState state(JsonNode settings, double weightDecay, Start start) throws IOException {
    Path file = checkpoint();
    if (Files.exists(file)) {
      TrainingState state = TrainingState.read(file);
      if (!state.settings.equals(settings)) {
        throw new IllegalArgumentException(
            file
                + " belongs to a training with other settings: "
                + state.settings
                + "; these are "
                + settings
                + ". Delete it to start anew");
      }
      return state;
    }
    Files.deleteIfExists(log());
    return new TrainingState(settings, start.parameters(), weightDecay);
  }

  /** Writes log and checkpoint. */
  TrainingLoop.Listener listener(TrainingJob.Progress progress) {
    return new TrainingLoop.Listener() {
      @Override
      public void step(long done, long total) {
        progress.step(done, total);
      }

      @Override
      public void log(JsonNode line) throws IOException {
        Files.writeString(
            TrainingRun.this.log(),
            JSON.writeValueAsString(line) + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        if (line.has("epoch")) {
          progress.log(line);
        }
      }

      @Override
      public void save(TrainingState state) throws IOException {
        state.write(checkpoint());
      }
    };
  }

  /** SHA-256 over the SHA-256 of the files, in the order given. */
  static String fingerprint(List<Path> files) throws IOException {
    try {
      MessageDigest all = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        MessageDigest one = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            one.update(buffer, 0, n);
          }
        }
        all.update(one.digest());
      }
      return HexFormat.of().formatHex(all.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Adds what the data are known by.
   *
   * @param validation files with the validation sample; empty: a share of the data
   */
  static void addSample(ObjectNode settings, List<Path> data, List<Path> validation, double share)
      throws IOException {
    settings.put("dataSha256", fingerprint(data));
    if (validation.isEmpty()) {
      settings.put("validationShare", share);
    } else {
      settings.put("validationSha256", fingerprint(validation));
    }
  }

  /** Adds what the checkpoints are known by that a training begins with and learns from. */
  static void addTwins(ObjectNode settings, Optional<Path> start, Optional<Path> teacher)
      throws IOException {
    if (start.isPresent()) {
      settings.put("startSha256", fingerprint(List.of(start.get())));
    }
    if (teacher.isPresent()) {
      settings.put("teacherSha256", fingerprint(List.of(teacher.get())));
    }
  }

  /**
   * The finished bundle, of a training with these data.
   *
   * @throws IllegalArgumentException when it was trained with others
   */
  ModelBundle finished(List<Path> data, List<Path> validation, double share) throws IOException {
    ObjectNode given = JSON.createObjectNode();
    addSample(given, data, validation, share);
    ModelBundle trained = ModelBundle.open(bundle);
    JsonNode its = trained.manifest().path("training").path("settings");
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      if (!entry.getValue().equals(its.path(entry.getKey()))) {
        throw new IllegalArgumentException(
            bundle
                + " was trained with other data: "
                + entry.getKey()
                + " "
                + its.path(entry.getKey())
                + ", these have "
                + entry.getValue());
      }
    }
    return trained;
  }

  /** What a bundle says about its training. */
  static ObjectNode record(TrainingState state) {
    ObjectNode record = JSON.createObjectNode();
    record.put("framework", "PyTorch " + Engine.getInstance().getVersion() + " by BitBeam");
    record.set("settings", state.settings);
    record.put("parameters", state.parameters.count());
    record.put("bestEpoch", state.bestEpoch);
    record.put("seconds", Math.round(state.seconds));
    record.put("device", Engine.getInstance().defaultDevice().getDeviceType());
    record.put("cpu", cpu());
    record.put("java", System.getProperty("java.version"));
    record.set("curve", state.curve);
    return record;
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
