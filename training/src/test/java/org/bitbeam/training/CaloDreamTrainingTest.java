package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.DiffusionInputs;
import org.bitbeam.physics.calo.OdeSolver;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CaloDREAM from generated showers to a bundle that simulates. */
class CaloDreamTrainingTest {
  private static final TrainingJob.Progress QUIET =
      new TrainingJob.Progress() {
        @Override
        public void step(long done, long total) {}

        @Override
        public void log(JsonNode line) {}
      };
  private static final CaloGeometry GEOMETRY = geometry();

  @TempDir private static Path samples;

  @TempDir private Path folder;

  /** Six layers of one sector and four rings in tungsten and silicon. */
  private static CaloGeometry geometry() {
    List<CaloGeometry.Layer> layers = new ArrayList<>();
    for (int id = 0; id < 6; id++) {
      layers.add(new CaloGeometry.Layer(5 * id, List.of(0.0, 5.0, 10.0, 20.0, 50.0), 1));
    }
    return new CaloGeometry("six", layers);
  }

  @BeforeAll
  static void torch() throws IOException {
    Torch.assume();
    CaloChallengeFile.write(
        samples.resolve("training.hdf5"), PhotonShowers.of(GEOMETRY, 1200, 1), false);
    CaloChallengeFile.write(
        samples.resolve("validation.hdf5"), PhotonShowers.of(GEOMETRY, 1000, 2), false);
  }

  private static CaloDreamTask task(String plan) throws IOException {
    return new CaloDreamTask(
        GEOMETRY,
        new CaloDreamTask.Sizes(List.of(2, 1, 2), 24, 2, 2, 48, 16, 2, 1, 32, 32, 2),
        new CaloDreamTask.Solvers("midpoint:0.25", "rk4-3/8:0.25"),
        plan);
  }

  private static ShowerTrainingJob job(
      Path bundle, CaloDreamTask task, Optional<Path> start, int epochs) {
    return job(bundle, task, start, Optional.empty(), epochs);
  }

  private static ShowerTrainingJob job(
      Path bundle, CaloDreamTask task, Optional<Path> start, Optional<Path> teacher, int epochs) {
    double share = teacher.isPresent() ? 0.5 : 0;
    return new ShowerTrainingJob(
        List.of(samples.resolve("training.hdf5")),
        List.of(samples.resolve("validation.hdf5")),
        0.1,
        CaloChallengeFile::read,
        task,
        new TrainingOptions(epochs, 100, 6e-3, "onecycle", 0.01, 100, 0, 0, share, 1),
        start,
        teacher,
        64 << 20,
        "CC0-1.0",
        bundle.endsWith("bit-aggressive"), // packed, the others in plain ONNX
        bundle);
  }

  private static List<String> log(ShowerTrainingJob job) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(job.log())) {
      JsonNode json = new ObjectMapper().readTree(line);
      lines.add(json.path("loss") + " " + json.path("validationVelocityError"));
    }
    return lines;
  }

  private static JsonNode networks(Path bundle) throws IOException {
    return ModelBundle.open(bundle).manifest().path("files");
  }

  @Test
  void resumedEqualsUninterruptedAndAFloatTwinStartsAnother() throws IOException {
    ShowerTrainingJob twin = job(folder.resolve("twin"), task("default"), Optional.empty(), 1);
    assertTrue(twin.run(QUIET, () -> false).finished());
    Optional<Path> start = Optional.of(twin.checkpoint());
    CaloDreamTask bit = task("bit-noemb");
    ShowerTrainingJob whole = job(folder.resolve("a"), bit, start, 2);
    assertTrue(whole.run(QUIET, () -> false).finished());
    ShowerTrainingJob parts = job(folder.resolve("b"), bit, start, 2);
    for (int steps : new int[] {7, 10}) {
      AtomicInteger done = new AtomicInteger();
      assertFalse(parts.run(QUIET, () -> done.incrementAndGet() >= steps).finished());
    }
    assertFalse(Files.exists(folder.resolve("b")));
    assertTrue(parts.run(QUIET, () -> false).finished());
    assertEquals(log(whole), log(parts));
    assertEquals(networks(folder.resolve("a")), networks(folder.resolve("b")));
    ShowerTrainingJob scratch = job(folder.resolve("c"), bit, Optional.empty(), 2);
    scratch.run(QUIET, () -> false);
    assertNotEquals(log(whole), log(scratch));
    // Other solvers need no other training: the same checkpoint, a bundle of another name.
    Files.copy(whole.checkpoint(), folder.resolve("d.checkpoint"));
    CaloDreamTask fewer =
        new CaloDreamTask(
            GEOMETRY,
            new CaloDreamTask.Sizes(List.of(2, 1, 2), 24, 2, 2, 48, 16, 2, 1, 32, 32, 2),
            new CaloDreamTask.Solvers("euler:0.5", "euler:0.5"),
            "bit-noemb");
    assertTrue(job(folder.resolve("d"), fewer, start, 2).run(QUIET, () -> false).finished());
    assertEquals(networks(folder.resolve("a")), networks(folder.resolve("d")));
  }

  /** So networks of two bundles make the bundle of a third plan (tools/compose_calodream.py). */
  @Test
  void energyAndShapeNetworkDoNotDependOnEachOther() throws IOException {
    for (String plan : List.of("float-float", "bit-noemb", "float-noemb")) {
      assertTrue(
          job(folder.resolve(plan), task(plan), Optional.empty(), 2)
              .run(QUIET, () -> false)
              .finished());
    }
    JsonNode energies = networks(folder.resolve("float-float"));
    JsonNode shapes = networks(folder.resolve("bit-noemb"));
    JsonNode both = networks(folder.resolve("float-noemb"));
    for (String file : List.of("energy-embedding.onnx", "energy-velocity.onnx")) {
      assertEquals(energies.path(file), both.path(file), file);
      assertNotEquals(shapes.path(file), both.path(file), file);
    }
    assertEquals(shapes.path("shape-velocity.onnx"), both.path("shape-velocity.onnx"));
    assertNotEquals(energies.path("shape-velocity.onnx"), both.path("shape-velocity.onnx"));
  }

  @Test
  void aTeacherChangesWhatIsLearntAndNotTheValidation() throws IOException {
    ShowerTrainingJob twin = job(folder.resolve("twin"), task("default"), Optional.empty(), 1);
    assertTrue(twin.run(QUIET, () -> false).finished());
    Optional<Path> start = Optional.of(twin.checkpoint());
    CaloDreamTask bit = task("bit-noemb");
    ShowerTrainingJob alone = job(folder.resolve("alone"), bit, start, 1);
    ShowerTrainingJob taught = job(folder.resolve("taught"), bit, start, start, 1);
    assertTrue(alone.run(QUIET, () -> false).finished());
    assertTrue(taught.run(QUIET, () -> false).finished());
    JsonNode settings = ModelBundle.open(folder.resolve("taught")).training().path("settings");
    assertEquals(settings.path("startSha256"), settings.path("teacherSha256"));
    double[] losses = new double[2];
    double[] validations = new double[2];
    List<ShowerTrainingJob> jobs = List.of(alone, taught);
    for (int at = 0; at < 2; at++) {
      JsonNode epoch = TrainingState.read(jobs.get(at).checkpoint()).curve.path(0);
      losses[at] = epoch.path("loss").asDouble();
      validations[at] = epoch.path("validationVelocityError").asDouble();
    }
    // Half of the irreducible error of x1 - x0 is gone from the loss, not from the validation.
    assertTrue(losses[1] < 0.6 * losses[0], Arrays.toString(losses));
    assertEquals(validations[0], validations[1], 0.2 * validations[0]);
    assertNotEquals(validations[0], validations[1]);
  }

  /** The mixture by hand; and a teacher has nothing to learn from itself. */
  @Test
  void velocitiesOfATeacherAreMixedWithThoseOfTheShowers() throws IOException {
    CaloDreamTask task = task("default");
    ShowerTrainingJob job = job(folder.resolve("teacher"), task, Optional.empty(), 1);
    assertTrue(job.run(QUIET, () -> false).finished());
    TrainingState teacher = TrainingState.read(job.checkpoint());
    Parameters learnt = teacher.best;
    ShowerStream samples = stream(task, 30);
    JetBatch batch = samples.first(30);
    Map<String, float[]> velocities = new HashMap<>();
    task.probes(learnt, batch)
        .forEach(
            (part, probe) ->
                velocities.put(
                    part.name(),
                    Objects.requireNonNull(probe.outputs().get(part.output())).floats()));
    float[] energies = Objects.requireNonNull(velocities.get("energy-velocity"));
    float[] voxels = Objects.requireNonNull(velocities.get("shape-velocity"));
    float[] data = batch.input(VelocityErrors.DATA).floats();
    float[] noise = batch.input(VelocityErrors.NOISE).floats();
    float[] found =
        task.taught(samples, teacher, 0.25).first(30).input(VelocityErrors.EXPECTED).floats();
    assertEquals(30 * (6 + 24), found.length);
    for (int i = 0; i < found.length; i++) {
      int row = i / 30;
      float its = i % 30 < 6 ? energies[6 * row + i % 30] : voxels[24 * row + i % 30 - 6];
      assertEquals(0.75 * (data[i] - noise[i]) + 0.25 * its, found[i], 1e-5);
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> inputs = new HashMap<>();
      task.taught(samples, teacher, 1)
          .first(30)
          .inputs()
          .forEach(
              (name, tensor) ->
                  inputs.put(
                      name,
                      manager.create(
                          tensor.floats(),
                          new Shape(Arrays.stream(tensor.shape()).asLongStream().toArray()))));
      for (float error :
          task.network()
              .apply(new TorchOperations(manager, learnt, task.plan(), false), inputs)
              .toFloatArray()) {
        assertEquals(0, error, 1e-9);
      }
    }
    CaloDreamTask wider =
        new CaloDreamTask(
            GEOMETRY,
            new CaloDreamTask.Sizes(List.of(2, 1, 2), 36, 2, 2, 48, 16, 2, 1, 32, 32, 2),
            new CaloDreamTask.Solvers("midpoint:0.25", "rk4-3/8:0.25"),
            "default");
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> wider.taught(samples, teacher, 0.5))
            .getMessage()
            .contains("sizes"));
  }

  private static CaloDreamTask fewSteps(int steps) throws IOException {
    return new CaloDreamTask(
        GEOMETRY,
        new CaloDreamTask.Sizes(List.of(2, 1, 2), 24, 2, 2, 48, 16, 2, 1, 32, 32, 2),
        new CaloDreamTask.Solvers("midpoint:0.25", "rk4-3/8:0.25"),
        "default",
        steps);
  }

  private static ShowerTrainingJob student(
      Path bundle, CaloDreamTask task, Path start, Path teacher, double share, int epochs) {
    return new ShowerTrainingJob(
        List.of(samples.resolve("training.hdf5")),
        List.of(samples.resolve("validation.hdf5")),
        0.1,
        CaloChallengeFile::read,
        task,
        new TrainingOptions(epochs, 100, 3e-3, "onecycle", 0.01, 100, 0, 0, share, 1),
        Optional.of(start),
        Optional.of(teacher),
        64 << 20,
        "CC0-1.0",
        false,
        bundle);
  }

  /** Mean squared distance between showers of the same noise. */
  private static double distance(ModelBundle one, ModelBundle other) {
    double[] energies = new double[200];
    Arrays.setAll(energies, i -> 1e3 * (1 + i % 40));
    double[][] showers = new double[2][];
    List<ModelBundle> bundles = List.of(one, other);
    for (int i = 0; i < 2; i++) {
      TreeMap<String, Network> networks = new TreeMap<>();
      ModelBundle bundle = bundles.get(i);
      for (String role : bundle.roles()) {
        networks.put(
            role, bundle.load(role, Backends.standard().get("ort"), BackendOptions.DEFAULT));
      }
      long[] numbers = new long[energies.length];
      Arrays.setAll(numbers, n -> n);
      showers[i] =
          CaloDream.of(bundle, networks)
              .sample(energies, new CounterRandom(3), numbers, new int[energies.length]);
      networks.values().forEach(Network::close);
    }
    double sum = 0;
    for (int i = 0; i < showers[0].length; i++) {
      double energy = energies[i / GEOMETRY.voxels()];
      sum += Math.pow((showers[0][i] - showers[1][i]) / energy, 2);
    }
    return sum / showers[0].length;
  }

  private static ModelBundle solvedBy(ModelBundle bundle, String method, double step) {
    ObjectNode stage = (ObjectNode) bundle.stage();
    for (String part : List.of("energy", "shape")) {
      ((ObjectNode) stage.get(part)).putObject("solver").put("method", method).put("step", step);
    }
    return BundleWriter.copyOf(bundle, bundle.name(), stage).bundle();
  }

  /**
   * The baseline is the teacher with as many Euler steps: the student's steps must be three times
   * nearer to the teacher's solutions over a step, and whole showers nearer to its fine ones.
   */
  @Test
  void fewStepsLearntFromATeacherBeatItsOwn() throws IOException {
    ShowerTrainingJob twin = job(folder.resolve("twin"), task("default"), Optional.empty(), 8);
    assertTrue(twin.run(QUIET, () -> false).finished());
    ModelBundle teacher = ModelBundle.open(folder.resolve("twin"));
    ModelBundle fine = solvedBy(teacher, "rk4-3/8", 0.05);
    Path from = twin.checkpoint();
    for (int steps : List.of(4, 2)) {
      CaloDreamTask task = fewSteps(steps);
      Path bundle = folder.resolve("steps" + steps);
      TrainingState known = TrainingState.read(from);
      double baseline = 0;
      JetBatch batch = task.taught(stream(task, 500), known, 1).first(500);
      try (NDManager manager = NDManager.newBaseManager()) {
        for (float error :
            task.network()
                .apply(
                    new TorchOperations(manager, known.best, task.plan(), false),
                    TorchOperations.arrays(manager, batch.inputs()))
                .toFloatArray()) {
          baseline += error / 500;
        }
      }
      ShowerTrainingJob student = student(bundle, task, from, from, 1, 6);
      assertTrue(student.run(QUIET, () -> false).finished());
      ModelBundle learnt = ModelBundle.open(bundle);
      double error = learnt.metrics().path("stepError").asDouble();
      int events = learnt.training().at("/settings/validationShowers").asInt();
      Checks.same(student.check("bit"), error, events, 1e-3);
      double own = distance(solvedBy(teacher, "euler", 1. / steps), fine);
      double its = distance(learnt, fine);
      System.out.printf(
          Locale.ROOT,
          "%d steps: errors over a step %.4f (teacher's Euler steps %.4f), showers off by %.3g (%.3g)%n",
          steps,
          error,
          baseline,
          its,
          own);
      assertTrue(error < baseline / 3, error + " of " + baseline);
      assertTrue(its < own, its + " of " + own);
      assertEquals(1. / steps, learnt.stage().at("/shape/solver/step").asDouble());
      assertEquals(steps, learnt.training().at("/settings/solverSteps").asInt());
      from = student.checkpoint(); // the next one is taught by this one's steps
    }
    refuses("share of 1", student(folder.resolve("a"), fewSteps(4), from, from, 0.5, 1));
    refuses("2 steps cannot", student(folder.resolve("b"), fewSteps(2), from, from, 1, 1));
    refuses("2 steps cannot", student(folder.resolve("c"), fewSteps(4), from, from, 1, 1));
    refuses("no other velocities", student(folder.resolve("d"), task("default"), from, from, 1, 1));
    refuses(
        "there is none",
        job(folder.resolve("e"), fewSteps(2), Optional.of(from), Optional.empty(), 1));
    for (int steps : List.of(-1, 33)) {
      assertThrows(IllegalArgumentException.class, () -> fewSteps(steps));
    }
  }

  private static void refuses(String why, ShowerTrainingJob job) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> job.run(QUIET, () -> false))
            .getMessage();
    assertTrue(message.contains(why), message);
  }

  /** One Euler step says what the velocity says, many find the solution of the 3/8 rule. */
  @Test
  void whatATeacherSaysOfAStepIsItsSolution() throws IOException {
    ShowerTrainingJob job = job(folder.resolve("teacher"), task("default"), Optional.empty(), 2);
    assertTrue(job.run(QUIET, () -> false).finished());
    CaloDreamTask task = fewSteps(4);
    VelocityTeacher teacher =
        new VelocityTeacher(task.network(), TrainingState.read(job.checkpoint()).best, task.plan());
    JetBatch batch = stream(task, 40).first(40);
    for (float time : batch.input(VelocityErrors.TIMES).floats()) {
      assertTrue(time >= 0 && time <= 0.75 && time * 4 == Math.rint(time * 4), "time " + time);
    }
    float[] velocities = teacher.velocities(batch);
    assertArrayEquals(velocities, teacher.overStep(batch, 4, solver("euler", 1)), 1e-5f);
    float[] fine = teacher.overStep(batch, 4, solver("rk4-3/8", 1. / 32));
    float[] coarse = teacher.overStep(batch, 4, solver("euler", 1. / 256));
    double off = 0;
    double moved = 0;
    for (int i = 0; i < fine.length; i++) {
      off = Math.max(off, Math.abs(fine[i] - coarse[i]));
      moved = Math.max(moved, Math.abs(fine[i] - velocities[i]));
    }
    assertTrue(off < 0.05 * moved, off + " of " + moved);
  }

  private static OdeSolver solver(String method, double step) {
    return OdeSolver.ofJson(
        "test", new ObjectMapper().createObjectNode().put("method", method).put("step", step));
  }

  /**
   * The baseline is the best velocity that knows state and time but nothing of other numbers and no
   * condition, when the data are normal: x1 - x0 given x = (1 - t) x0 + t x1 is (2 t - 1) x / s
   * with s = (1 - t)^2 + t^2, off by 2 - (2 t - 1)^2 / s, in the mean over t pi / 2. Both networks
   * must beat it by a tenth.
   */
  @ParameterizedTest
  @ValueSource(strings = {"default", "bit-aggressive"})
  void aMinuteOfTrainingBeatsIndependentNormalNumbers(String plan) throws IOException {
    Path bundle = folder.resolve(plan);
    assertTrue(job(bundle, task(plan), Optional.empty(), 20).run(QUIET, () -> false).finished());
    JsonNode metrics = ModelBundle.open(bundle).manifest().path("metrics");
    double energy = metrics.path("energyVelocityError").asDouble();
    double shape = metrics.path("shapeVelocityError").asDouble();
    System.out.printf(
        Locale.ROOT,
        "velocity errors: independent normal numbers %.3f; %s, energies %.3f, voxels %.3f%n",
        Math.PI / 2,
        plan,
        energy,
        shape);
    assertEquals(metrics.path("velocityError").asDouble(), energy + shape, 1e-5);
    assertTrue(energy < 0.9 * Math.PI / 2, "energies " + energy);
    assertTrue(shape < 0.9 * Math.PI / 2, "voxels " + shape);
  }

  /** 1,000 showers through each network, and whole simulations with the training's networks. */
  @ParameterizedTest
  @ValueSource(strings = {"default", "bit-noemb", "bit-aggressive"})
  void bundlesGiveTheVelocitiesOfTheTraining(String plan) throws IOException {
    CaloDreamTask task = task(plan);
    Path folderOf = folder.resolve(plan);
    ShowerTrainingJob job = job(folderOf, task, Optional.empty(), 2);
    double validation = job.run(QUIET, () -> false).validation();
    Parameters trained = TrainingState.read(job.checkpoint()).best;
    ModelBundle bundle = ModelBundle.open(folderOf);
    boolean isFloat = plan.equals("default");
    int held = bundle.training().at("/settings/validationShowers").asInt();
    Checks.same(job.check("bit"), validation, held, isFloat ? 1e-4 : 0.05);
    Map<TrainableNetwork, ShowerTask.Probe> probes = task.probes(trained, batch(task, 1000));
    double[] energies = new double[40];
    Arrays.setAll(energies, i -> 1e3 * (i + 1));
    double[] expected;
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, Network> own = new HashMap<>();
      probes
          .keySet()
          .forEach(part -> own.put(part.name(), new Own(manager, part, trained, task.plan())));
      expected = simulated(bundle, own, energies);
    }
    for (String backend : List.of("bit", "ort")) {
      TreeMap<String, Network> networks = new TreeMap<>();
      try {
        for (String role : bundle.roles()) {
          networks.put(
              role, bundle.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT));
          bundle.selfTest(role, networks.get(role)); // throws when it is not reproduced
        }
        for (Map.Entry<TrainableNetwork, ShowerTask.Probe> probe : probes.entrySet()) {
          TrainableNetwork part = probe.getKey();
          Network network = Objects.requireNonNull(networks.get(part.name()));
          float[] found =
              Objects.requireNonNull(network.run(probe.getValue().inputs()).get(part.output()))
                  .floats();
          compare(
              plan + ", " + part.name() + ", " + backend,
              isFloat || part.name().equals("energy-embedding"),
              Objects.requireNonNull(probe.getValue().outputs().get(part.output())).floats(),
              found);
        }
        double[] found = simulated(bundle, networks, energies);
        compare(plan + ", showers, " + backend, isFloat, floats(expected), floats(found));
      } finally {
        networks.values().forEach(Network::close);
      }
    }
  }

  private static JetBatch batch(CaloDreamTask task, int size) throws IOException {
    return stream(task, size).first(size);
  }

  private static ShowerStream stream(CaloDreamTask task, int size) throws IOException {
    Showers showers = CaloChallengeFile.read(samples.resolve("validation.hdf5"));
    List<float[]> vectors = new ArrayList<>();
    float[] conditions = new float[size];
    for (int i = 0; i < size; i++) {
      double energy = showers.energies()[i];
      vectors.add(task.vector(showers.voxels(), i * GEOMETRY.voxels(), energy));
      conditions[i] = task.condition(energy);
    }
    ShowerSample sample = new ShowerSample(vectors, conditions, null);
    return task.stream(sample, sample, 1);
  }

  private static double[] simulated(
      ModelBundle bundle, Map<String, Network> networks, double[] energies) {
    long[] numbers = new long[energies.length];
    Arrays.setAll(numbers, i -> i);
    CaloDream model = CaloDream.of(bundle, networks);
    double[] showers =
        model.sample(energies, new CounterRandom(3), numbers, new int[energies.length]);
    // 4 midpoint steps for each of 6 layers, 4 of the 3/8 rule for the voxels.
    assertEquals(8 * 6 + 16, model.evaluations().perShower());
    return showers;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /**
   * Float networks agree to 1e-5 of the range. In ternary ones a code at a rounding boundary may
   * differ, which moves a velocity; most numbers have none.
   */
  private static void compare(String what, boolean isFloat, float[] expected, float[] found) {
    assertEquals(expected.length, found.length, what);
    double range = 0;
    for (float e : expected) {
      range = Math.max(range, Math.abs(e));
    }
    double worst = 0;
    int near = 0;
    for (int i = 0; i < expected.length; i++) {
      double off = Math.abs((double) expected[i] - found[i]) / range;
      worst = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(worst, off);
      near += off <= 1e-5 ? 1 : 0;
    }
    double share = (double) near / expected.length;
    System.out.printf(
        Locale.ROOT, "%s: %.4f within 1e-5 of the range, all within %.1e%n", what, share, worst);
    assertTrue(worst <= (isFloat ? 1e-5 : 2e-2), what + ": " + worst);
    assertTrue(share >= (isFloat ? 1 : 0.95), what + ": " + share);
  }

  /** The numbers that are learnt are those that simulation turns into showers. */
  @Test
  void logitsOfEmptyVoxelsAndOfAllOfALayerAreFinite() {
    DiffusionInputs inputs = new DiffusionInputs(GEOMETRY);
    double[] voxels = new double[GEOMETRY.voxels()];
    voxels[5] = 900; // all of the second layer
    double[] logits = inputs.logits(voxels, 0, 1000);
    assertEquals(inputs.length(), logits.length);
    double edge = Math.log(1e-6 / (1 - 1e-6));
    assertEquals(edge, logits[0], 1e-9);
    assertEquals(-edge, logits[5], 1e-3); // 1e-10 GeV is added to the layer's energy
    assertEquals(Math.log(0.315 / 0.685), logits[24], 1e-5); // u_0 is multiplied by 0.35
    assertEquals(edge, logits[25], 1e-9); // nothing in the first layer
    assertEquals(-edge, logits[26], 1e-3);
    assertEquals(0, DiffusionInputs.condition(1e3), 1e-6);
    assertEquals(1, DiffusionInputs.condition(1e6), 1e-6);
  }

  /** A network of the training as the simulation wants it. */
  private record Own(NDManager manager, TrainableNetwork network, Parameters parameters, Plan plan)
      implements Network {
    @Override
    public List<TensorInfo> inputs() {
      List<TensorInfo> infos = new ArrayList<>();
      for (TrainableNetwork.Input input : network.inputs()) {
        List<Integer> shape = new ArrayList<>(List.of(-1));
        shape.addAll(input.axes());
        infos.add(new TensorInfo(input.name(), ElementType.FLOAT32, shape));
      }
      return infos;
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of();
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
      try (NDManager step = manager.newSubManager()) {
        Map<String, NDArray> arrays = new HashMap<>();
        inputs.forEach(
            (name, tensor) ->
                arrays.put(
                    name,
                    step.create(
                        tensor.floats(),
                        new Shape(Arrays.stream(tensor.shape()).asLongStream().toArray()))));
        float[] output =
            network
                .apply(new TorchOperations(step, parameters, plan, false), arrays)
                .toFloatArray();
        return Map.of(network.output(), Tensor.of(output, output.length));
      }
    }

    @Override
    public void close() {}
  }
}
