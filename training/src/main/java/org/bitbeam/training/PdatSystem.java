package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.tagging.PdatFeatures;
import org.bitbeam.physics.tagging.PdatOptions;

/**
 * P-DAT, as published or without padding.
 *
 * @param features what it takes of a jet
 */
record PdatSystem(PdatFeatures features, PdatSizes sizes, PdatDropout dropout)
    implements TaggerSystem {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The publication's: the layers of both attentions. */
  private static final String BIT =
      "{\"layers\":[{\"match\":\"particle.*\",\"precision\":\"ternary\"},"
          + "{\"match\":\"channel.*\",\"precision\":\"ternary\"}]}";

  /** What multiplies most too: the edge convolutions but the first layer, and the pairs'. */
  private static final String BIT_EDGES =
      "{\"layers\":[{\"match\":\"edge.0\",\"precision\":\"float\"},"
          + "{\"match\":\"pair.0\",\"precision\":\"float\"},"
          + "{\"match\":\"fuse\",\"precision\":\"float\"},"
          + "{\"match\":\"head.*\",\"precision\":\"float\"}],\"otherwise\":\"ternary\"}";

  static PdatSystem of(
      int constituents, int neighbours, boolean isMasked, PdatSizes sizes, PdatDropout dropout) {
    PdatOptions options = PdatOptions.corrected().withSizes(constituents, neighbours);
    return new PdatSystem(PdatFeatures.of(isMasked ? options.withMask() : options), sizes, dropout);
  }

  @Override
  public ObjectNode settings() {
    PdatOptions options = features.options();
    ObjectNode settings = JSON.createObjectNode().put("network", network().name());
    settings.put("constituents", options.constituents()).put("neighbours", options.neighbours());
    settings.put("edge", sizes.edge()).put("width", sizes.width()).put("heads", sizes.heads());
    ArrayNode pair = settings.putArray("pair");
    sizes.pair().forEach(pair::add);
    settings.put("fuse", sizes.fuse()).put("head", sizes.head());
    if (!dropout.equals(PdatDropout.NONE)) {
      settings.put("dropout", dropout.inner()).put("headDropout", dropout.head());
    }
    return settings;
  }

  @Override
  public Map<String, String> plans() {
    return Map.of("float", "{\"otherwise\":\"float\"}", "bit", BIT, "bit-edges", BIT_EDGES);
  }

  @Override
  public TrainableNetwork network() {
    return new PdatNetwork(features, sizes, dropout);
  }

  @Override
  public TrainableNetwork network(JsonNode settings) {
    ObjectNode own = settings();
    for (String name : List.of("network", "constituents", "neighbours")) {
      TaggerSystem.checkSame(name, own, settings);
    }
    List<Integer> pair = new ArrayList<>();
    settings.path("pair").forEach(channels -> pair.add(channels.asInt()));
    return new PdatNetwork(
        features,
        new PdatSizes(
            settings.path("edge").asInt(),
            settings.path("width").asInt(),
            settings.path("heads").asInt(),
            pair,
            settings.path("fuse").asInt(),
            settings.path("head").asInt()),
        PdatDropout.NONE); // a teacher drops nothing
  }

  @Override
  public JetInputs inputs() {
    return new PdatInputs(features);
  }

  @Override
  public byte[] preprocess() {
    PdatOptions options = features.options();
    ObjectNode json = JSON.createObjectNode().put("features", "pdat");
    json.put("constituents", options.constituents()).put("neighbours", options.neighbours());
    json.put("wraps_azimuth", options.wrapsAzimuth());
    json.put("signs_jet_azimuth", options.signsJetAzimuth());
    json.put("wraps_differences", options.wrapsDifferences());
    json.put("rapidity", options.rapidity()).put("masked", options.masked());
    json.putArray("output_names").add("logits");
    json.putArray("output_labels").add("gluon").add("quark");
    return json.toPrettyString().getBytes(StandardCharsets.UTF_8);
  }
}
