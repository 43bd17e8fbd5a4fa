package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.Tensor;

/** What {@link ShowerTrainingJob} trains: {@link CaloFlowTask} or {@link CaloDreamTask}. */
public abstract class ShowerTask {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final int COMPARED_AT_ONCE = 100;
  private static final int SELF_TEST_SHOWERS = 3;

  ShowerTask() {}

  abstract CaloGeometry geometry();

  abstract Plan plan();

  /** What is trained; its outputs are the objective's. */
  abstract TrainableNetwork network();

  abstract Objective objective();

  /** Layers whose weights are normal variables; their means are exported. */
  Bayesian bayesian() {
    return Bayesian.NONE;
  }

  /** The network and what else decides the result, for the checkpoint. */
  abstract ObjectNode settings();

  /**
   * What is kept of a shower.
   *
   * @param voxels energies in MeV, the shower's from {@code from} on
   * @param energy incident, in MeV
   */
  abstract float[] vector(double[] voxels, int from, double energy);

  /** The condition for an incident energy in MeV. */
  abstract float condition(double energy);

  /**
   * Batches of a sample.
   *
   * @param training the training sample, which may decide about scales
   * @param seed of order and noise
   */
  abstract ShowerStream stream(ShowerSample training, ShowerSample sample, long seed);

  /**
   * Batches of which a trained network says what is to be learnt.
   *
   * @param teacher its best parameters count
   * @param share of what it says, the rest is what the samples say
   * @throws IllegalArgumentException when it cannot teach this network
   */
  ShowerStream taught(ShowerStream samples, TrainingState teacher, double share)
      throws IOException {
    throw new IllegalArgumentException(network().name() + " does not learn from a teacher");
  }

  /** Whether it learns from a teacher alone; validation is against the teacher then, too. */
  boolean needsTeacher() {
    return false;
  }

  /**
   * Sets those parameters that do not begin as {@link Parameters#initial} has them.
   *
   * @param first showers of the training
   */
  abstract void initialise(Parameters parameters, long seed, JetBatch first);

  /** Adds what else than the objective's metric is to be known of the validation showers. */
  abstract void measure(ObjectNode metrics, Parameters parameters, ShowerStream held)
      throws IOException;

  /**
   * What the networks of a bundle give for a batch: the objective's outputs, which training finds
   * by {@link #network()}.
   *
   * @param networks of the bundle by their roles
   */
  abstract Validated.Rows outputs(ModelBundle bundle, Map<String, Network> networks);

  /**
   * A bundle for {@code bitbeam simulate}.
   *
   * @param sample of the training
   * @param held showers of the self-tests
   * @param isPacked whether ternary and binary weights take 1.6 bits, which only BitBeam reads
   */
  abstract BundleWriter bundle(
      String name,
      String licence,
      Parameters parameters,
      ShowerSample sample,
      ShowerStream held,
      boolean isPacked,
      JsonNode metrics,
      ObjectNode training)
      throws IOException;

  /** The geometry as a bundle holds it. */
  ObjectNode geometryJson() {
    ObjectNode json = JSON.createObjectNode().put("name", geometry().name());
    ArrayNode layers = json.putArray("layers");
    for (CaloGeometry.Layer layer : geometry().layers()) {
      ObjectNode node = layers.addObject().put("id", layer.id());
      ArrayNode radii = node.putArray("radii");
      layer.radii().forEach(radii::add);
      node.put("sectors", layer.sectors());
    }
    return json;
  }

  /** A network of a bundle in ONNX, its layers quantised as the plan says. */
  record Part(byte[] onnx, boolean isFloat) {}

  Part part(TrainableNetwork network, Parameters parameters) {
    OnnxOperations.Written written = OnnxOperations.write(network, parameters);
    List<Rule> rules =
        written.layers().entrySet().stream()
            .map(layer -> new Rule(layer.getKey(), plan().of(layer.getValue())))
            .toList();
    Plan precisions = new Plan(rules, LayerPrecision.FLOAT, plan().subNorm());
    byte[] onnx =
        NetworkQuantiser.quantise(
            network.name(),
            written.onnx(),
            precisions,
            LearnedScale.of(written.layers(), parameters, plan()));
    boolean isFloat = rules.stream().allMatch(rule -> rule.precision() == LayerPrecision.FLOAT);
    return new Part(onnx, isFloat);
  }

  private Part exported(TrainableNetwork network, Parameters parameters, boolean isPacked) {
    Part part = part(network, parameters);
    return isPacked && !part.isFloat()
        ? new Part(NetworkExport.packed(network.name(), part.onnx()), false)
        : part;
  }

  /** What each network of a bundle gets for some showers, as the training computes it. */
  abstract Map<TrainableNetwork, Map<String, Tensor>> inputs(Parameters parameters, JetBatch batch);

  /**
   * Adds the networks to a bundle, as {@code NAME.onnx}, with self-tests, and the training record
   * with what {@link ExportCheck} finds of each.
   *
   * @param held showers of which the self-tests are
   */
  void add(
      BundleWriter bundle,
      Parameters parameters,
      ShowerStream held,
      boolean isPacked,
      ObjectNode training)
      throws IOException {
    Map<String, Part> parts = new LinkedHashMap<>();
    Map<String, ExportCheck> checks = new LinkedHashMap<>();
    try {
      held.inOrder(
          COMPARED_AT_ONCE,
          (step, batch) -> {
            inputs(parameters, batch)
                .forEach(
                    (network, inputs) -> {
                      String name = network.name();
                      Part part =
                          parts.computeIfAbsent(name, n -> exported(network, parameters, isPacked));
                      checks
                          .computeIfAbsent(
                              name,
                              n ->
                                  new ExportCheck(
                                      network, parameters, plan(), part.onnx(), SELF_TEST_SHOWERS))
                          .compare(inputs, batch.jets());
                    });
            return (step + 1) * COMPARED_AT_ONCE < ExportCheck.EVENTS;
          });
      ObjectNode record = training.putObject("exported");
      parts.forEach(
          (name, part) -> {
            ExportCheck check = Objects.requireNonNull(checks.get(name));
            bundle.model(name, name + ".onnx", part.onnx());
            check.addTo(
                bundle,
                "showers of the validation sample, as the training computed them",
                name,
                part.isFloat());
            record.set(name, check.record());
          });
    } finally {
      checks.values().forEach(ExportCheck::close);
    }
    bundle.record("training", training);
  }

  /** What a part got and gave, as the training computes it. */
  record Probe(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {}

  static double[] doubles(Tensor tensor) {
    double[] values = new double[tensor.size()];
    Arrays.setAll(values, tensor::getDouble);
    return values;
  }

  static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  static ModelBundle.OutputInfo output(String name, String description) {
    return new ModelBundle.OutputInfo(name, description, "", List.of());
  }
}
