package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;

/**
 * CaloDREAM: showers by conditional flow matching (arXiv 2405.09629; its quantised variants:
 * SciPost Phys. 20, 038). An autoregressive energy network makes the energies of the layers, a
 * shape network the voxels in them. Which layers of the networks are ternary is a matter of the
 * networks. They belong to the caller.
 *
 * <p>The noise of a shower: normal numbers 0 to L - 1 of its particle's stream start u_0 to
 * u_(L-1), the others start the voxels.
 */
public final class CaloDream implements ShowerModel {
  /** The kind of bundles it takes. */
  public static final String STAGE_KIND = "calo-diffusion";

  /** Counter: evaluations of the velocities of u_0, u_1, ... */
  public static final String ENERGY_EVALUATIONS = "energyEvaluations";

  /** Counter: evaluations of the velocities of voxels. */
  public static final String SHAPE_EVALUATIONS = "shapeEvaluations";

  private static final String EMBEDDING = "energy-embedding";
  private static final String ENERGY_VELOCITY = "energy-velocity";
  private static final String SHAPE_VELOCITY = "shape-velocity";
  private static final String IN_NETWORK = "network";
  private static final long MAX_STATE_BYTES = 4 << 20;

  private final String model;
  private final ShareScaling scaling;
  private final LayerEnergyModel energyModel;
  private final VelocityNetwork shape;
  private final OdeSolver shapeSolver;
  private final EnergyRange range;
  private final int showersPerCall;
  private final StageCounter counter;
  private final LongAdder showers = new LongAdder();
  private final LongAdder energyEvaluations = new LongAdder();
  private final LongAdder shapeEvaluations = new LongAdder();

  private CaloDream(BundleParts parts, ShareScaling scaling, StageCounter counter) {
    JsonNode stage = parts.bundle().stage();
    String label = parts.bundle().toString();
    int layers = scaling.layers();
    int voxels = scaling.shares().geometry().voxels();
    JsonNode energy = stage.path("energy");
    JsonNode shapes = stage.path("shape");
    this.model = parts.bundle().name() + " " + parts.bundle().version();
    this.scaling = scaling;
    this.energyModel =
        new LayerEnergyModel(
            parts.network(energy.path("embedding").asText(EMBEDDING)),
            parts.network(energy.path("velocity").asText(ENERGY_VELOCITY)),
            OdeSolver.ofJson(label + ": energy.solver", energy.path("solver")),
            layers);
    this.shape =
        new VelocityNetwork(
            parts.network(shapes.path("velocity").asText(SHAPE_VELOCITY)),
            voxels,
            layers + 1,
            around(parts, shapes));
    this.shapeSolver = OdeSolver.ofJson(label + ": shape.solver", shapes.path("solver"));
    this.range = parts.energies();
    this.showersPerCall =
        stage
            .path("showersPerCall")
            .asInt((int) Math.max(1, Math.min(1000, MAX_STATE_BYTES / Float.BYTES / voxels)));
    if (showersPerCall < 1) {
      throw new IllegalArgumentException(label + ": showersPerCall is " + showersPerCall);
    }
    this.counter = counter;
  }

  /** Reads a bundle, and counts for its own account alone. */
  public static CaloDream of(ModelBundle bundle, Map<String, Network> networks) {
    return of(bundle, networks, StageCounter.NONE);
  }

  /**
   * Reads the stage {@code calo-diffusion} of a bundle, which docs/calo-dream.md describes.
   *
   * @param networks by role
   * @param counter told {@code showers}, {@code energyEvaluations}, {@code shapeEvaluations}
   * @throws IllegalArgumentException when the bundle is for another stage or its parts do not fit
   */
  public static CaloDream of(
      ModelBundle bundle, Map<String, Network> networks, StageCounter counter) {
    BundleParts parts = new BundleParts(bundle, networks).requireKind(STAGE_KIND);
    return new CaloDream(parts, scaling(parts), counter);
  }

  /** What the shape network leaves to this program. */
  private static VelocityNetwork.Around around(BundleParts parts, JsonNode shape) {
    JsonNode patching = shape.path("patching");
    Map<String, Tensor> constants = new TreeMap<>();
    String positions = shape.path("positions").asText(IN_NETWORK);
    if (!positions.equals(IN_NETWORK)) {
      constants.put("positions", parts.tensor(positions));
    }
    String conditioning = shape.path("conditioning").asText(IN_NETWORK);
    return new VelocityNetwork.Around(
        patching.asText(IN_NETWORK).equals(IN_NETWORK) && !patching.isArray()
            ? new int[0]
            : Patches.order(parts.bundle() + ": shape.patching", parts.geometry(), patching),
        constants,
        conditioning.equals(IN_NETWORK)
            ? Optional.empty()
            : Optional.of(parts.network(conditioning)));
  }

  private static ShareScaling scaling(BundleParts parts) {
    JsonNode stage = parts.bundle().stage();
    JsonNode energy = stage.path("energy");
    JsonNode shape = stage.path("shape");
    LayerShares shares = new LayerShares(parts.geometry());
    ShareScaling.Options published = ShareScaling.Options.PUBLISHED;
    int layers = shares.geometry().layers().size();
    try {
      return new ShareScaling(
          shares,
          new ShareScaling.Options(
              stage.path("energyFactor").asDouble(published.energyFactor()),
              stage.path("logitEdge").asDouble(published.edge()),
              stage.path("cut").asDouble(published.cut()),
              stage.path("thresholdMeV").asDouble(published.threshold()),
              stage.path("logMinimum").asDouble(published.logMinimum()),
              stage.path("logMaximum").asDouble(published.logMaximum())),
          statistics(parts, energy, "mean", "deviation", layers),
          statistics(parts, shape, "fractionMean", "fractionDeviation", layers),
          statistics(parts, shape, "mean", "deviation", shares.geometry().voxels()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(parts.bundle() + ": " + e.getMessage(), e);
    }
  }

  private static ShareScaling.Statistics statistics(
      BundleParts parts, JsonNode node, String mean, String deviation, int length) {
    return new ShareScaling.Statistics(
        parts.array(node.path(mean).asText(), length),
        parts.array(node.path(deviation).asText(), length));
  }

  /**
   * Velocities evaluated so far.
   *
   * @param showers number of showers
   * @param energy for all u of all showers
   * @param shape for the voxels of all showers
   */
  public record Evaluations(long showers, long energy, long shape) {
    /** Evaluations for a shower, both networks together; NaN without showers. */
    public double perShower() {
      return showers == 0 ? Double.NaN : (double) (energy + shape) / showers;
    }
  }

  /** Velocities evaluated so far, in all threads. */
  public Evaluations evaluations() {
    return new Evaluations(showers.sum(), energyEvaluations.sum(), shapeEvaluations.sum());
  }

  @Override
  public CaloGeometry geometry() {
    return scaling.shares().geometry();
  }

  @Override
  public EnergyRange trainedFor() {
    return range;
  }

  @Override
  public int showersPerCall() {
    return showersPerCall;
  }

  @Override
  public double[] sample(
      double[] energies, CounterRandom random, long[] showerNumbers, int[] particles) {
    return sample(energies, random, showerNumbers, particles, StageCounter.NONE);
  }

  /** Tells the counter the evaluations of these showers alone. */
  @Override
  public double[] sample(
      double[] energies,
      CounterRandom random,
      long[] showerNumbers,
      int[] particles,
      StageCounter here) {
    double[] energyNoise = new double[energies.length * scaling.layers()];
    double[] shapeNoise = new double[energies.length * geometry().voxels()];
    for (int i = 0; i < energies.length; i++) {
      noise(random, showerNumbers[i], particles[i], i, energyNoise, shapeNoise);
    }
    return sample(energies, energyNoise, shapeNoise, here);
  }

  /** Numbers of a shower as row i of the noise of both networks. */
  private void noise(
      CounterRandom random,
      long shower,
      int particle,
      int i,
      double[] energyNoise,
      double[] shapeNoise) {
    int layers = scaling.layers();
    int voxels = geometry().voxels();
    double[] noise = new double[layers + voxels];
    random.normals(shower, particle, noise, 0, noise.length);
    System.arraycopy(noise, 0, energyNoise, i * layers, layers);
    System.arraycopy(noise, layers, shapeNoise, i * voxels, voxels);
  }

  /** Noise of the showers from a number on, as many as there is room for. */
  void noise(CounterRandom random, long first, double[] energyNoise, double[] shapeNoise) {
    for (int i = 0; i < energyNoise.length / scaling.layers(); i++) {
      noise(random, first + i, 0, i, energyNoise, shapeNoise);
    }
  }

  /**
   * Showers of given noise, which changes.
   *
   * @param energies incident energies in MeV
   * @param energyNoise L normal numbers for each shower
   * @param shapeNoise a normal number for each voxel of each shower
   */
  double[] sample(double[] energies, double[] energyNoise, double[] shapeNoise) {
    return sample(energies, energyNoise, shapeNoise, StageCounter.NONE);
  }

  private double[] sample(
      double[] energies, double[] energyNoise, double[] shapeNoise, StageCounter here) {
    if (energies.length == 0) {
      return new double[0];
    }
    here.add(ENERGY_EVALUATIONS, sampleEnergies(energies, energyNoise));
    double[][] logits = new double[energies.length][];
    Arrays.setAll(logits, i -> scaling.restore(energyNoise, i * scaling.layers()));
    here.add(SHAPE_EVALUATIONS, sampleShapes(energies, logits, shapeNoise));
    double[] voxels = new double[shapeNoise.length];
    for (int i = 0; i < energies.length; i++) {
      int at = i * geometry().voxels();
      scaling.toVoxels(shapeNoise, at, logits[i], energies[i], voxels, at);
    }
    showers.add(energies.length);
    counter.add("showers", energies.length);
    return voxels;
  }

  /** From noise to standardised u_0, u_1, ..., in place; returns the evaluations. */
  long sampleEnergies(double[] energies, double[] noise) {
    return count(
        ENERGY_EVALUATIONS, energyEvaluations, energyModel.sample(conditions(energies), noise));
  }

  private float[] conditions(double[] energies) {
    float[] conditions = new float[energies.length];
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = (float) scaling.condition(energies[i]);
    }
    return conditions;
  }

  /** The equations of all u of some showers, layer by layer, with their fine solutions. */
  SolverTraining.Problem energyProblem(double[] energies, double[] noise, OdeSolver fine) {
    return energyModel.problem(conditions(energies), noise, fine);
  }

  /** From noise to standardised shares of voxels, in place; returns the evaluations. */
  long sampleShapes(double[] energies, double[][] logits, double[] noise) {
    OdeSolver.Velocity velocity = shapeVelocity(energies, logits);
    return count(
        SHAPE_EVALUATIONS, shapeEvaluations, shapeSolver.solve(velocity, noise, energies.length));
  }

  /** The equation of the voxels of some showers. */
  OdeSolver.Velocity shapeVelocity(double[] energies, double[][] logits) {
    int length = scaling.layers() + 1;
    float[] conditions = new float[energies.length * length];
    for (int i = 0; i < energies.length; i++) {
      scaling.condition(energies[i], logits[i], conditions, i * length);
    }
    return shape.under(conditions, energies.length);
  }

  /**
   * Squared errors of the velocities between noise x0 and showers x1, at x = (1 - t) x0 + t x1:
   * what conditional flow matching makes small (specs/models.md 5.2 and 5.3). u are under the
   * embeddings of the true ones before them. All arrays are shower by shower, with L layers and V
   * voxels.
   *
   * @param data standardised u_0, ..., then the voxels' shares, L + V
   * @param noise L + V normal numbers
   * @param times from 0 to 1: one for each u, then that of the voxels, L + 1
   * @param conditions of the shape network, L + 1; the first is the energy network's, too
   * @param expected velocities, L + V; x1 - x0 for what has learnt from showers
   * @return the mean over the u, and that over the voxels, in turns
   */
  public double[] velocityErrors(
      double[] data, double[] noise, double[] times, float[] conditions, double[] expected) {
    int layers = scaling.layers();
    int voxels = geometry().voxels();
    int length = layers + voxels;
    int rows = data.length / length;
    float[] incident = new float[rows];
    double[] t = new double[rows];
    double[] x = new double[rows * voxels];
    for (int row = 0; row < rows; row++) {
      incident[row] = conditions[row * (layers + 1)];
      t[row] = times[row * (layers + 1) + layers];
      for (int k = 0; k < voxels; k++) {
        int at = row * length + layers + k;
        x[row * voxels + k] = noise[at] + t[row] * (data[at] - noise[at]);
      }
    }
    double[] ofEnergies =
        energyModel.errors(
            incident,
            columns(data, length, layers),
            columns(noise, length, layers),
            columns(times, layers + 1, layers),
            columns(expected, length, layers));
    double[] velocities = new double[x.length];
    shape.under(conditions, rows).at(RungeKutta.all(rows), t, x, velocities);
    double[] errors = new double[2 * rows];
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int k = 0; k < voxels; k++) {
        double off = velocities[row * voxels + k] - expected[row * length + layers + k];
        squares += off * off;
      }
      errors[2 * row] = ofEnergies[row];
      errors[2 * row + 1] = squares / voxels;
    }
    return errors;
  }

  /** The first columns of rows. */
  private static double[] columns(double[] rows, int length, int count) {
    double[] some = new double[rows.length / length * count];
    for (int row = 0; row < rows.length / length; row++) {
      System.arraycopy(rows, row * length, some, row * count, count);
    }
    return some;
  }

  /**
   * The same for showers, with noise and times that are functions of the shower's number; what a
   * plain training's loss is on them.
   *
   * @param voxels energies in MeV, shower by shower
   * @param energies incident energies in MeV
   * @param showers number of each shower
   */
  public double[] velocityErrors(
      double[] voxels, double[] energies, CounterRandom random, long[] showers) {
    int layers = scaling.layers();
    int size = geometry().voxels();
    int length = layers + size;
    double[] data = new double[energies.length * length];
    double[] noise = new double[data.length];
    double[] times = new double[energies.length * (layers + 1)];
    float[] conditions = new float[times.length];
    for (int i = 0; i < energies.length; i++) {
      double[] logits =
          scaling.logits(Arrays.copyOfRange(voxels, i * size, (i + 1) * size), energies[i]);
      for (int k = 0; k < size; k++) {
        data[i * length + layers + k] = scaling.voxels().standardise(logits[k], k);
      }
      double[] ofLayers = Arrays.copyOfRange(logits, size, length);
      for (int k = 0; k < layers; k++) {
        data[i * length + k] = scaling.energies().standardise(ofLayers[k], k);
      }
      scaling.condition(energies[i], ofLayers, conditions, i * (layers + 1));
      random.normals(showers[i], 0, noise, i * length, length);
      for (int k = 0; k <= layers; k++) {
        times[i * (layers + 1) + k] = random.uniform(showers[i], 1 + k);
      }
    }
    double[] expected = new double[data.length];
    Arrays.setAll(expected, i -> data[i] - noise[i]);
    return velocityErrors(data, noise, times, conditions, expected);
  }

  /**
   * Passes of a bundle's networks for a shower, by role: all layers of energies one after the
   * other, and each step of the solvers; of an adaptive solver the least.
   */
  public static Map<String, Integer> passes(ModelBundle bundle) {
    JsonNode energy = bundle.stage().path("energy");
    JsonNode shapes = bundle.stage().path("shape");
    int layers = new BundleParts(bundle, Map.of()).geometry().layers().size();
    return Map.of(
        energy.path("embedding").asText(EMBEDDING),
        layers,
        energy.path("velocity").asText(ENERGY_VELOCITY),
        layers * steps(bundle + ": energy.solver", energy.path("solver")),
        shapes.path("velocity").asText(SHAPE_VELOCITY),
        steps(bundle + ": shape.solver", shapes.path("solver")));
  }

  private static int steps(String label, JsonNode solver) {
    OdeSolver.Velocity still = (rows, times, states, target) -> Arrays.fill(target, 0);
    return OdeSolver.ofJson(label, solver).solve(still, new double[1], 1)[0];
  }

  private long count(String name, LongAdder adder, int[] evaluations) {
    long sum = Arrays.stream(evaluations).asLongStream().sum();
    adder.add(sum);
    counter.add(name, sum);
    return sum;
  }

  ShareScaling scaling() {
    return scaling;
  }

  @Override
  public String toString() {
    return "CaloDREAM " + model + ", " + Arrays.toString(geometry().offsets());
  }
}
