package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.eft.JetCloud;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/** SMEFTNet's regression of the decay-plane angle, for {@code bitbeam eft}. Immutable. */
public final class EftTask extends TrainingTask {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLE = "smeftnet";

  private final JetCloud cloud;
  private final Sizes sizes;

  /**
   * What a network looks like.
   *
   * @param messages hidden widths of each message layer
   * @param readout hidden widths of the last network
   * @param weighting of messages: {@code uniform} (as published) or {@code pt}
   * @param form of the hidden layers: {@code published}, which is that of SMEFTNet-Bit in parts
   *     that have a quantised layer and SMEFTNet's in others, or one of the two everywhere, {@code
   *     float} or {@code bit}
   */
  public record Sizes(
      List<List<Integer>> messages, List<Integer> readout, String weighting, String form) {
    public Sizes {
      messages = messages.stream().map(List::copyOf).toList();
      readout = List.copyOf(readout);
      if (messages.isEmpty()
          || messages.stream().anyMatch(layer -> layer.isEmpty() || isTooSmall(layer))
          || isTooSmall(readout)) {
        throw new IllegalArgumentException(
            "message layers "
                + messages
                + ", readout "
                + readout
                + ": expected sizes of at least 1");
      }
      if (!List.of("uniform", "pt").contains(weighting)
          || !List.of("published", "float", "bit").contains(form)) {
        throw new IllegalArgumentException(
            "weighting "
                + weighting
                + ", form "
                + form
                + "; there are: uniform, pt; published, float, bit");
      }
    }

    private static boolean isTooSmall(List<Integer> widths) {
      return widths.stream().anyMatch(width -> width < 1);
    }

    private static Sizes of(JsonNode settings) {
      List<List<Integer>> messages = new ArrayList<>();
      settings.path("messages").forEach(layer -> messages.add(widths(layer)));
      return new Sizes(
          messages,
          widths(settings.path("readout")),
          settings.path("weighting").asText(),
          settings.path("form").asText());
    }

    private static List<Integer> widths(JsonNode node) {
      List<Integer> widths = new ArrayList<>();
      node.forEach(width -> widths.add(width.asInt()));
      return widths;
    }
  }

  /**
   * A network that takes the transverse momentum of the jet, too.
   *
   * @param constituents that are used, the hardest
   */
  public EftTask(int constituents, Sizes sizes) {
    ObjectNode stage = JSON.createObjectNode().put("constituents", constituents);
    stage.putArray("variables").add("jet_pt");
    this.cloud = JetCloud.parse("eft", stage);
    this.sizes = sizes;
  }

  @Override
  ObjectNode settings() {
    ObjectNode settings = JSON.createObjectNode().put("network", ROLE);
    settings.put("constituents", cloud.constituents());
    ArrayNode messages = settings.putArray("messages");
    for (List<Integer> layer : sizes.messages()) {
      ArrayNode widths = messages.addArray();
      layer.forEach(widths::add);
    }
    ArrayNode readout = settings.putArray("readout");
    sizes.readout().forEach(readout::add);
    return settings.put("weighting", sizes.weighting()).put("form", sizes.form());
  }

  /** The publication's four: shares of the layers' parameters. */
  @Override
  Map<String, String> plans() {
    return Map.of(
        "float",
        "{\"otherwise\":\"float\"}",
        "bit30",
        "{\"layers\":[{\"match\":\"messages.*\",\"precision\":\"ternary\"}]}",
        "bit70",
        "{\"layers\":[{\"match\":\"readout.*\",\"precision\":\"ternary\"}]}",
        "bit100",
        "{\"otherwise\":\"ternary\"}");
  }

  @Override
  TrainableNetwork network(Plan plan) {
    return network(sizes, plan);
  }

  @Override
  TrainableNetwork networkOf(JsonNode settings, Plan plan) {
    return network(Sizes.of(settings), plan);
  }

  private SmeftNetwork network(Sizes wanted, Plan plan) {
    List<String> ofMessages = new ArrayList<>();
    for (int layer = 0; layer < wanted.messages().size(); layer++) {
      for (int i = 0; i < wanted.messages().get(layer).size(); i++) {
        ofMessages.add("messages." + layer + "." + i);
      }
    }
    List<String> ofReadout = new ArrayList<>();
    for (int layer = 0; layer <= wanted.readout().size(); layer++) {
      ofReadout.add("readout." + layer);
    }
    return new SmeftNetwork(
        cloud,
        wanted.messages(),
        wanted.readout(),
        SmeftNetwork.Weighting.valueOf(wanted.weighting().toUpperCase(Locale.ROOT)),
        form(wanted.form(), plan, ofMessages),
        form(wanted.form(), plan, ofReadout));
  }

  private static SmeftNetwork.Form form(String form, Plan plan, List<String> layers) {
    return switch (form) {
      case "float" -> SmeftNetwork.Form.FLOAT;
      case "bit" -> SmeftNetwork.Form.BIT;
      default ->
          layers.stream().allMatch(layer -> plan.of(layer) == LayerPrecision.FLOAT)
              ? SmeftNetwork.Form.FLOAT
              : SmeftNetwork.Form.BIT;
    };
  }

  @Override
  JetInputs inputs() {
    return new CloudInputs(cloud);
  }

  @Override
  Optional<JetSelection.Classes> classes() {
    return Optional.empty();
  }

  @Override
  Objective objective() {
    return new AngleObjective(SmeftNetwork.OUTPUTS);
  }

  @Override
  Card card(TrainableNetwork trained) {
    ObjectNode stage = JSON.createObjectNode();
    stage.put("kind", EftEstimator.STAGE_KIND).put("constituents", cloud.constituents());
    ArrayNode variables = stage.putArray("variables");
    cloud.variables().forEach(variables::add);
    stage.putObject("angle").put("output", trained.output()).put("first", 0);
    return new Card(
        stage,
        ROLE,
        Map.of(),
        new ModelBundle.OutputInfo(
            trained.output(),
            "decay-plane angle, known up to half a turn, and the pooled vector",
            "",
            List.of("angle_rad", "vector_deta", "vector_dphi")));
  }
}
