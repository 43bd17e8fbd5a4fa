package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;

/** What is trained: {@link TaggerTask} or {@link EftTask}; files and options are a job's. */
public abstract class TrainingTask {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SUB_NORM = "+sub-norm";
  private static final int COMPARED_AT_ONCE = 500;
  private static final int SELF_TEST_JETS = 20;

  TrainingTask() {}

  /**
   * What stands in the bundle about the network.
   *
   * @param stage how it is used
   * @param role of the network
   * @param output what the output is
   */
  record Card(
      ObjectNode stage, String role, Map<String, byte[]> files, ModelBundle.OutputInfo output) {}

  /** The network and what else decides the result, for the checkpoint. */
  abstract ObjectNode settings();

  /** Plans in JSON by the names that users know. */
  abstract Map<String, String> plans();

  /**
   * The network.
   *
   * @param plan may decide how layers look, beyond their precision
   * @throws IllegalArgumentException when there is no such network
   */
  abstract TrainableNetwork network(Plan plan);

  /** The network of a checkpoint of the same task, maybe of other sizes. */
  abstract TrainableNetwork networkOf(JsonNode settings, Plan plan);

  abstract JetInputs inputs();

  abstract Optional<JetSelection.Classes> classes();

  abstract Objective objective();

  abstract Card card(TrainableNetwork network) throws IOException;

  /**
   * The plan that a user names or writes.
   *
   * @throws IllegalArgumentException when it is neither a name nor an object in JSON
   */
  JsonNode planJson(String planOrName) throws IOException {
    return planJson(plans(), planOrName);
  }

  /**
   * A plan, or the name of one, whose ternary and binary layers normalise their inputs.
   *
   * @see Plan#subNorm
   */
  public static String withSubNorm(String planOrName) {
    return planOrName + SUB_NORM;
  }

  /** What {@link #withSubNorm} was given. */
  static String name(String planOrName) {
    return planOrName.endsWith(SUB_NORM)
        ? planOrName.substring(0, planOrName.length() - SUB_NORM.length())
        : planOrName;
  }

  /** The same with the plans that have names. */
  static JsonNode planJson(Map<String, String> plans, String planOrName) throws IOException {
    boolean normalises = planOrName.endsWith(SUB_NORM);
    String name = name(planOrName);
    String plan = plans.getOrDefault(name, name);
    if (!plan.strip().startsWith("{")) {
      throw new IllegalArgumentException(
          "no plan \""
              + name
              + "\"; there are: "
              + String.join(", ", new TreeSet<>(plans.keySet()))
              + ", and files as of 'bitbeam model quantise'");
    }
    JsonNode json = JSON.readTree(plan);
    if (normalises && json instanceof ObjectNode object) {
      Plan precisions = Plan.parse("plan", object.put("subNorm", true));
      if (!precisions.otherwise().quantisesRows()
          && precisions.rules().stream().noneMatch(rule -> rule.precision().quantisesRows())) {
        throw new IllegalArgumentException(
            "plan " + name + " has no ternary or binary layer whose inputs could be normalised");
      }
    }
    return json;
  }

  /** The network in ONNX with its layers quantised as the plan says. */
  static byte[] onnx(TrainableNetwork network, Parameters parameters, Plan plan) {
    OnnxOperations.Written written = OnnxOperations.write(network, parameters);
    List<Rule> rules = new ArrayList<>();
    written.layers().forEach((node, layer) -> rules.add(new Rule(node, plan.of(layer))));
    rules.addAll(plan.rules()); // so that rules that match nothing are found
    return NetworkQuantiser.quantise(
        network.name(),
        written.onnx(),
        new Plan(rules, plan.otherwise(), plan.subNorm()),
        LearnedScale.of(written.layers(), parameters, plan));
  }

  /**
   * A bundle.
   *
   * @param layout of the data, which goes along if it is a description
   * @param trainedFor range of the training jets
   * @param held jets of which the self-test is
   * @param training record, which gets what {@link ExportCheck} finds
   */
  BundleWriter bundle(
      String name,
      String licence,
      TrainableNetwork network,
      String layout,
      Parameters parameters,
      Plan plan,
      TrainedRange trainedFor,
      BatchStream held,
      JsonNode metrics,
      ObjectNode training)
      throws IOException {
    Card card = card(network);
    if (!trainedFor.limits().isEmpty()) {
      card.stage().set("trainedFor", trainedFor.json());
    }
    if (layout.startsWith("{")) {
      card.stage().set("layout", JSON.readTree(layout));
    }
    boolean isFloat =
        plan.otherwise() == LayerPrecision.FLOAT
            && plan.rules().stream().allMatch(r -> r.precision() == LayerPrecision.FLOAT);
    byte[] onnx = onnx(network, parameters, plan);
    BundleWriter bundle =
        new BundleWriter(name, "1.0.0", network.description(), licence, card.stage())
            .model(card.role(), "model.onnx", onnx)
            .output(card.output())
            .record("metrics", metrics);
    card.files().forEach(bundle::file);
    try (ExportCheck check = new ExportCheck(network, parameters, plan, onnx, SELF_TEST_JETS)) {
      held.inOrder(
          COMPARED_AT_ONCE,
          (step, batch) -> {
            check.compare(batch.inputs(), batch.jets());
            return check.events() < ExportCheck.EVENTS;
          });
      check.addTo(
          bundle,
          "jets of the validation sample, as the training computed them",
          card.role(),
          isFloat);
      training.putObject("exported").set(card.role(), check.record());
    }
    return bundle.record("training", training);
  }
}
