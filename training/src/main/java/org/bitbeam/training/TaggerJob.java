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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.Preprocessing;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * Trains a tagger from files to a bundle: {@code bitbeam train tagger}. For one thread.
 *
 * @param data ROOT files with the training jets
 * @param validation files with the validation jets; empty: a share of the training events
 * @param tree dataset in each file
 * @param layout how it holds jets
 * @param truth column with the classes
 * @param signal its values for signal
 * @param background its values for background
 * @param event column with event numbers; needed when the validation jets are a share
 * @param share of the events that are kept back
 * @param network {@code pfn}
 * @param width of its hidden layers
 * @param plan precision of each layer: {@code float}, {@code bit}, or the text of a JSON plan
 * @param options of the training
 * @param start checkpoint whose best parameters are the first ones
 * @param teacher checkpoint whose best parameters are the teacher
 * @param memoryBytes limit for the jets that are held
 * @param licence of the bundle
 * @param bundle folder to write
 */
public record TaggerJob(
    List<Path> data,
    List<Path> validation,
    String tree,
    ConstituentLayout layout,
    String truth,
    Set<Long> signal,
    Set<Long> background,
    String event,
    double share,
    String network,
    int width,
    String plan,
    TrainingOptions options,
    Optional<Path> start,
    Optional<Path> teacher,
    long memoryBytes,
    String licence,
    Path bundle) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREPROCESS = "qg-preprocess.json";
  private static final int SELF_TEST_JETS = 20;

  /** The hidden layers are ternary, the first and the last stay float. */
  private static final String BIT =
      "{\"layers\":[{\"match\":\"phi.0\",\"precision\":\"float\"},"
          + "{\"match\":\"rho.2\",\"precision\":\"float\"}],\"otherwise\":\"ternary\"}";

  /**
   * What came out.
   *
   * @param finished false: it was stopped, the same command continues
   * @param epochs done
   * @param bestEpoch the one that was exported, from 0
   * @param validationAuc of it
   * @param seconds of training
   */
  public record Result(
      boolean finished, int epochs, int bestEpoch, double validationAuc, double seconds) {}

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
    if (!network.equals("pfn")) {
      throw new IllegalArgumentException("no network \"" + network + "\"; there is: pfn");
    }
    byte[] preprocess = resource(PREPROCESS);
    Preprocessing preprocessing = Preprocessing.parse(PREPROCESS, JSON.readTree(preprocess));
    ParticleFlowNetwork tagger =
        new ParticleFlowNetwork(preprocessing.shape(ParticleFlowNetwork.FEATURES, 1).get(0), width);
    JsonNode planJson = planJson();
    Plan precisions = Plan.parse("plan", planJson);
    boolean split = validation.isEmpty();
    JetSelection selection =
        new JetSelection(truth, signal, background, event, share, JetSelection.Part.ALL);
    JetStream training =
        JetStream.open(
            data,
            tree,
            layout,
            preprocessing,
            selection.of(split ? JetSelection.Part.TRAINING : JetSelection.Part.ALL),
            memoryBytes,
            options.seed());
    JetStream held =
        JetStream.open(
            split ? data : validation,
            tree,
            layout,
            preprocessing,
            selection.of(split ? JetSelection.Part.VALIDATION : JetSelection.Part.ALL),
            memoryBytes,
            options.seed());
    JsonNode settings = settings(planJson, training, held);
    TrainingState state = state(settings, tagger);
    Optional<TaggerTraining.Teacher> master = Optional.empty();
    if (teacher.isPresent()) {
      TrainingState other = TrainingState.read(teacher.get());
      Parameters learnt = Parameters.initial(tagger, 0);
      learnt.set(teacher.get().toString(), other.best);
      Plan itsPlan = Plan.parse(teacher.get().toString(), other.settings.path("plan"));
      master = Optional.of(new TaggerTraining.Teacher(learnt, itsPlan));
    }
    TaggerTraining loop =
        new TaggerTraining(tagger, precisions, options, training, held, master, listener(progress));
    loop.run(state, stop);
    if (state.finished) {
      write(tagger, precisions, preprocess, loop, held, state);
    }
    return new Result(state.finished, state.epoch, state.bestEpoch, state.bestScore, state.seconds);
  }

  private TaggerTraining.Listener listener(Progress progress) {
    return new TaggerTraining.Listener() {
      @Override
      public void step(long done, long total) {
        progress.step(done, total);
      }

      @Override
      public void log(JsonNode line) throws IOException {
        Files.writeString(
            TaggerJob.this.log(),
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

  private TrainingState state(JsonNode settings, TrainableNetwork tagger) throws IOException {
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
    Parameters parameters = Parameters.initial(tagger, options.seed());
    if (start.isPresent()) {
      parameters.set(start.get().toString(), TrainingState.read(start.get()).best);
    }
    return new TrainingState(settings, parameters, options.weightDecay());
  }

  private JsonNode planJson() throws IOException {
    return switch (plan) {
      case "float" -> JSON.createObjectNode().put("otherwise", "float");
      case "bit" -> JSON.readTree(BIT);
      default -> JSON.readTree(plan);
    };
  }

  private JsonNode settings(JsonNode planJson, JetStream training, JetStream held)
      throws IOException {
    ObjectNode settings = JSON.createObjectNode();
    settings.put("network", network).put("width", width);
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
      TrainableNetwork tagger,
      Plan precisions,
      byte[] preprocess,
      TaggerTraining loop,
      JetStream held,
      TrainingState state)
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
    metrics.put("auc", state.bestScore);
    ObjectNode record = JSON.createObjectNode();
    record.put("framework", "PyTorch " + Engine.getInstance().getVersion() + " by BitBeam");
    record.set("settings", state.settings);
    record.put("parameters", state.parameters.count());
    record.put("bestEpoch", state.bestEpoch);
    record.put("seconds", Math.round(state.seconds));
    record.put("cpu", cpu());
    record.put("java", System.getProperty("java.version"));
    record.set("curve", state.curve);
    TaggerBundle.of(
            String.valueOf(bundle.getFileName()),
            licence,
            tagger,
            state.best,
            precisions,
            preprocess,
            test,
            loop.logits(state.best, test),
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

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TaggerJob.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new NoSuchFileException(name);
      }
      return in.readAllBytes();
    }
  }
}
