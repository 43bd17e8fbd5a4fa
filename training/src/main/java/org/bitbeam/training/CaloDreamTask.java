package org.bitbeam.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.DiffusionInputs;
import org.bitbeam.physics.calo.OdeSolver;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/**
 * CaloDREAM and its quantised variants (arXiv 2405.09629; SciPost Phys. 20, 038; specs/models.md
 * section 5), for {@code bitbeam simulate}. The energy network and the shape network, which share
 * no parameters, are trained side by side on the sum of their losses. Immutable.
 */
public final class CaloDreamTask extends ShowerTask {
  private static final int VALIDATION_BATCH = 512;
  private static final int TIMES = 1; // stream of the times; stream 0 is noise
  private static final double LEAST_DEVIATION = 1e-3; // of logits; below, a number is constant
  private static final int MOST_STEPS = 32; // up to there 1 / (1. / n) is n
  private static final int TEACHER_STEPS = 4; // of the 3/8 rule; more change nothing (docs/zoo.md)

  private final DiffusionInputs inputs;
  private final Sizes sizes;
  private final Solvers solvers;
  private final int steps;
  private final JsonNode planJson;
  private final Plan plan;
  private final VelocityErrors network;

  /**
   * What the networks look like; published for data set 2 in brackets.
   *
   * @param patch layers, sectors and rings of a patch (3, 16, 1), divisors of the geometry's
   * @param width of a patch's token (480), a multiple of 6 and of the heads
   * @param heads of its attention (6)
   * @param depth number of its blocks (6)
   * @param feed width between the layers of a block (1920)
   * @param energyWidth of a layer energy's token (64), even, a multiple of the heads
   * @param energyHeads of its attention (4)
   * @param energyDepth layers of encoder and decoder (4)
   * @param energyFeed width between the layers of each (512)
   * @param velocityWidth hidden layers of the velocity of energies (512)
   * @param velocityHidden number of these of equal inputs and outputs (6)
   */
  public record Sizes(
      List<Integer> patch,
      int width,
      int heads,
      int depth,
      int feed,
      int energyWidth,
      int energyHeads,
      int energyDepth,
      int energyFeed,
      int velocityWidth,
      int velocityHidden) {
    public Sizes {
      patch = List.copyOf(patch);
      if (patch.size() != 3
          || Math.min(depth, Math.min(energyDepth, velocityHidden)) < 1
          || Math.min(feed, Math.min(energyFeed, velocityWidth)) < 1
          || width < 1
          || width % 6 != 0
          || heads < 1
          || width % heads != 0
          || energyWidth < 1
          || energyWidth % 2 != 0
          || energyHeads < 1
          || energyWidth % energyHeads != 0) {
        throw new IllegalArgumentException(
            "sizes of CaloDREAM: expected a patch of three numbers, widths of tokens that their"
                + " heads divide, that of patches by 6, that of energies by 2, all others of 1 at"
                + " least; got patch "
                + patch
                + ", width "
                + width
                + ", heads "
                + heads
                + ", energy width "
                + energyWidth
                + ", energy heads "
                + energyHeads);
      }
    }
  }

  /**
   * How the bundle is simulated; the training does not depend on it.
   *
   * @param energy {@code METHOD:STEP} for the layer energies (rk4-3/8:0.02)
   * @param shape the same for the voxels (rk4-3/8:0.05)
   */
  public record Solvers(String energy, String shape) {
    public Solvers {
      OdeSolver.ofJson("solver of energies", json(energy));
      OdeSolver.ofJson("solver of shapes", json(shape));
    }

    static Solvers euler(int steps) {
      String euler = "euler:" + 1. / steps;
      return new Solvers(euler, euler);
    }

    static ObjectNode json(String solver) {
      int colon = solver.lastIndexOf(':');
      ObjectNode json = JSON.createObjectNode();
      json.put("method", solver.substring(0, Math.max(0, colon)));
      try {
        return json.put("step", Double.parseDouble(solver.substring(colon + 1)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "solver " + solver + ": expected METHOD:STEP, such as rk4-3/8:0.05", e);
      }
    }
  }

  /** Means and deviations of the numbers of a training sample, in the order of its vectors. */
  private record Statistics(double[] mean, double[] deviation) {
    static Statistics of(ShowerSample sample) {
      int length = sample.vectors().get(0).length;
      double[] mean = new double[length];
      double[] deviation = new double[length];
      int rows = sample.vectors().size();
      for (int k = 0; k < length; k++) {
        for (float[] vector : sample.vectors()) {
          mean[k] += vector[k] / (double) rows;
        }
        for (float[] vector : sample.vectors()) {
          double off = vector[k] - mean[k];
          deviation[k] += off * off / Math.max(1, rows - 1);
        }
        double root = Math.sqrt(deviation[k]);
        deviation[k] = root < LEAST_DEVIATION ? 1 : root;
      }
      return new Statistics(mean, deviation);
    }

    float standardise(float value, int k) {
      return (float) ((value - mean[k]) / deviation[k]);
    }
  }

  /**
   * The networks for a geometry whose layers have the same sectors and rings.
   *
   * @param planOrName one of {@code default}, {@code ENERGY-SHAPE} of energy {@code float}, {@code
   *     bit} and shape {@code float}, {@code noemb}, {@code aggressive}, or a plan in JSON
   * @throws IllegalArgumentException when there is no such plan, or a size or a layer does not fit
   */
  public CaloDreamTask(CaloGeometry geometry, Sizes sizes, Solvers solvers, String planOrName)
      throws IOException {
    this(geometry, sizes, solvers, planOrName, 0);
  }

  /**
   * The same for few steps, learnt from a teacher: progressive distillation (Salimans and Ho, arXiv
   * 2202.00512) in the form of flow matching. From a state between noise and data at the beginning
   * of a step, an Euler step of length 1 / n shall lead where the teacher's solution leads.
   *
   * @param steps n, 1 to 32; the bundle is simulated with as many Euler steps, whatever solvers are
   *     given; 0: as above
   */
  public CaloDreamTask(
      CaloGeometry geometry, Sizes sizes, Solvers solvers, String planOrName, int steps)
      throws IOException {
    if (steps < 0 || steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          steps + " steps of the solver, expected 1 to " + MOST_STEPS);
    }
    this.inputs = new DiffusionInputs(geometry);
    this.sizes = sizes;
    this.steps = steps;
    this.solvers = steps == 0 ? solvers : Solvers.euler(steps);
    this.planJson = TrainingTask.planJson(plans(sizes), planOrName);
    this.plan = Plan.parse("plan", planJson);
    CaloGeometry.Layer first = geometry.layers().get(0);
    List<Integer> grid = List.of(geometry.layers().size(), first.sectors(), first.rings());
    for (CaloGeometry.Layer layer : geometry.layers()) {
      if (layer.sectors() != first.sectors() || layer.rings() != first.rings()) {
        throw new IllegalArgumentException(
            geometry.name()
                + ": layer "
                + layer.id()
                + " has other sectors or rings than the first; CaloDREAM needs layers that are"
                + " alike, such as those of ds2 and ds2-small");
      }
    }
    for (int axis = 0; axis < grid.size(); axis++) {
      int part = sizes.patch().get(axis);
      if (part < 1 || grid.get(axis) % part != 0) {
        throw new IllegalArgumentException(
            "a patch of " + sizes.patch() + " does not divide the voxels' " + grid);
      }
    }
    int layers = grid.get(0);
    if (sizes.energyWidth() < layers + 2) {
      throw new IllegalArgumentException(
          "energy width "
              + sizes.energyWidth()
              + ": a token holds an energy and one of "
              + (layers + 1)
              + " places, so it needs "
              + (layers + 2)
              + " at least");
    }
    this.network =
        new VelocityErrors(
            new EnergyTransformer(
                layers,
                sizes.energyWidth(),
                sizes.energyHeads(),
                sizes.energyDepth(),
                sizes.energyFeed()),
            // The frequencies are always the same: a float twin and its variants need that.
            EnergyVelocity.of(
                sizes.energyWidth(),
                sizes.velocityWidth(),
                sizes.velocityHidden(),
                new CounterRandom(1)),
            new ShapeVelocity(
                grid,
                sizes.patch(),
                layers + 1,
                sizes.width(),
                sizes.heads(),
                sizes.depth(),
                sizes.feed()));
    requireMatches();
  }

  /** The publication's six. */
  private static Map<String, String> plans(Sizes sizes) {
    List<String> central = new ArrayList<>();
    for (int layer = 1; layer <= sizes.velocityHidden(); layer++) {
      central.add("energy.flow." + layer);
    }
    List<String> noEmbedding = List.of("shape.*.qkv", "shape.*.proj", "shape.*.fc1", "shape.*.fc2");
    List<String> aggressive = new ArrayList<>(noEmbedding);
    aggressive.addAll(List.of("shape.patch", "shape.time.*", "shape.condition.*", "shape.final"));
    Map<String, List<String>> energies = Map.of("float", List.of(), "bit", central);
    Map<String, List<String>> shapes =
        Map.of("float", List.of(), "noemb", noEmbedding, "aggressive", aggressive);
    Map<String, String> plans = new HashMap<>();
    energies.forEach(
        (energy, ofEnergy) ->
            shapes.forEach(
                (shape, ofShape) -> {
                  ObjectNode plan = JSON.createObjectNode();
                  ArrayNode rules = plan.putArray("layers");
                  for (List<String> names : List.of(ofEnergy, ofShape)) {
                    names.forEach(
                        name -> rules.addObject().put("match", name).put("precision", "ternary"));
                  }
                  plans.put(energy + "-" + shape, plan.toString());
                }));
    plans.put("default", "{}");
    return plans;
  }

  private void requireMatches() {
    List<String> layers =
        Parameters.initial(network, 0).all().stream()
            .map(Parameter::name)
            .filter(name -> name.endsWith(".weight") && !name.contains(".norm"))
            .map(name -> name.substring(0, name.length() - ".weight".length()))
            .toList();
    for (Rule rule : plan.rules()) {
      Plan alone =
          new Plan(List.of(new Rule(rule.layers(), LayerPrecision.TERNARY)), LayerPrecision.FLOAT);
      if (layers.stream().allMatch(layer -> alone.of(layer) == LayerPrecision.FLOAT)) {
        throw new IllegalArgumentException(
            "plan: \"" + rule.layers() + "\" matches no layer; there are: " + layers);
      }
    }
  }

  @Override
  CaloGeometry geometry() {
    return inputs.geometry();
  }

  @Override
  Plan plan() {
    return plan;
  }

  @Override
  VelocityErrors network() {
    return network;
  }

  @Override
  Objective objective() {
    return new VelocityObjective(steps == 0 ? "velocityError" : "stepError");
  }

  @Override
  boolean needsTeacher() {
    return steps > 0;
  }

  @Override
  ObjectNode settings() {
    ObjectNode settings = JSON.createObjectNode().put("network", network.name());
    settings.set("geometry", geometryJson());
    settings.set("sizes", JSON.valueToTree(sizes));
    settings.set("plan", planJson);
    if (steps > 0) {
      settings.put("solverSteps", steps);
    }
    return settings;
  }

  private int layers() {
    return geometry().layers().size();
  }

  /** Logits of u_0, ..., then of the voxels' shares: the order of {@link VelocityErrors#DATA}. */
  @Override
  float[] vector(double[] voxels, int from, double energy) {
    double[] logits = inputs.logits(voxels, from, energy);
    int size = geometry().voxels();
    float[] vector = new float[logits.length];
    for (int k = 0; k < vector.length; k++) {
      vector[k] = (float) logits[(k + size) % vector.length];
    }
    return vector;
  }

  @Override
  float condition(double energy) {
    return (float) DiffusionInputs.condition(energy);
  }

  @Override
  ShowerStream stream(ShowerSample training, ShowerSample sample, long seed) {
    Statistics statistics = Statistics.of(training);
    return new ShowerStream(
        sample.conditions().length, seed, (rows, noise) -> batch(statistics, sample, rows, noise));
  }

  /** The teacher has the same sizes, and was trained on the same showers. */
  @Override
  ShowerStream taught(ShowerStream samples, TrainingState teacher, double share)
      throws IOException {
    JsonNode own = TrainingRun.asRead(settings());
    for (String same : List.of("network", "geometry", "sizes")) {
      if (!teacher.settings.path(same).equals(own.path(same))) {
        throw new IllegalArgumentException(
            "the teacher's " + same + " differs: " + teacher.settings.path(same));
      }
    }
    int itsSteps = teacher.settings.path("solverSteps").asInt(0);
    if (steps > 0 ? share != 1 : itsSteps > 0) {
      throw new IllegalArgumentException(
          steps > 0
              ? "few steps are learnt from the teacher alone, with a share of 1 (--distillation 1)"
              : "the teacher was trained for " + itsSteps + " steps and has no other velocities");
    }
    Plan itsPlan = Plan.parse("the teacher's plan", teacher.settings.path("plan"));
    Parameters learnt = Parameters.initial(network, 0);
    learnt.set("the teacher", teacher.best);
    VelocityTeacher says = new VelocityTeacher(network, learnt, itsPlan);
    ShowerStream.Maker maker = samples.maker();
    if (steps == 0) {
      return new ShowerStream(
          samples.rows(),
          samples.seed(),
          (rows, noise) -> {
            JetBatch batch = maker.batch(rows, noise);
            return expecting(batch, mixed(batch, says.velocities(batch), share));
          });
    }
    OdeSolver solver = solverOf(itsSteps);
    return new ShowerStream(
        samples.rows(),
        samples.seed(),
        (rows, noise) -> {
          JetBatch batch = maker.batch(rows, noise);
          return expecting(batch, says.overStep(batch, steps, solver));
        });
  }

  /**
   * How a teacher is solved over one step.
   *
   * @param itsSteps of Euler's method that it was trained for; 0: any
   */
  private OdeSolver solverOf(int itsSteps) {
    if (itsSteps > 0 && (itsSteps == steps || itsSteps % steps != 0)) {
      throw new IllegalArgumentException(
          "a teacher of " + itsSteps + " steps cannot be followed in " + steps + " steps");
    }
    int each = itsSteps > 0 ? itsSteps / steps : Math.max(1, TEACHER_STEPS / steps);
    String solver = (itsSteps > 0 ? "euler:" : "rk4-3/8:") + 1. / each;
    return OdeSolver.ofJson("solver of the teacher", Solvers.json(solver));
  }

  private static float[] mixed(JetBatch batch, float[] taught, double share) {
    float[] data = batch.input(VelocityErrors.DATA).floats();
    float[] noise = batch.input(VelocityErrors.NOISE).floats();
    float[] mixed = new float[taught.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = (float) ((1 - share) * (data[i] - noise[i]) + share * taught[i]);
    }
    return mixed;
  }

  /** Adds {@link VelocityErrors#EXPECTED}. */
  private static JetBatch expecting(JetBatch batch, float[] expected) {
    Map<String, Tensor> values = new LinkedHashMap<>(batch.inputs());
    values.put(
        VelocityErrors.EXPECTED, Tensor.of(expected, batch.jets(), expected.length / batch.jets()));
    return new JetBatch(values, batch.truth());
  }

  private JetBatch batch(
      Statistics statistics, ShowerSample sample, int[] rows, CounterRandom random) {
    int layers = layers();
    int length = inputs.length();
    int width = sizes.energyWidth();
    float[] data = new float[rows.length * length];
    float[] noise = new float[rows.length * length];
    float[] times = new float[rows.length * (layers + 1)];
    float[] condition = new float[rows.length * (layers + 1)];
    float[] source = new float[rows.length * width];
    float[] target = new float[rows.length * layers * width];
    double[] normals = new double[length];
    for (int i = 0; i < rows.length; i++) {
      float[] vector = sample.vectors().get(rows[i]);
      float energy = sample.conditions()[rows[i]];
      random.normals(rows[i], 0, normals, 0, length);
      for (int k = 0; k < length; k++) {
        data[i * length + k] = statistics.standardise(vector[k], k);
        noise[i * length + k] = (float) normals[k];
      }
      for (int k = 0; k <= layers; k++) {
        times[i * (layers + 1) + k] = time(random.uniform(rows[i], TIMES + k));
      }
      condition[i * (layers + 1)] = energy;
      System.arraycopy(data, i * length, condition, i * (layers + 1) + 1, layers);
      source[i * width] = energy;
      source[i * width + 1] = 1;
      for (int token = 0; token < layers; token++) {
        int at = (i * layers + token) * width;
        target[at] = token == 0 ? 0 : data[i * length + token - 1];
        target[at + 1 + token] = 1;
      }
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    values.put(VelocityErrors.DATA, Tensor.of(data, rows.length, length));
    values.put(VelocityErrors.NOISE, Tensor.of(noise, rows.length, length));
    values.put(VelocityErrors.TIMES, Tensor.of(times, rows.length, layers + 1));
    values.put(VelocityErrors.CONDITION, Tensor.of(condition, rows.length, layers + 1));
    values.put(EnergyTransformer.SOURCE, Tensor.of(source, rows.length, 1, width));
    values.put(EnergyTransformer.TARGET, Tensor.of(target, rows.length, layers, width));
    return new JetBatch(values, new float[rows.length]);
  }

  /** Any time, or that at which a step begins. */
  private float time(double uniform) {
    return (float)
        (steps == 0 ? uniform : Math.min(steps - 1, Math.floor(uniform * steps)) / steps);
  }

  @Override
  void initialise(Parameters parameters, long seed, JetBatch first) {
    network.shape().initialise(parameters, new CounterRandom(seed));
  }

  /** The errors of the two networks. */
  @Override
  void measure(ObjectNode metrics, Parameters parameters, ShowerStream held) throws IOException {
    double[] sums = new double[2];
    held.inOrder(
        VALIDATION_BATCH,
        (step, batch) -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            float[] errors =
                network
                    .apply(
                        operations(manager, parameters),
                        TorchOperations.arrays(manager, batch.inputs()))
                    .toFloatArray();
            for (int i = 0; i < errors.length; i++) {
              sums[i % 2] += errors[i];
            }
          }
          return true;
        });
    String error = steps == 0 ? "VelocityError" : "StepError";
    metrics.put("energy" + error, sums[0] / held.rows());
    metrics.put("shape" + error, sums[1] / held.rows());
  }

  private TorchOperations operations(NDManager manager, Parameters parameters) {
    return new TorchOperations(manager, parameters, plan, false);
  }

  /** What each of the three networks of a bundle gets and gives, as the training computes it. */
  Map<TrainableNetwork, Probe> probes(Parameters parameters, JetBatch batch) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      VelocityErrors.Velocities<NDArray> v =
          network.velocities(
              operations(manager, parameters), TorchOperations.arrays(manager, batch.inputs()));
      Map<TrainableNetwork, Probe> probes = new LinkedHashMap<>();
      probes.put(
          network.transformer(),
          new Probe(
              Map.of(
                  EnergyTransformer.SOURCE,
                  batch.input(EnergyTransformer.SOURCE),
                  EnergyTransformer.TARGET,
                  batch.input(EnergyTransformer.TARGET)),
              Map.of(network.transformer().output(), TorchOperations.tensor(v.embeddings()))));
      probes.put(
          network.energies(),
          new Probe(
              Map.of(
                  EnergyVelocity.STATE,
                  TorchOperations.tensor(v.energyState()),
                  EnergyVelocity.TIME,
                  TorchOperations.tensor(v.energyTime()),
                  EnergyVelocity.EMBEDDING,
                  TorchOperations.tensor(v.embedding())),
              Map.of(network.energies().output(), TorchOperations.tensor(v.energyVelocity()))));
      probes.put(
          network.shape(),
          new Probe(
              Map.of(
                  ShapeVelocity.STATE,
                  TorchOperations.tensor(v.shapeState()),
                  ShapeVelocity.TIME,
                  TorchOperations.tensor(v.shapeTime()),
                  ShapeVelocity.CONDITION,
                  batch.input(VelocityErrors.CONDITION)),
              Map.of(network.shape().output(), TorchOperations.tensor(v.shapeVelocity()))));
      return probes;
    }
  }

  @Override
  Validated.Rows outputs(ModelBundle bundle, Map<String, Network> networks) {
    CaloDream model = CaloDream.of(bundle, networks);
    return batch -> {
      double[] data = doubles(batch.input(VelocityErrors.DATA));
      double[] noise = doubles(batch.input(VelocityErrors.NOISE));
      Tensor taught = batch.inputs().get(VelocityErrors.EXPECTED);
      double[] expected = new double[data.length];
      Arrays.setAll(expected, i -> taught == null ? data[i] - noise[i] : taught.getDouble(i));
      double[] errors =
          model.velocityErrors(
              data,
              noise,
              doubles(batch.input(VelocityErrors.TIMES)),
              batch.input(VelocityErrors.CONDITION).floats(),
              expected);
      return floats(errors);
    };
  }

  @Override
  BundleWriter bundle(
      String name,
      String licence,
      Parameters parameters,
      ShowerSample sample,
      ShowerStream held,
      boolean isPacked,
      JsonNode metrics,
      ObjectNode training)
      throws IOException {
    Statistics statistics = Statistics.of(sample);
    int layers = layers();
    int length = inputs.length();
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "geometry.json", JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(geometryJson()));
    files.put("energy-mean.npy", npy(statistics.mean(), 0, layers));
    files.put("energy-deviation.npy", npy(statistics.deviation(), 0, layers));
    files.put("voxel-mean.npy", npy(statistics.mean(), layers, length));
    files.put("voxel-deviation.npy", npy(statistics.deviation(), layers, length));
    ObjectNode stage = JSON.createObjectNode().put("kind", CaloDream.STAGE_KIND);
    stage.put("geometry", "geometry.json");
    stage
        .putObject("energies")
        .put("minimumMeV", sample.energies().minimum())
        .put("maximumMeV", sample.energies().maximum());
    stage
        .putObject("energy")
        .put("embedding", network.transformer().name())
        .put("velocity", network.energies().name())
        .put("mean", "energy-mean.npy")
        .put("deviation", "energy-deviation.npy")
        .set("solver", Solvers.json(solvers.energy()));
    stage
        .putObject("shape")
        .put("velocity", network.shape().name())
        .put("mean", "voxel-mean.npy")
        .put("deviation", "voxel-deviation.npy")
        .put("fractionMean", "energy-mean.npy")
        .put("fractionDeviation", "energy-deviation.npy")
        .set("solver", Solvers.json(solvers.shape()));
    BundleWriter bundle =
        new BundleWriter(
                name,
                "1.0.0",
                "Showers in " + geometry().voxels() + " voxels: " + network.description(),
                licence,
                stage)
            .output(output("velocity", "velocity of voxels' standardised logits"))
            .record("metrics", metrics);
    files.forEach(bundle::file);
    add(bundle, parameters, held, isPacked, training);
    return bundle;
  }

  @Override
  Map<TrainableNetwork, Map<String, Tensor>> inputs(Parameters parameters, JetBatch batch) {
    Map<TrainableNetwork, Map<String, Tensor>> inputs = new LinkedHashMap<>();
    probes(parameters, batch).forEach((part, probe) -> inputs.put(part, probe.inputs()));
    return inputs;
  }

  private static byte[] npy(double[] values, int from, int to) {
    return Npy.format(Tensor.of(Arrays.copyOfRange(values, from, to), to - from));
  }
}
