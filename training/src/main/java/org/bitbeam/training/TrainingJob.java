package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
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

  /**
   * What came out.
   *
   * @param finished false: it was stopped, the same command continues
   * @param epochs done
   * @param bestEpoch the one that was exported, from 0
   * @param metric what it is the best by: {@code auc}, {@code meanSinSquared} of angles, {@code
   *     logLikelihood} of a shower
   * @param validation its value for the validation sample
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
    return files().checkpoint();
  }

  /** JSON lines: every 50 steps and every epoch. */
  public Path log() {
    return files().log();
  }

  private TrainingRun files() {
    return new TrainingRun(bundle);
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
    files().requireFree();
    JsonNode planJson = task.planJson(plan);
    Plan precisions = Plan.parse("plan", planJson);
    TrainableNetwork network = task.network(precisions);
    JetStream training =
        jets(data, validation.isEmpty() ? JetSelection.Part.TRAINING : JetSelection.Part.ALL);
    JetStream held = held();
    JsonNode settings = settings(planJson, training, held);
    TrainingState state =
        files().state(settings, options.weightDecay(), () -> initial(network, precisions));
    TrainingLoop loop =
        new TrainingLoop(
            network,
            task.objective(),
            precisions,
            options,
            training,
            held,
            master(),
            files().listener(progress));
    loop.run(state, stop);
    double score = loop.bestScore(state);
    if (state.finished) {
      write(network, precisions, training.range(), held, state, score);
    }
    return new Result(
        state.finished,
        state.epoch,
        state.bestEpoch,
        task.objective().metric(),
        score,
        state.seconds);
  }

  /**
   * What a backend makes of the finished bundle on the validation jets. The job's plan, options,
   * start and teacher do not count.
   *
   * @param backend name, such as {@code bit}
   * @throws IllegalArgumentException when there is no such backend, or the bundle was trained with
   *     other data
   */
  public TrainingCheck check(String backend) throws IOException {
    ModelBundle trained = files().finished(data, validation, share);
    String output = task.network(Plan.parse("plan", task.planJson(plan))).output();
    try (Network network = trained.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
      return TrainingCheck.of(
          task.objective(),
          trained,
          backend,
          held(),
          batch -> Objects.requireNonNull(network.run(batch.inputs()).get(output)).floats());
    }
  }

  private JetStream held() throws IOException {
    return validation.isEmpty()
        ? jets(data, JetSelection.Part.VALIDATION)
        : jets(validation, JetSelection.Part.ALL);
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
    Parameters learnt = Parameters.initial(network, Bayesian.NONE, itsPlan, 0);
    learnt.set(teacher.get().toString(), other.best);
    return Optional.of(new TrainingLoop.Teacher(network, learnt, itsPlan));
  }

  private Parameters initial(TrainableNetwork network, Plan precisions) throws IOException {
    Parameters parameters = Parameters.initial(network, Bayesian.NONE, precisions, options.seed());
    if (start.isPresent()) {
      parameters.set(start.get().toString(), TrainingState.read(start.get()).best);
    }
    return parameters;
  }

  private JsonNode settings(JsonNode planJson, JetStream training, JetStream held)
      throws IOException {
    ObjectNode settings = task.settings();
    settings.put("truth", truth);
    settings.set("plan", planJson);
    settings.set("options", options.json());
    settings.put("memoryBytes", memoryBytes);
    settings.put("trainingJets", training.rows()).put("validationJets", held.rows());
    TrainingRun.addSample(settings, data, validation, share);
    TrainingRun.addTwins(settings, start, teacher);
    return TrainingRun.asRead(settings);
  }

  private void write(
      TrainableNetwork network,
      Plan precisions,
      TrainedRange trainedFor,
      JetStream held,
      TrainingState state,
      double score)
      throws IOException {
    ObjectNode metrics = JSON.createObjectNode();
    metrics.put("sample", held.rows() + " validation jets, used to choose the epoch");
    metrics.put(task.objective().metric(), score);
    task.bundle(
            String.valueOf(bundle.getFileName()),
            licence,
            network,
            layout,
            state.best,
            precisions,
            trainedFor,
            held,
            metrics,
            TrainingRun.record(state))
        .write(bundle);
  }
}
