package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.physics.tagging.Preprocessing;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/** A quark/gluon tagger, for {@code bitbeam tag}. Immutable. */
public final class TaggerTask extends TrainingTask {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREPROCESS = "qg-preprocess.json";

  /** The hidden layers are ternary, the first and the last stay float. */
  private static final String BIT =
      "{\"layers\":[{\"match\":\"phi.0\",\"precision\":\"float\"},"
          + "{\"match\":\"rho.2\",\"precision\":\"float\"}],\"otherwise\":\"ternary\"}";

  private final Set<Long> signal;
  private final Set<Long> background;
  private final String network;
  private final int width;
  private final byte[] preprocess;
  private final FeatureInputs inputs;

  /**
   * A tagger.
   *
   * @param signal values of the truth for quarks
   * @param background its values for gluons
   * @param network {@code pfn}
   * @param width of its hidden layers
   * @throws IllegalArgumentException when there is no such network
   */
  public TaggerTask(Set<Long> signal, Set<Long> background, String network, int width)
      throws IOException {
    if (!network.equals("pfn")) {
      throw new IllegalArgumentException("no network \"" + network + "\"; there is: pfn");
    }
    this.signal = Set.copyOf(signal);
    this.background = Set.copyOf(background);
    this.network = network;
    this.width = width;
    this.preprocess = resource(PREPROCESS);
    this.inputs = new FeatureInputs(Preprocessing.parse(PREPROCESS, JSON.readTree(preprocess)));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TaggerTask.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new NoSuchFileException(name);
      }
      return in.readAllBytes();
    }
  }

  @Override
  ObjectNode settings() {
    return JSON.createObjectNode().put("network", network).put("width", width);
  }

  @Override
  Map<String, String> plans() {
    return Map.of("float", "{\"otherwise\":\"float\"}", "bit", BIT);
  }

  private ParticleFlowNetwork ofWidth(int size) {
    int variables = inputs.preprocessing().shape(ParticleFlowNetwork.FEATURES, 1).get(0);
    return new ParticleFlowNetwork(variables, size);
  }

  @Override
  TrainableNetwork network(Plan plan) {
    return ofWidth(width);
  }

  @Override
  TrainableNetwork networkOf(JsonNode settings, Plan plan) {
    return ofWidth(settings.path("width").asInt(width));
  }

  @Override
  JetInputs inputs() {
    return inputs;
  }

  @Override
  Optional<JetSelection.Classes> classes() {
    return Optional.of(new JetSelection.Classes(signal, background));
  }

  @Override
  Objective objective() {
    return new ClassObjective();
  }

  @Override
  Card card(TrainableNetwork trained) throws IOException {
    ObjectNode stage = JSON.createObjectNode();
    stage.put("kind", "jet-tagger").put("preprocess", "preprocess.json");
    stage.put("logits", trained.output()).put("signal", "quark").put("background", "gluon");
    JsonNode labels = JSON.readTree(preprocess).path("output_labels");
    return new Card(
        stage,
        "tagger",
        Map.of("preprocess.json", preprocess),
        new ModelBundle.OutputInfo(
            trained.output(),
            "unnormalised log-likelihoods of the classes",
            "",
            List.of(labels.path(0).asText(), labels.path(1).asText())));
  }
}
