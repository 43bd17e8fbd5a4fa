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
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * Trains a network from files to a bundle: {@code bitbeam train}. For one thread.
 *
 * @param data ROOT files with the training jets
 * @param validation files with the validation jets; empty: a share of the training events
 * @param tree dataset in each file
 * @param layout how it holds jets, as {@link ConstituentLayout#of} takes it
 * @param truth column with what is learnt, a value a jet
 * @param event column with event numbers; needed when the validation jets are a share
 * @param share of the events that are kept back
 * @param task what is trained
 * @param plan precision of each layer: a name that the task knows, or the text of a JSON plan
 * @param options of the training
 * @param start checkpoint whose best parameters are the first ones
 * @param teacher checkpoint whose best parameters are the teacher
 * @param memoryBytes limit for the jets that are held
 * @param licence of the bundle
 * @param bundle folder to write
 */
public record TrainingJob(
    List<Path> data,
    List<Path> validation,
    String tree,
    String layout,
    String truth,
    String event,
    double share,
    TrainingTask task,
    String plan,
    TrainingOptions options,
    Optional<Path> start,
    Optional<Path> teacher,
    long memoryBytes,
    String licence,
    Path bundle) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SELF_TEST_JETS = 20;

  /**
   * What came out.
   *
   * @param finished false: it was stopped, the same command continues
   * @param epochs done
   * @param bestEpoch the one that was exported, from 0
   * @param metric what it is the best by: {@code auc}, or {@code meanSinSquared} of angles
   * @param validation its value for the validation jets
   * @param seconds of training
   */
  public record Result(
      boolean finished,
      int epochs,
      int bestEpoch,
      String metric,
      double validation,
      double seconds) {}

  /** Sees how far it is. */
  public interface Progress {
    /** After every step. */
    void step(long done, long total);

    /** After every epoch, a line of the log. */
    void log(JsonNode line);
  }

  /** Where the state of an unfinished training is kept. */
  public Path checkpoint() {
    return beside(".checkpoint");
  }

  /** JSON lines: every 50 steps and every epoch. */
  public Path log() {
    return beside(".log.jsonl");
  }

  private Path beside(String suffix) {
    return bundle.resolveSibling(bundle.getFileName() + suffix);
  }

  /**
   * Trains, from the checkpoint if there is one, and writes the bundle when it has finished. The
   * checkpoint stays, for {@code start} and {@code teacher} of others.
   *
   * @param stop asked after every step
   * @throws IllegalArgumentException when there is no such network or data, or the checkpoint
   *     belongs to other settings
   * @throws ArithmeticException when loss or gradients are not finite
   */
  public Result run(Progress progress, BooleanSupplier stop) throws IOException {
    if (Files.exists(bundle)) {
      throw new FileAlreadyExistsException(
          bundle.toString(), null, "there is something of that name; it is not replaced");
    }
    JsonNode planJson = task.planJson(plan);
    Plan precisions = Plan.parse("plan", planJson);
    TrainableNetwork network = task.network(precisions);
    boolean split = validation.isEmpty();
    JetStream training = jets(data, split ? JetSelection.Part.TRAINING : JetSelection.Part.ALL);
    JetStream held =
        split ? jets(data, JetSelection.Part.VALIDATION) : jets(validation, JetSelection.Part.ALL);
    JsonNode settings = settings(planJson, training, held);
    TrainingState state = state(settings, network);
    TrainingLoop loop =
        new TrainingLoop(
            network,
            task.objective(),
            precisions,
            options,
            training,
            held,
            master(),
            listener(progress));
    loop.run(state, stop);
    double score = loop.bestScore(state);
    if (state.finished) {
      write(network, precisions, loop, held, state, score);
    }
    return new Result(
        state.finished,
        state.epoch,
        state.bestEpoch,
        task.objective().metric(),
        score,
        state.seconds);
  }

  private JetStream jets(List<Path> files, JetSelection.Part part) throws IOException {
    return JetStream.open(
        files,
        tree,
        ConstituentLayout.of(layout),
        task.inputs(),
        new JetSelection(truth, task.classes(), event, share, part),
        memoryBytes,
        options.seed());
  }

  private Optional<TrainingLoop.Teacher> master() throws IOException {
    if (teacher.isEmpty()) {
      return Optional.empty();
    }
    TrainingState other = TrainingState.read(teacher.get());
    Plan itsPlan = Plan.parse(teacher.get().toString(), other.settings.path("plan"));
    TrainableNetwork network = task.networkOf(other.settings, itsPlan);
    Parameters learnt = Parameters.initial(network, 0);
    learnt.set(teacher.get().toString(), other.best);
    return Optional.of(new TrainingLoop.Teacher(network, learnt, itsPlan));
  }

  private TrainingLoop.Listener listener(Progress progress) {
    return new TrainingLoop.Listener() {
      @Override
      public void step(long done, long total) {
        progress.step(done, total);
      }

      @Override
      public void log(JsonNode line) throws IOException {
        Files.writeString(
            TrainingJob.this.log(),
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

  private TrainingState state(JsonNode settings, TrainableNetwork network) throws IOException {
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
    Parameters parameters = Parameters.initial(network, options.seed());
    if (start.isPresent()) {
      parameters.set(start.get().toString(), TrainingState.read(start.get()).best);
    }
    return new TrainingState(settings, parameters, options.weightDecay());
  }

  private JsonNode settings(JsonNode planJson, JetStream training, JetStream held)
      throws IOException {
    ObjectNode settings = task.settings();
    settings.put("truth", truth);
    settings.set("plan", planJson);
    settings.set("options", options.json());
    settings.put("memoryBytes", memoryBytes);
    settings.put("trainingJets", training.rows()).put("validationJets", held.rows());
    settings.put("dataSha256", fingerprint(data));
    if (validation.isEmpty()) {
      settings.put("validationShare", share);
    } else {
      settings.put("validationSha256", fingerprint(validation));
    }
    if (start.isPresent()) {
      settings.put("startSha256", fingerprint(List.of(start.get())));
    }
    if (teacher.isPresent()) {
      settings.put("teacherSha256", fingerprint(List.of(teacher.get())));
    }
    // As it reads from a file: numbers of one kind.
    return JSON.readTree(JSON.writeValueAsBytes(settings));
  }

  /** SHA-256 over the SHA-256 of the files, in the order given. */
  private static String fingerprint(List<Path> files) throws IOException {
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

  private void write(
      TrainableNetwork network,
      Plan precisions,
      TrainingLoop loop,
      JetStream held,
      TrainingState state,
      double score)
      throws IOException {
    JetBatch[] first = new JetBatch[1];
    held.inOrder(
        SELF_TEST_JETS,
        (step, batch) -> {
          first[0] = batch;
          return false;
        });
    JetBatch test = Objects.requireNonNull(first[0]);
    ObjectNode metrics = JSON.createObjectNode();
    metrics.put("sample", held.rows() + " validation jets, used to choose the epoch");
    metrics.put(task.objective().metric(), score);
    ObjectNode record = JSON.createObjectNode();
    record.put("framework", "PyTorch " + Engine.getInstance().getVersion() + " by BitBeam");
    record.set("settings", state.settings);
    record.put("parameters", state.parameters.count());
    record.put("bestEpoch", state.bestEpoch);
    record.put("seconds", Math.round(state.seconds));
    record.put("cpu", cpu());
    record.put("java", System.getProperty("java.version"));
    record.set("curve", state.curve);
    task.bundle(
            String.valueOf(bundle.getFileName()),
            licence,
            network,
            layout,
            state.best,
            precisions,
            test,
            loop.outputs(state.best, test),
            metrics,
            record)
        .write(bundle);
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
