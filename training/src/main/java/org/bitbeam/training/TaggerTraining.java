package org.bitbeam.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * Trains a network of two classes (background, signal) by cross-entropy. The same seed, data and
 * number of threads give the same losses. For one thread.
 */
final class TaggerTraining {
  private static final int VALIDATION_BATCH = 512;
  private static final int LOG_STEPS = 50;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TrainableNetwork network;
  private final Plan plan;
  private final TrainingOptions options;
  private final BatchStream training;
  private final BatchStream validation;
  private final Optional<Teacher> teacher;
  private final Schedule schedule;
  private final Listener listener;

  /** Sees what happens. */
  interface Listener {
    /**
     * After every step.
     *
     * @param done steps since the first epoch
     * @param total of all epochs
     */
    void step(long done, long total);

    /** A line for the log: every 50 steps and after every epoch. */
    void log(JsonNode line) throws IOException;

    /** After every epoch and before it ends early: the state may be written now. */
    void save(TrainingState state) throws IOException;
  }

  /** A trained network whose probabilities are learnt. */
  record Teacher(Parameters parameters, Plan plan) {}

  TaggerTraining(
      TrainableNetwork network,
      Plan plan,
      TrainingOptions options,
      BatchStream training,
      BatchStream validation,
      Optional<Teacher> teacher,
      Listener listener) {
    this.network = network;
    this.plan = plan;
    this.options = options;
    this.training = training;
    this.validation = validation;
    this.teacher = teacher;
    this.schedule = Schedule.parse(options.schedule());
    this.listener = listener;
  }

  /**
   * Trains until the last epoch, until the validation does not improve, or until it is asked to
   * stop; then the state is saved.
   *
   * @param state changes; its best parameters are the result
   * @throws ArithmeticException when loss or gradients are not finite; the state saved last is good
   */
  void run(TrainingState state, BooleanSupplier stop) throws IOException {
    int epochSteps = training.steps(options.batch());
    long total = (long) epochSteps * options.epochs();
    boolean[] stopped = {false};
    while (!state.finished && !stopped[0]) {
      long start = System.nanoTime();
      double before = state.seconds;
      training.shuffled(
          state.epoch,
          options.batch(),
          state.step,
          (step, batch) -> {
            long done = (long) state.epoch * epochSteps + step;
            step(state, batch, done, epochSteps, total);
            state.step = step + 1;
            state.seconds = before + (System.nanoTime() - start) / 1e9;
            listener.step(done + 1, total);
            stopped[0] = stop.getAsBoolean();
            return !stopped[0];
          });
      if (state.step == epochSteps) {
        endEpoch(state, epochSteps);
        state.seconds = before + (System.nanoTime() - start) / 1e9;
      }
      listener.save(state);
    }
  }

  private void step(TrainingState state, JetBatch batch, long done, int epochSteps, long total)
      throws IOException {
    double rate = options.learningRate() * schedule.factor(done, epochSteps, total);
    Map<String, float[]> gradients = new LinkedHashMap<>();
    double loss = gradients(state.parameters, batch, gradients);
    double norm = norm(gradients);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new ArithmeticException(
          "step "
              + done
              + ": loss "
              + loss
              + ", norm of the gradients "
              + norm
              + "; a smaller learning rate or --clip may help, the last checkpoint is good");
    }
    if (options.clip() > 0 && norm > options.clip()) {
      double factor = options.clip() / norm;
      for (float[] gradient : gradients.values()) {
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] = (float) (gradient[i] * factor);
        }
      }
    }
    state.optimiser.step(state.parameters, gradients, rate);
    average(state.average, state.parameters);
    state.lossSum += loss;
    if ((done + 1) % LOG_STEPS == 0) {
      listener.log(
          JSON.createObjectNode()
              .put("step", done + 1)
              .put("loss", loss)
              .put("learningRate", rate)
              .put("gradientNorm", norm));
    }
  }

  private void average(Parameters average, Parameters parameters) {
    double decay = options.average();
    for (Parameter p : parameters.all()) {
      float[] target = average.get(p.name()).values();
      for (int i = 0; i < target.length; i++) {
        target[i] = (float) (decay * target[i] + (1 - decay) * p.values()[i]);
      }
    }
  }

  private void endEpoch(TrainingState state, int epochSteps) throws IOException {
    double auc = auc(state.average);
    ObjectNode line =
        JSON.createObjectNode()
            .put("epoch", state.epoch)
            .put("loss", state.lossSum / epochSteps)
            .put("validationAuc", auc)
            .put("seconds", Math.round(state.seconds * 10) / 10.0);
    state.curve.add(line);
    listener.log(line);
    if (auc > state.bestScore) {
      state.bestScore = auc;
      state.bestEpoch = state.epoch;
      state.best.set("average", state.average);
    }
    state.epoch++;
    state.step = 0;
    state.lossSum = 0;
    state.finished =
        state.epoch >= options.epochs()
            || (options.patience() > 0 && state.epoch - 1 - state.bestEpoch >= options.patience());
  }

  /** Loss and gradients of a batch; both vanish from native memory before it returns. */
  double gradients(Parameters parameters, JetBatch batch, Map<String, float[]> gradients) {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] targets = targets(manager, batch);
      TorchOperations operations = new TorchOperations(manager, parameters, plan, true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray logits = network.apply(operations, inputs(manager, batch));
        NDArray weights = manager.create(targets, new Shape(batch.jets(), 2));
        NDArray loss = logits.logSoftmax(1).mul(weights).sum();
        collector.backward(loss);
        for (Parameter p : parameters.all()) {
          gradients.put(p.name(), operations.gradient(p.name()));
        }
        return loss.getFloat();
      }
    }
  }

  /**
   * Minus the wanted probabilities over the number of jets: the loss is their product with log p.
   */
  private float[] targets(NDManager manager, JetBatch batch) {
    float[] targets = new float[2 * batch.jets()];
    double share = teacher.isPresent() ? options.distillation() : 0;
    float[] learnt =
        teacher.isEmpty() || share == 0
            ? targets
            : network
                .apply(
                    new TorchOperations(
                        manager, teacher.get().parameters(), teacher.get().plan(), false),
                    inputs(manager, batch))
                .softmax(1)
                .toFloatArray();
    for (int jet = 0; jet < batch.jets(); jet++) {
      for (int k = 0; k < 2; k++) {
        double label = batch.signal()[jet] == (k == 1) ? 1 : 0;
        double wanted = (1 - share) * label + share * learnt[2 * jet + k];
        targets[2 * jet + k] = (float) (-wanted / batch.jets());
      }
    }
    return targets;
  }

  private static Map<String, NDArray> inputs(NDManager manager, JetBatch batch) {
    int variables = batch.features().length / batch.mask().length;
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    inputs.put(
        ParticleFlowNetwork.FEATURES,
        manager.create(batch.features(), new Shape(batch.jets(), variables, batch.length())));
    inputs.put(
        ParticleFlowNetwork.MASK,
        manager.create(batch.mask(), new Shape(batch.jets(), 1, batch.length())));
    return inputs;
  }

  private static double norm(Map<String, float[]> gradients) {
    double sum = 0;
    for (float[] gradient : gradients.values()) {
      for (float g : gradient) {
        sum += (double) g * g;
      }
    }
    return Math.sqrt(sum);
  }

  /** Logits of a batch, background and signal of each jet. */
  float[] logits(Parameters parameters, JetBatch batch) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return network
          .apply(new TorchOperations(manager, parameters, plan, false), inputs(manager, batch))
          .toFloatArray();
    }
  }

  /** Area under the ROC curve of the validation jets. */
  double auc(Parameters parameters) throws IOException {
    double[] scores = new double[validation.rows()];
    boolean[] signal = new boolean[scores.length];
    int[] at = {0};
    validation.inOrder(
        VALIDATION_BATCH,
        (step, batch) -> {
          float[] logits = logits(parameters, batch);
          for (int jet = 0; jet < batch.jets(); jet++) {
            scores[at[0]] = (double) logits[2 * jet + 1] - logits[2 * jet];
            signal[at[0]++] = batch.signal()[jet];
          }
          return true;
        });
    return TaggingMetrics.of(scores, signal).summary().auc();
  }
}
