package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CaloInn;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.FlowInputs;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/**
 * CaloINN and its quantised variants (SciPost Phys. 20, 038; specs/models.md section 4), for {@code
 * bitbeam simulate}. Immutable.
 */
public final class CaloFlowTask extends ShowerTask {
  private static final int OUTER = 2; // float blocks at each end of BlockCentral

  private final FlowInputs inputs;
  private final Sizes sizes;
  private final JsonNode planJson;
  private final Plan plan;
  private final List<String> bayesianLayers;
  private final Bayesian bayesian;
  private final CouplingFlowNetwork network;

  /**
   * What a flow looks like.
   *
   * @param blocks number of coupling blocks (published: 12)
   * @param width of the hidden layers of their networks (256)
   * @param hidden number of these layers (3)
   * @param layers {@code silu}: batch normalisation and SiLU behind them, {@code leaky}: LeakyReLU
   * @param spline {@code rational-quadratic} or {@code cubic}
   * @param bins of the splines (10)
   * @param bound of the splines (18)
   * @param permutation {@code published}: that of the plan's variant; {@code random} behind all
   *     blocks and ActNorm before all but the first; {@code exchange}: the two halves change places
   *     behind the first and last two blocks, which have no ActNorm
   * @param permutationSeed of the random ones; a float twin and its variants need the same
   */
  public record Sizes(
      int blocks,
      int width,
      int hidden,
      String layers,
      String spline,
      int bins,
      double bound,
      String permutation,
      long permutationSeed) {
    public Sizes {
      new SplineForm(SplineForm.Kind.of(spline), bins, bound);
      if (blocks < 1 || blocks > 99 || width < 1 || hidden < 1) {
        throw new IllegalArgumentException(
            blocks + " blocks, " + hidden + " x " + width + ": expected 1 to 99, at least 1 x 1");
      }
      if (!List.of("silu", "leaky").contains(layers)
          || !List.of("published", "random", "exchange").contains(permutation)) {
        throw new IllegalArgumentException(
            "layers "
                + layers
                + ", permutation "
                + permutation
                + "; there are: silu, leaky; published, random, exchange");
      }
    }
  }

  /**
   * A flow.
   *
   * @param noise width of the noise that is added to the shares
   * @param planOrName one of {@code default}, {@code exchange-permutation}, {@code nn-central},
   *     {@code block-central}, {@code all}, or a plan in JSON
   * @throws IllegalArgumentException when there is no such plan or flow
   */
  public CaloFlowTask(CaloGeometry geometry, double noise, Sizes sizes, String planOrName)
      throws IOException {
    this(geometry, noise, sizes, planOrName, List.of(), 1);
  }

  /**
   * A flow with layers whose weights are learnt as normal distributions; a bundle has their means.
   *
   * @param bayesian names of these layers, {@code *} stands for anything; empty: none
   * @param priorPrecision 1 / variance of the weights' prior (published: 5000)
   * @throws IllegalArgumentException when there is no such plan, flow or layer
   */
  public CaloFlowTask(
      CaloGeometry geometry,
      double noise,
      Sizes sizes,
      String planOrName,
      List<String> bayesian,
      double priorPrecision)
      throws IOException {
    this.bayesianLayers = List.copyOf(bayesian);
    this.bayesian = Bayesian.of(bayesianLayers, priorPrecision);
    this.inputs = new FlowInputs(geometry, noise);
    this.sizes = sizes;
    this.planJson = TrainingTask.planJson(plans(sizes), planOrName);
    this.plan = Plan.parse("plan", planJson);
    boolean isExchange =
        sizes.permutation().equals("exchange")
            || (sizes.permutation().equals("published")
                && List.of("exchange-permutation", "block-central")
                    .contains(TrainingTask.name(planOrName)));
    if (isExchange && sizes.blocks() < 2 * OUTER) {
      throw new IllegalArgumentException(
          sizes.blocks() + " blocks: exchanges of halves need " + 2 * OUTER + " at least");
    }
    List<CouplingFlowNetwork.Block> blocks = new ArrayList<>();
    for (int i = 0; i < sizes.blocks(); i++) {
      boolean isOuter = isExchange && (i < OUTER || i >= sizes.blocks() - OUTER);
      blocks.add(
          new CouplingFlowNetwork.Block(
              isExchange ? !isOuter : i > 0,
              isOuter ? exchange(inputs.length()) : random(inputs.length(), i)));
    }
    this.network =
        new CouplingFlowNetwork(
            inputs.length(),
            blocks,
            sizes.width(),
            sizes.hidden(),
            CouplingSubnet.Form.valueOf(sizes.layers().toUpperCase(Locale.ROOT)),
            new SplineForm(SplineForm.Kind.of(sizes.spline()), sizes.bins(), sizes.bound()));
    for (String layer : bayesianLayers) {
      if (network.layers().stream().noneMatch(Bayesian.of(List.of(layer), 1)::has)) {
        throw new IllegalArgumentException(
            "\"" + layer + "\" matches no layer; there are: " + network.layers());
      }
    }
  }

  /** The publication's five: ternary layers between the outer ones, blocks between these, all. */
  private static Map<String, String> plans(Sizes sizes) {
    List<String> layers = new ArrayList<>();
    for (int layer = 1; layer < sizes.hidden(); layer++) {
      layers.add("subnet-*." + layer);
    }
    List<String> blocks = new ArrayList<>();
    for (int block = OUTER; block < sizes.blocks() - OUTER; block++) {
      blocks.add(String.format(Locale.ROOT, "subnet-%02d.*", block));
    }
    return Map.of(
        "default", "{\"otherwise\":\"float\"}",
        "exchange-permutation", "{\"otherwise\":\"float\"}",
        "nn-central", ternary(layers),
        "block-central", ternary(blocks),
        "all", "{\"otherwise\":\"ternary\"}");
  }

  private static String ternary(List<String> names) {
    ObjectNode plan = JSON.createObjectNode();
    ArrayNode rules = plan.putArray("layers");
    names.forEach(name -> rules.addObject().put("match", name).put("precision", "ternary"));
    return plan.toString();
  }

  /** [x2, x1]: the second half, which the spline changed, comes first. */
  private static int[] exchange(int length) {
    int half = (length + 1) / 2;
    int[] from = new int[length];
    for (int i = 0; i < length; i++) {
      from[i] = (i + half) % length;
    }
    return from;
  }

  private int[] random(int length, int block) {
    CounterRandom random = new CounterRandom(sizes.permutationSeed());
    int[] from = new int[length];
    for (int i = 0; i < length; i++) { // Fisher and Yates
      int j = Math.min(i, (int) (random.uniform(i, block) * (i + 1)));
      from[i] = from[j];
      from[j] = i;
    }
    return from;
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
  CouplingFlowNetwork network() {
    return network;
  }

  @Override
  Objective objective() {
    return new DensityObjective();
  }

  /** The shares of the shower, without noise. */
  @Override
  float[] vector(double[] voxels, int from, double energy) {
    double[] vector = new double[inputs.length()];
    inputs.shares(voxels, from, energy, vector, 0);
    float[] kept = new float[vector.length];
    for (int k = 0; k < kept.length; k++) {
      kept[k] = (float) vector[k];
    }
    return kept;
  }

  @Override
  float condition(double energy) {
    return FlowInputs.condition(energy);
  }

  @Override
  ShowerStream stream(ShowerSample training, ShowerSample sample, long seed) {
    return new ShowerStream(
        sample.conditions().length, seed, (rows, noise) -> batch(sample, rows, noise));
  }

  private JetBatch batch(ShowerSample sample, int[] rows, CounterRandom noise) {
    int length = inputs.length();
    double[] vectors = new double[rows.length * length];
    float[] condition = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      float[] shower = sample.vectors().get(rows[i]);
      for (int k = 0; k < length; k++) {
        vectors[i * length + k] = shower[k];
      }
      inputs.addNoise(vectors, i * length, noise, rows[i]);
      condition[i] = sample.conditions()[rows[i]];
    }
    FlowInputs.logarithms(vectors);
    float[] logarithms = new float[vectors.length];
    for (int k = 0; k < logarithms.length; k++) {
      logarithms[k] = (float) vectors[k];
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    values.put(CouplingFlowNetwork.SHARES, Tensor.of(logarithms, rows.length, length));
    values.put(CouplingFlowNetwork.CONDITION, Tensor.of(condition, rows.length, 1));
    return new JetBatch(values, new float[rows.length]);
  }

  @Override
  void initialise(Parameters parameters, long seed, JetBatch first) {
    network.initialise(parameters, first, plan);
  }

  @Override
  void measure(ObjectNode metrics, Parameters parameters, ShowerStream held) {
    if (!bayesianLayers.isEmpty()) {
      metrics.put("divergenceFromPrior", bayesian.divergence(parameters));
    }
  }

  @Override
  Bayesian bayesian() {
    return bayesian;
  }

  @Override
  ObjectNode settings() {
    ObjectNode settings = JSON.createObjectNode().put("network", network.name());
    settings.set("geometry", geometryJson());
    settings.put("noise", inputs.noise());
    settings.set("sizes", JSON.valueToTree(sizes));
    settings.put(
        "exchangesHalves", network.blocks().stream().skip(1).anyMatch(b -> !b.isNormalised()));
    settings.set("plan", planJson);
    if (!bayesianLayers.isEmpty()) {
      ObjectNode node = settings.putObject("bayesian");
      node.set("layers", JSON.valueToTree(bayesianLayers));
      node.put("priorPrecision", bayesian.priorPrecision());
    }
    return settings;
  }

  @Override
  Validated.Rows outputs(ModelBundle bundle, Map<String, Network> networks) {
    CaloInn model = CaloInn.of(bundle, networks);
    return batch ->
        floats(
            model.logDensityOfLogarithms(
                doubles(batch.input(CouplingFlowNetwork.SHARES)),
                batch.input(CouplingFlowNetwork.CONDITION).floats()));
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
    ObjectNode stage = JSON.createObjectNode().put("kind", CaloInn.STAGE_KIND);
    stage.put("geometry", "geometry.json").put("noise", inputs.noise());
    stage
        .putObject("spline")
        .put("kind", sizes.spline())
        .put("bins", sizes.bins())
        .put("bound", sizes.bound());
    stage
        .putObject("energies")
        .put("minimumMeV", sample.energies().minimum())
        .put("maximumMeV", sample.energies().maximum());
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "geometry.json", JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(geometryJson()));
    ArrayNode blocks = stage.putArray("blocks");
    for (int i = 0; i < sizes.blocks(); i++) {
      CouplingFlowNetwork.Block block = network.blocks().get(i);
      ObjectNode node = blocks.addObject().put("subnet", network.subnet(i).name());
      file(
          node,
          "permutation",
          String.format(Locale.ROOT, "permutation-%02d", i),
          files,
          Tensor.of(longs(block.permutation()), inputs.length()));
      if (block.isNormalised()) {
        String norm = CouplingFlowNetwork.norm(i);
        file(
            node,
            "normLogScale",
            norm + ".logScale",
            files,
            Tensor.of(parameters.get(norm + ".logScale").values(), inputs.length()));
        file(
            node,
            "normShift",
            norm + ".shift",
            files,
            Tensor.of(parameters.get(norm + ".shift").values(), inputs.length()));
      }
    }
    BundleWriter bundle =
        new BundleWriter(
                name,
                "1.0.0",
                "Showers in " + inputs.geometry().voxels() + " voxels: " + network.description(),
                licence,
                stage)
            .output(output("theta", "spline parameters"))
            .record("metrics", metrics);
    files.forEach(bundle::file);
    add(bundle, parameters, held, isPacked, training);
    return bundle;
  }

  @Override
  Map<TrainableNetwork, Map<String, Tensor>> inputs(Parameters parameters, JetBatch batch) {
    List<Tensor> ofBlocks = network.subnetInputs(parameters, batch, plan);
    Map<TrainableNetwork, Map<String, Tensor>> inputs = new LinkedHashMap<>();
    for (int i = 0; i < ofBlocks.size(); i++) {
      inputs.put(network.subnet(i), Map.of(CouplingSubnet.INPUT, ofBlocks.get(i)));
    }
    return inputs;
  }

  private static long[] longs(int[] values) {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values[i];
    }
    return longs;
  }

  private static void file(
      ObjectNode block, String key, String name, Map<String, byte[]> files, Tensor array) {
    block.put(key, name + ".npy");
    files.put(name + ".npy", Npy.format(array));
  }
}
