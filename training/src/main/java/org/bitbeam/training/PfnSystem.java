package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.bitbeam.physics.tagging.Preprocessing;

/**
 * The particle flow network.
 *
 * @param width of its hidden layers
 */
record PfnSystem(int width, byte[] preprocess, FeatureInputs inputs) implements TaggerSystem {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREPROCESS = "qg-preprocess.json";

  /** The hidden layers are ternary, the first and the last stay float. */
  private static final String BIT =
      "{\"layers\":[{\"match\":\"phi.0\",\"precision\":\"float\"},"
          + "{\"match\":\"rho.2\",\"precision\":\"float\"}],\"otherwise\":\"ternary\"}";

  static PfnSystem of(int width) throws IOException {
    try (InputStream in = PfnSystem.class.getResourceAsStream(PREPROCESS)) {
      if (in == null) {
        throw new NoSuchFileException(PREPROCESS);
      }
      byte[] preprocess = in.readAllBytes();
      return new PfnSystem(
          width,
          preprocess,
          new FeatureInputs(Preprocessing.parse(PREPROCESS, JSON.readTree(preprocess))));
    }
  }

  @Override
  public ObjectNode settings() {
    return JSON.createObjectNode().put("network", "pfn").put("width", width);
  }

  @Override
  public Map<String, String> plans() {
    return Map.of("float", "{\"otherwise\":\"float\"}", "bit", BIT);
  }

  @Override
  public TrainableNetwork network() {
    return ofWidth(width);
  }

  @Override
  public TrainableNetwork network(JsonNode settings) {
    TaggerSystem.checkSame("network", settings(), settings);
    return ofWidth(settings.path("width").asInt(width));
  }

  private ParticleFlowNetwork ofWidth(int size) {
    int variables = inputs.preprocessing().shape(ParticleFlowNetwork.FEATURES, 1).get(0);
    return new ParticleFlowNetwork(variables, size);
  }
}
