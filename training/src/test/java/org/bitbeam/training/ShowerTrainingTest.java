package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CaloInn;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.FlowInputs;
import org.bitbeam.physics.calo.NamedGeometries;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CaloINN from generated showers to a bundle that simulates. */
class ShowerTrainingTest {
  private static final TrainingJob.Progress QUIET =
      new TrainingJob.Progress() {
        @Override
        public void step(long done, long total) {}

        @Override
        public void log(JsonNode line) {}
      };
  private static final CaloGeometry TINY = NamedGeometries.find("tiny").orElseThrow();
  private static final double NOISE = 5e-6;

  @TempDir private static Path samples;

  @TempDir private Path folder;

  @BeforeAll
  static void torch() throws IOException {
    Torch.assume();
    CaloChallengeFile.write(
        samples.resolve("training.hdf5"), PhotonShowers.of(TINY, 3000, 1), false);
    CaloChallengeFile.write(
        samples.resolve("validation.hdf5"), PhotonShowers.of(TINY, 1000, 2), false);
  }

  private static CaloFlowTask task(String plan, String spline) throws IOException {
    String layers = spline.equals("cubic") ? "leaky" : "silu";
    return new CaloFlowTask(
        TINY, NOISE, new CaloFlowTask.Sizes(5, 16, 2, layers, spline, 5, 18, "published", 1), plan);
  }

  private static ShowerTrainingJob job(
      Path bundle, CaloFlowTask task, Optional<Path> start, int epochs) {
    return new ShowerTrainingJob(
        List.of(samples.resolve("training.hdf5")),
        List.of(samples.resolve("validation.hdf5")),
        0.1,
        CaloChallengeFile::read,
        task,
        new TrainingOptions(epochs, 100, 3e-3, "onecycle", 0.01, 1, 0, 0, 0, 1),
        start,
        Optional.empty(),
        64 << 20,
        "CC0-1.0",
        bundle.endsWith("allcubic"), // packed, the others in plain ONNX
        bundle);
  }

  private static BooleanSupplier after(int steps) {
    AtomicInteger done = new AtomicInteger();
    return () -> done.incrementAndGet() >= steps;
  }

  private static List<String> log(ShowerTrainingJob job) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(job.log())) {
      JsonNode json = new ObjectMapper().readTree(line);
      lines.add(json.path("loss") + " " + json.path("validationLogLikelihood"));
    }
    return lines;
  }

  private static JsonNode networks(Path bundle) throws IOException {
    return ModelBundle.open(bundle).manifest().path("files");
  }

  /** SciPost Phys. 20, 038: exchanges of halves without ActNorm around the central blocks. */
  @Test
  void variantsHaveThePublishedBlocks() throws IOException {
    for (String plan :
        List.of("default", "exchange-permutation", "nn-central", "block-central", "all")) {
      boolean isExchange = plan.equals("exchange-permutation") || plan.equals("block-central");
      List<CouplingFlowNetwork.Block> blocks = task(plan, "rational-quadratic").network().blocks();
      for (int i = 0; i < 5; i++) {
        assertEquals(isExchange ? i == 2 : i > 0, blocks.get(i).isNormalised(), plan + " " + i);
        int[] from = blocks.get(i).permutation();
        assertEquals(67, Arrays.stream(from).distinct().filter(k -> k >= 0 && k < 67).count());
        boolean halves = from[0] == 34 && from[32] == 66 && from[33] == 0 && from[66] == 33;
        assertEquals(isExchange && i != 2, halves, plan + " " + i);
      }
    }
  }

  @Test
  void resumedEqualsUninterruptedAndAFloatTwinStartsAnother() throws IOException {
    ShowerTrainingJob twin =
        job(folder.resolve("twin"), task("default", "rational-quadratic"), Optional.empty(), 1);
    assertTrue(twin.run(QUIET, () -> false).finished());
    Optional<Path> start = Optional.of(twin.checkpoint());
    CaloFlowTask all = task("all", "rational-quadratic");
    ShowerTrainingJob whole = job(folder.resolve("a"), all, start, 2);
    assertTrue(whole.run(QUIET, () -> false).finished());
    ShowerTrainingJob parts = job(folder.resolve("b"), all, start, 2);
    assertFalse(parts.run(QUIET, after(7)).finished());
    assertFalse(Files.exists(folder.resolve("b")));
    assertFalse(parts.run(QUIET, after(30)).finished());
    assertTrue(parts.run(QUIET, () -> false).finished());
    assertEquals(log(whole), log(parts));
    assertEquals(networks(folder.resolve("a")), networks(folder.resolve("b")));
    ShowerTrainingJob scratch = job(folder.resolve("c"), all, Optional.empty(), 2);
    scratch.run(QUIET, () -> false);
    assertNotEquals(log(whole), log(scratch));
    // A checkpoint of other settings is refused, and so is a twin of another size.
    Files.move(scratch.checkpoint(), parts.checkpoint().resolveSibling("d.checkpoint"));
    assertThrows(
        IllegalArgumentException.class,
        () -> job(folder.resolve("d"), all, start, 2).run(QUIET, () -> false));
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                job(folder.resolve("e"), task("block-central", "rational-quadratic"), start, 2)
                    .run(QUIET, () -> false));
    assertTrue(error.getMessage().contains("different network"), error.getMessage());
  }

  private static CaloFlowTask bayesian(String plan, String layers) throws IOException {
    return new CaloFlowTask(
        TINY,
        NOISE,
        new CaloFlowTask.Sizes(5, 16, 2, "silu", "rational-quadratic", 5, 18, "published", 1),
        plan,
        List.of(layers),
        5000);
  }

  /** The last layers, float and ternary: what is drawn is a function of seed and step. */
  @Test
  void normalWeightsAreLearntAndTheirMeansExported() throws IOException {
    for (String plan : List.of("default", "all")) {
      CaloFlowTask task = bayesian(plan, "subnet-*.2");
      ShowerTrainingJob whole = job(folder.resolve("a" + plan), task, Optional.empty(), 2);
      TrainingJob.Result result = whole.run(QUIET, () -> false);
      ShowerTrainingJob parts = job(folder.resolve("b" + plan), task, Optional.empty(), 2);
      assertFalse(parts.run(QUIET, after(40)).finished());
      assertTrue(parts.run(QUIET, () -> false).finished());
      assertEquals(log(whole), log(parts));
      ModelBundle bundle = ModelBundle.open(folder.resolve("a" + plan));
      assertEquals(networks(folder.resolve("a" + plan)), networks(folder.resolve("b" + plan)));
      Parameters learnt = TrainingState.read(whole.checkpoint()).best;
      double divergence = task.bayesian().divergence(learnt);
      System.out.printf(
          Locale.ROOT,
          "%s: divergence %.0f, log-likelihood %.1f%n",
          plan,
          divergence,
          result.validation());
      assertEquals(
          divergence,
          bundle.manifest().path("metrics").path("divergenceFromPrior").asDouble(),
          1e-9 * divergence);
      assertTrue(result.validation() > gaussians(), result.toString());
      for (String role : bundle.roles()) {
        try (Network network =
            bundle.load(role, Backends.standard().get("bit"), BackendOptions.DEFAULT)) {
          bundle.selfTest(role, network); // the means, as the training computed them
        }
      }
    }
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> bayesian("all", "subnet-*.3"));
    assertTrue(error.getMessage().contains("matches no layer"), error.getMessage());
  }

  /**
   * The baseline takes the numbers of a shower to be independent Gaussians of the training sample's
   * means and deviations.
   */
  @Test
  void aMinuteOfTrainingBeatsIndependentGaussians() throws IOException {
    double baseline = gaussians();
    for (String plan : List.of("default", "all")) {
      Path bundle = folder.resolve(plan);
      TrainingJob.Result result =
          job(bundle, task(plan, "rational-quadratic"), Optional.empty(), 5)
              .run(QUIET, () -> false);
      System.out.printf(
          Locale.ROOT,
          "log-likelihood of a shower: independent Gaussians %.1f, %s %.1f%n",
          baseline,
          plan,
          result.validation());
      assertTrue(result.validation() > baseline + 20, result + ", Gaussians " + baseline);
    }
    Path cubic = folder.resolve("cubic");
    TrainingJob.Result result =
        job(cubic, task("default", "cubic"), Optional.empty(), 5).run(QUIET, () -> false);
    assertTrue(result.validation() > baseline + 20, result + ", Gaussians " + baseline);
  }

  private static double gaussians() throws IOException {
    double[][] training = vectors("training.hdf5");
    double[][] validation = vectors("validation.hdf5");
    double sum = 0;
    for (int k = 0; k < training[0].length; k++) {
      double mean = 0;
      double squares = 0;
      for (double[] vector : training) {
        mean += vector[k] / training.length;
      }
      for (double[] vector : training) {
        squares += (vector[k] - mean) * (vector[k] - mean) / training.length;
      }
      for (double[] vector : validation) {
        double off = vector[k] - mean;
        sum -= 0.5 * (off * off / squares + Math.log(2 * Math.PI * squares)) / validation.length;
      }
    }
    return sum;
  }

  private static double[][] vectors(String file) throws IOException {
    Showers showers = CaloChallengeFile.read(samples.resolve(file));
    FlowInputs inputs = new FlowInputs(TINY, NOISE);
    double[][] vectors = new double[showers.energies().length][inputs.length()];
    for (int i = 0; i < vectors.length; i++) {
      inputs.shares(showers.voxels(), i * TINY.voxels(), showers.energies()[i], vectors[i], 0);
      inputs.addNoise(vectors[i], 0, new CounterRandom(5), i);
      FlowInputs.logarithms(vectors[i]);
    }
    return vectors;
  }

  /** 1,000 showers: densities by physics and backends, and those of the training's flow. */
  @Test
  void bundlesGiveTheDensitiesOfTheTraining() throws IOException {
    for (String[] kind :
        new String[][] {
          {"default", "rational-quadratic", "0 0 0 0 0"},
          {"nn-central", "rational-quadratic", "1 1 1 1 1"},
          {"block-central", "rational-quadratic", "0 0 3 0 0"},
          {"all", "rational-quadratic", "3 3 3 3 3"},
          {"all", "cubic", "3 3 3 3 3"}
        }) {
      CaloFlowTask task = task(kind[0], kind[1]);
      boolean isFloat = kind[0].equals("default");
      Path folderOf = folder.resolve(kind[0] + kind[1]);
      ShowerTrainingJob job = job(folderOf, task, Optional.empty(), 1);
      double validation = job.run(QUIET, () -> false).validation();
      Parameters trained = TrainingState.read(job.checkpoint()).best;
      Showers showers = CaloChallengeFile.read(samples.resolve("validation.hdf5"));
      int count = showers.energies().length;
      assertEquals(1000, count);
      double[] expected = densities(task, trained, showers);
      long[] numbers = new long[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = i;
      }
      ModelBundle bundle = ModelBundle.open(folderOf);
      assertEquals(kind[2], ternaryLayers(task, trained));
      for (String backend : List.of("bit", "ort")) {
        TreeMap<String, Network> networks = new TreeMap<>();
        try {
          for (String role : bundle.roles()) {
            networks.put(
                role, bundle.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT));
            bundle.selfTest(role, networks.get(role)); // throws when it is not reproduced
          }
          Checks.same(job.check(backend), validation, count, isFloat ? 1e-4 : 0.05);
          CaloInn model = CaloInn.of(bundle, networks);
          double[] found =
              model.logDensity(
                  showers.voxels(), showers.energies(), new CounterRandom(11), numbers);
          String what = kind[0] + ", " + kind[1] + ", " + backend;
          compare(what, isFloat, expected, found);
          // Its own showers are as likely to the flow that was trained.
          double[] energies = Arrays.copyOf(showers.energies(), 50);
          double[] made =
              model.sample(energies, new CounterRandom(3), Arrays.copyOf(numbers, 50), new int[50]);
          compare(
              what + ", simulated",
              isFloat,
              densities(task, trained, new Showers(energies, made)),
              model.logDensity(made, energies, new CounterRandom(11), Arrays.copyOf(numbers, 50)));
        } finally {
          networks.values().forEach(Network::close);
        }
      }
    }
  }

  /** Of each block. */
  private static String ternaryLayers(CaloFlowTask task, Parameters parameters) {
    StringBuilder layers = new StringBuilder();
    for (int block = 0; block < 5; block++) {
      layers
          .append(block == 0 ? "" : " ")
          .append(
              ModelReport.of(
                      "subnet", task.part(task.network().subnet(block), parameters).onnx(), 1, 1)
                  .bitLayers());
    }
    return layers.toString();
  }

  private static double[] densities(CaloFlowTask task, Parameters parameters, Showers showers) {
    FlowInputs inputs = new FlowInputs(TINY, NOISE);
    int count = showers.energies().length;
    int length = inputs.length();
    double[] vectors = new double[count * length];
    float[] conditions = new float[count];
    for (int i = 0; i < count; i++) {
      inputs.shares(
          showers.voxels(), i * TINY.voxels(), showers.energies()[i], vectors, i * length);
      inputs.addNoise(vectors, i * length, new CounterRandom(11), i);
      conditions[i] = FlowInputs.condition(showers.energies()[i]);
    }
    FlowInputs.logarithms(vectors);
    float[] logarithms = new float[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      logarithms[i] = (float) vectors[i];
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] densities =
          task.network()
              .apply(
                  new TorchOperations(manager, parameters, task.plan(), false),
                  Map.of(
                      CouplingFlowNetwork.SHARES,
                      manager.create(logarithms, new Shape(count, length)),
                      CouplingFlowNetwork.CONDITION,
                      manager.create(conditions, new Shape(count, 1))))
              .toFloatArray();
      double[] wide = new double[count];
      for (int i = 0; i < count; i++) {
        wide[i] = densities[i];
      }
      return wide;
    }
  }

  private static void compare(String what, boolean isFloat, double[] expected, double[] found) {
    double size = 0;
    double worst = 0;
    double mean = 0;
    int near = 0;
    for (int i = 0; i < expected.length; i++) {
      double off = Math.abs(expected[i] - found[i]);
      size += Math.abs(expected[i]) / expected.length;
      mean += (found[i] - expected[i]) / expected.length;
      worst = Math.max(worst, off);
    }
    for (int i = 0; i < expected.length; i++) {
      near += Math.abs(expected[i] - found[i]) <= 1e-5 * size ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "%s: mean size %.1f, %d of %d within 1e-5 of it, worst %.1e, mean difference %.1e%n",
        what,
        size,
        near,
        expected.length,
        worst / size,
        mean / size);
    // Where layers are quantised, the last bit of a float may flip a code.
    assertTrue(near >= (isFloat ? 1 : 0.95) * expected.length, what + ": " + near);
    assertTrue(worst < (isFloat ? 1e-5 : 2e-3) * size, what + ": " + worst / size);
    assertTrue(Math.abs(mean) < 1e-5 * size, what + ": " + mean / size);
  }
}
