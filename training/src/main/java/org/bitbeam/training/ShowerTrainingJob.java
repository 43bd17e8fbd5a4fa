package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/**
 * Trains CaloINN or CaloDREAM on showers to a bundle: {@code bitbeam train calo}. Showers with more
 * than 3.5 times the incident energy, or 600 GeV in a voxel, are left out, as published. For one
 * thread.
 *
 * @param data files with the training showers, for their fingerprint
 * @param validation files with the validation showers; empty: a share of the training showers
 * @param share that is kept back, chosen by a hash of the shower's number
 * @param reader of a file
 * @param task what is trained
 * @param options of the training
 * @param start checkpoint whose best parameters are the first ones
 * @param teacher checkpoint whose best parameters are the teacher (CaloDREAM); a task of few steps
 *     needs one
 * @param memoryBytes limit for the showers that are held
 * @param licence of the bundle
 * @param isPacked whether ternary and binary weights take 1.6 bits in it, which only BitBeam reads
 * @param bundle folder to write
 */
public record ShowerTrainingJob(
    List<Path> data,
    List<Path> validation,
    double share,
    Reader reader,
    ShowerTask task,
    TrainingOptions options,
    Optional<Path> start,
    Optional<Path> teacher,
    long memoryBytes,
    String licence,
    boolean isPacked,
    Path bundle) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FIRST_SHOWERS = 512; // for ActNorms; the published batch
  private static final double MOST_OF_INCIDENT = 3.5;
  private static final double MOST_MEV = 600e3;

  /** A training without a teacher. */
  public ShowerTrainingJob(
      List<Path> data,
      List<Path> validation,
      double share,
      Reader reader,
      ShowerTask task,
      TrainingOptions options,
      Optional<Path> start,
      long memoryBytes,
      String licence,
      boolean isPacked,
      Path bundle) {
    this(
        data,
        validation,
        share,
        reader,
        task,
        options,
        start,
        Optional.empty(),
        memoryBytes,
        licence,
        isPacked,
        bundle);
  }

  /** Reads the showers of a file. */
  public interface Reader {
    /** All showers, of the task's geometry. */
    Showers read(Path file) throws IOException;
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
   * checkpoint stays, for {@code start} of others.
   *
   * @param stop asked after every step
   * @throws IllegalArgumentException when there are no showers, more than memory allows, or the
   *     checkpoint belongs to other settings
   * @throws ArithmeticException when loss or gradients are not finite
   */
  public TrainingJob.Result run(TrainingJob.Progress progress, BooleanSupplier stop)
      throws IOException {
    files().requireFree();
    Loaded training = new Loaded();
    Loaded held = new Loaded();
    load(training, held);
    ShowerSample sample = training.sample("training");
    ShowerStream samples = task.stream(sample, sample, options.seed());
    ShowerStream taught = taught(samples);
    ShowerStream validationSamples = validation(sample, held);
    JsonNode settings = settings(training, held);
    TrainingState state = files().state(settings, options.weightDecay(), () -> initial(samples));
    TrainingLoop loop =
        new TrainingLoop(
            task.network(),
            task.objective(),
            task.plan(),
            task.bayesian(),
            options,
            taught,
            validationSamples,
            Optional.empty(), // outputs are errors: what is learnt stands in the samples
            files().listener(progress));
    loop.run(state, stop);
    double score = loop.bestScore(state);
    if (state.finished) {
      write(state, sample, validationSamples, score);
    }
    return new TrainingJob.Result(
        state.finished,
        state.epoch,
        state.bestEpoch,
        task.objective().metric(),
        score,
        state.seconds);
  }

  /**
   * What a backend makes of the finished bundle on the validation showers, with the noise and times
   * of the training's validation. The job's plan, options and start do not count, the teacher does
   * for a task of few steps.
   *
   * @param backend name, such as {@code bit}
   * @throws IllegalArgumentException when there is no such backend, or the bundle was trained with
   *     other data
   */
  public TrainingCheck check(String backend) throws IOException {
    ModelBundle trained = files().finished(data, validation, share);
    Loaded training = new Loaded();
    Loaded held = new Loaded();
    load(training, held);
    ShowerStream sample = validation(training.sample("training"), held);
    Map<String, Network> networks = new HashMap<>();
    try {
      for (String role : trained.roles()) {
        networks.put(
            role, trained.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT));
      }
      return TrainingCheck.of(
          task.objective(), trained, backend, sample, task.outputs(trained, networks));
    } finally {
      networks.values().forEach(Network::close);
    }
  }

  private ShowerStream validation(ShowerSample training, Loaded held) throws IOException {
    ShowerStream samples = task.stream(training, held.sample("validation"), options.seed());
    return task.needsTeacher() ? taught(samples) : samples;
  }

  private ShowerStream taught(ShowerStream samples) throws IOException {
    if (teacher.isPresent()) {
      TrainingState known = TrainingState.read(teacher.get());
      return task.taught(samples, known, options.distillation());
    }
    if (task.needsTeacher()) {
      throw new IllegalArgumentException("few steps are learnt from a teacher, and there is none");
    }
    return samples;
  }

  private Parameters initial(ShowerStream samples) throws IOException {
    Parameters parameters =
        Parameters.initial(task.network(), task.bayesian(), task.plan(), options.seed());
    if (start.isPresent()) {
      parameters.set(start.get().toString(), TrainingState.read(start.get()).best);
      return parameters;
    }
    samples.shuffled(
        0,
        FIRST_SHOWERS,
        0,
        (step, batch) -> {
          task.initialise(parameters, options.seed(), batch);
          return false;
        });
    return parameters;
  }

  private void load(Loaded training, Loaded held) throws IOException {
    for (Path file : data) {
      load(file, training, validation.isEmpty() ? held : training);
    }
    for (Path file : validation) {
      load(file, held, held);
    }
  }

  private void load(Path file, Loaded training, Loaded held) throws IOException {
    Showers showers = reader.read(file);
    JetSelection selection =
        new JetSelection("", Optional.empty(), "", share, JetSelection.Part.VALIDATION);
    int size = showers.voxelsPerShower();
    for (int i = 0; i < showers.energies().length; i++) {
      boolean isHeld = training == held || selection.takes(training.seen + held.seen);
      (isHeld ? held : training).add(file, i, showers.voxels(), i * size, showers.energies()[i]);
    }
  }

  /** Showers as they are read. */
  private final class Loaded {
    private final List<float[]> vectors = new ArrayList<>();
    private final List<Float> conditions = new ArrayList<>();
    private long seen;
    private double least = Double.MAX_VALUE;
    private double most;

    void add(Path file, int shower, double[] voxels, int from, double energy) {
      seen++;
      if (!(energy > 0) || Double.isInfinite(energy)) {
        throw new IllegalArgumentException(
            file + ": shower " + shower + " has an incident energy of " + energy + " MeV");
      }
      double sum = 0;
      double largest = 0;
      for (int i = from; i < from + task.geometry().voxels(); i++) {
        if (!(voxels[i] >= 0) || Double.isInfinite(voxels[i])) {
          throw new IllegalArgumentException(
              file + ": shower " + shower + " has a voxel of " + voxels[i] + " MeV");
        }
        sum += voxels[i];
        largest = Math.max(largest, voxels[i]);
      }
      if (sum >= MOST_OF_INCIDENT * energy || largest >= MOST_MEV) {
        return;
      }
      float[] vector = task.vector(voxels, from, energy);
      vectors.add(vector);
      conditions.add(task.condition(energy));
      least = Math.min(least, energy);
      most = Math.max(most, energy);
      if ((long) vectors.size() * vector.length * Float.BYTES > memoryBytes) {
        throw new IllegalArgumentException(
            "more than "
                + (memoryBytes >> 20)
                + " MB of showers (at "
                + file
                + "): raise --memory or take fewer");
      }
    }

    ShowerSample sample(String what) {
      if (vectors.isEmpty()) {
        throw new IllegalArgumentException(
            "no "
                + what
                + " showers in "
                + data
                + " "
                + validation
                + "; --validation-share "
                + share);
      }
      float[] condition = new float[vectors.size()];
      for (int i = 0; i < condition.length; i++) {
        condition[i] = conditions.get(i);
      }
      return new ShowerSample(vectors, condition, new ShowerModel.EnergyRange(least, most));
    }
  }

  private JsonNode settings(Loaded training, Loaded held) throws IOException {
    ObjectNode settings = task.settings();
    settings.set("options", options.json());
    settings.put("trainingShowers", training.vectors.size());
    settings.put("validationShowers", held.vectors.size());
    TrainingRun.addSample(settings, data, validation, share);
    TrainingRun.addTwins(settings, start, teacher);
    return TrainingRun.asRead(settings);
  }

  private void write(TrainingState state, ShowerSample sample, ShowerStream held, double score)
      throws IOException {
    ObjectNode metrics = JSON.createObjectNode();
    metrics.put("sample", held.rows() + " validation showers, used to choose the epoch");
    metrics.put(task.objective().metric(), score);
    task.measure(metrics, state.best, held);
    task.bundle(
            String.valueOf(bundle.getFileName()),
            licence,
            state.best,
            sample,
            held,
            isPacked,
            metrics,
            TrainingRun.record(state))
        .write(bundle);
  }
}
