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
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * Trains a network for an objective. The same seed, data and number of threads give the same
 * losses. For one thread.
 */
final class TrainingLoop {
  private static final int LOG_STEPS = 50;
  private static final ObjectMapper JSON = new ObjectMapper();

  // PyTorch's momentum of running means and variances.
  private static final double MOMENTUM = 0.1;
  private static final long WEIGHTS = 0x3C6EF372FE94F82BL;

  private final TrainableNetwork network;
  private final Objective objective;
  private final Plan plan;
  private final Bayesian bayesian;
  private final CounterRandom random;
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

  /** A trained network whose outputs are learnt. */
  record Teacher(TrainableNetwork network, Parameters parameters, Plan plan) {}

  /**
   * What a batch says.
   *
   * @param gradients of the parameters that are trained
   * @param statistics means and variances of the batch, for the other ones
   */
  record Step(double loss, Map<String, float[]> gradients, Map<String, float[]> statistics) {}

  TrainingLoop(
      TrainableNetwork network,
      Objective objective,
      Plan plan,
      TrainingOptions options,
      BatchStream training,
      BatchStream validation,
      Optional<Teacher> teacher,
      Listener listener) {
    this(network, objective, plan, Bayesian.NONE, options, training, validation, teacher, listener);
  }

  TrainingLoop(
      TrainableNetwork network,
      Objective objective,
      Plan plan,
      Bayesian bayesian,
      TrainingOptions options,
      BatchStream training,
      BatchStream validation,
      Optional<Teacher> teacher,
      Listener listener) {
    this.network = network;
    this.objective = objective;
    this.plan = plan;
    this.bayesian = bayesian;
    this.random = new CounterRandom(options.seed() ^ WEIGHTS);
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
    double softness = Annealing.softness(done, options.anneal() * total);
    Step result = gradients(state.parameters, batch, done, softness);
    Map<String, float[]> gradients = result.gradients();
    double loss = result.loss();
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
    result.statistics().forEach((name, values) -> move(state.parameters.get(name), values));
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

  private static void move(Parameter statistic, float[] batch) {
    float[] running = statistic.values();
    for (int i = 0; i < running.length; i++) {
      running[i] = (float) ((1 - MOMENTUM) * running[i] + MOMENTUM * batch[i]);
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
    double score = score(state.average);
    double rank = objective.largerIsBetter() ? score : -score;
    ObjectNode line =
        JSON.createObjectNode()
            .put("epoch", state.epoch)
            .put("loss", state.lossSum / epochSteps)
            .put(key(objective), score)
            .put("seconds", Math.round(state.seconds * 10) / 10.0);
    state.curve.add(line);
    listener.log(line);
    if (rank > state.bestScore) {
      state.bestScore = rank;
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

  /** What the curve and the log call a score of the validation jets, such as validationAuc. */
  static String key(Objective objective) {
    String name = objective.metric();
    return "validation" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  /** Loss and gradients of a batch; all else vanishes from native memory before it returns. */
  Step gradients(Parameters parameters, JetBatch batch) {
    return gradients(parameters, batch, 0, 0);
  }

  private Step gradients(Parameters parameters, JetBatch batch, long step, double softness) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray targets =
          manager.create(
              objective.of(batch.truth(), taught(manager, batch), options.distillation()),
              new Shape(batch.jets(), objective.targets()));
      TorchOperations operations =
          new TorchOperations(manager, parameters, plan, true)
              .drawing(bayesian, random, step)
              .softened(softness);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray output = network.apply(operations, TorchOperations.arrays(manager, batch.inputs()));
        NDArray loss = objective.loss(output, targets);
        collector.backward(loss);
        Map<String, float[]> gradients = new LinkedHashMap<>();
        for (Parameter p : parameters.trained()) {
          gradients.put(p.name(), operations.gradient(p.name()));
        }
        double share = 1.0 / Math.max(1, training.rows());
        bayesian.addGradients(parameters, gradients, share);
        return new Step(
            loss.getFloat() + share * bayesian.divergence(parameters),
            gradients,
            operations.statistics());
      }
    }
  }

  private Optional<NDArray> taught(NDManager manager, JetBatch batch) {
    return options.distillation() == 0
        ? Optional.empty()
        : teacher.map(
            t ->
                t.network()
                    .apply(
                        new TorchOperations(manager, t.parameters(), t.plan(), false),
                        TorchOperations.arrays(manager, batch.inputs())));
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

  /** Outputs of a batch, by jet. */
  float[] outputs(Parameters parameters, JetBatch batch) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return network
          .apply(
              new TorchOperations(manager, parameters, plan, false),
              TorchOperations.arrays(manager, batch.inputs()))
          .toFloatArray();
    }
  }

  /** The score of the best epoch; infinite, or minus that, before the first one ends. */
  double bestScore(TrainingState state) {
    return objective.largerIsBetter() ? state.bestScore : -state.bestScore;
  }

  /** How good the parameters are on the validation jets. */
  double score(Parameters parameters) throws IOException {
    Validated found = Validated.of(validation, batch -> outputs(parameters, batch));
    return objective.score(found.outputs(), found.truth());
  }
}
