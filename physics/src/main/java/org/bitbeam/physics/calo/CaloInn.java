package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.calo.CouplingFlow.ActNorm;
import org.bitbeam.physics.calo.CouplingFlow.Block;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.jspecify.annotations.Nullable;

/**
 * CaloINN: showers from a coupling flow with spline blocks (arXiv 2312.09290), its quantised
 * variants (SciPost Phys. 20, 038) included: which layers are ternary is a matter of the networks,
 * which permutations and ActNorms there are one of the bundle. The networks belong to the caller.
 */
public final class CaloInn implements ShowerModel {
  /** The kind of bundles it takes. */
  public static final String STAGE_KIND = "calo-flow";

  private static final double HALF_LOG_TWO_PI = 0.5 * StrictMath.log(2 * Math.PI);

  private final String model;
  private final LayerShares shares;
  private final CouplingFlow flow;
  private final double noise;
  private final EnergyRange range;

  private CaloInn(
      String model, LayerShares shares, CouplingFlow flow, double noise, EnergyRange range) {
    this.model = model;
    this.shares = shares;
    this.flow = flow;
    this.noise = noise;
    this.range = range;
  }

  /**
   * Reads the stage {@code calo-flow} of a bundle, which docs/calo.md describes.
   *
   * @param networks by role
   * @throws IllegalArgumentException when the bundle is for another stage or its parts do not fit
   */
  public static CaloInn of(ModelBundle bundle, Map<String, Network> networks) {
    BundleParts parts = new BundleParts(bundle, networks).requireKind(STAGE_KIND);
    JsonNode stage = bundle.stage();
    LayerShares shares = new LayerShares(parts.geometry());
    List<Block> blocks = new ArrayList<>();
    for (JsonNode node : stage.path("blocks")) {
      blocks.add(block(parts, node, shares.length()));
    }
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException(bundle + ": the stage has no \"blocks\"");
    }
    return new CaloInn(
        bundle.name() + " " + bundle.version(),
        shares,
        new CouplingFlow(blocks, spline(bundle), shares.length()),
        stage.path("noise").asDouble(0),
        parts.energies());
  }

  static Spline spline(ModelBundle bundle) {
    JsonNode node = bundle.stage().path("spline");
    int bins = node.path("bins").asInt(10);
    double bound = node.path("bound").asDouble(Double.NaN);
    if (bins < 2 || bins > 500 || !(bound > 0)) {
      throw new IllegalArgumentException(
          bundle + ": a spline with " + bins + " bins up to " + bound);
    }
    String kind = node.path("kind").asText();
    return switch (kind) {
      case "rational-quadratic" -> new RationalQuadraticSpline(bins, bound);
      case "cubic" -> new CubicSpline(bins, bound);
      default ->
          throw new IllegalArgumentException(
              bundle + ": no spline \"" + kind + "\"; there are: rational-quadratic, cubic");
    };
  }

  private static Block block(BundleParts parts, JsonNode node, int length) {
    int[] permutation = new int[length];
    boolean[] seen = new boolean[length];
    double[] stored = parts.array(node.path("permutation").asText(), length);
    for (int i = 0; i < length; i++) {
      int from = (int) stored[i];
      if (from < 0 || from >= length || seen[from]) {
        throw new IllegalArgumentException(
            parts.bundle() + ": " + node.path("permutation") + " is no permutation of " + length);
      }
      seen[from] = true;
      permutation[i] = from;
    }
    return new Block(
        norm(parts, node, length), parts.network(node.path("subnet").asText()), permutation);
  }

  private static @Nullable ActNorm norm(BundleParts parts, JsonNode node, int length) {
    if (!node.has("normLogScale")) {
      return null;
    }
    double[] logScales = parts.array(node.path("normLogScale").asText(), length);
    double[] shift = parts.array(node.path("normShift").asText(), length);
    double[] scale = new double[length];
    double logScale = 0;
    for (int i = 0; i < length; i++) {
      scale[i] = Elementary.exp(logScales[i]);
      logScale += logScales[i];
    }
    return new ActNorm(scale, logScale, shift);
  }

  @Override
  public CaloGeometry geometry() {
    return shares.geometry();
  }

  @Override
  public EnergyRange trainedFor() {
    return range;
  }

  @Override
  public int showersPerCall() {
    return flow.rowsPerCall();
  }

  @Override
  public double[] sample(double[] energies, CounterRandom random, long[] showers, int[] particles) {
    int length = shares.length();
    double[] latent = new double[energies.length * length];
    for (int i = 0; i < energies.length; i++) {
      random.normals(showers[i], particles[i], latent, i * length, length);
    }
    return sample(energies, latent);
  }

  /**
   * Showers of given latent vectors, which change.
   *
   * @param energies incident energies in MeV
   * @param latent a vector of standard normal numbers for each shower
   */
  double[] sample(double[] energies, double[] latent) {
    flow.sample(latent, conditions(energies));
    double[] voxels = new double[energies.length * geometry().voxels()];
    for (int i = 0; i < energies.length; i++) {
      int at = i * shares.length();
      for (int k = at; k < at + shares.length(); k++) {
        latent[k] = Elementary.exp(latent[k]) - FlowInputs.LOG_EPSILON;
      }
      shares.toVoxels(latent, at, energies[i], noise, voxels, i * geometry().voxels());
    }
    return voxels;
  }

  /**
   * Logarithm of the density the flow gives to showers, in the space of the shares of {@code
   * specs/models.md} 4.2, their logarithms taken as the reference does; constant terms of that
   * logarithm are left out.
   *
   * @param voxels energies in MeV, shower by shower
   * @param energies incident energies in MeV
   * @param random noise that is added as in training: u from 0 to the width of the noise
   * @param showers number of each shower, for the noise
   */
  public double[] logDensity(
      double[] voxels, double[] energies, CounterRandom random, long[] showers) {
    int length = shares.length();
    double[] vectors = new double[energies.length * length];
    FlowInputs inputs = new FlowInputs(geometry(), noise);
    for (int i = 0; i < energies.length; i++) {
      inputs.shares(voxels, i * geometry().voxels(), energies[i], vectors, i * length);
      inputs.addNoise(vectors, i * length, random, showers[i]);
    }
    return logDensity(vectors, energies);
  }

  /** The same of shares with their noise, which change. */
  double[] logDensity(double[] vectors, double[] energies) {
    FlowInputs.logarithms(vectors);
    return logDensityOfLogarithms(vectors, conditions(energies));
  }

  /**
   * The same of what a training has.
   *
   * @param logarithms of shares with their noise, shower by shower; they change
   * @param conditions of the showers, {@link FlowInputs#condition}
   */
  public double[] logDensityOfLogarithms(double[] logarithms, float[] conditions) {
    int length = shares.length();
    double[] densities = flow.toLatent(logarithms, conditions);
    for (int i = 0; i < conditions.length; i++) {
      double squares = 0;
      for (int k = i * length; k < (i + 1) * length; k++) {
        squares += logarithms[k] * logarithms[k];
      }
      densities[i] -= 0.5 * squares + length * HALF_LOG_TWO_PI;
    }
    return densities;
  }

  /** From shares to the latent space, in place; returns the flow's log-determinants. */
  double[] toLatent(double[] vectors, double[] energies) {
    FlowInputs.logarithms(vectors);
    return flow.toLatent(vectors, conditions(energies));
  }

  /** From the latent space to logarithms of shares, in place; returns the log-determinants. */
  double[] fromLatent(double[] latent, double[] energies) {
    return flow.fromLatent(latent, conditions(energies));
  }

  LayerShares shares() {
    return shares;
  }

  private static float[] conditions(double[] energies) {
    float[] conditions = new float[energies.length];
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = FlowInputs.condition(energies[i]);
    }
    return conditions;
  }

  @Override
  public String toString() {
    return "CaloINN " + model + ", " + Arrays.toString(geometry().offsets());
  }
}
