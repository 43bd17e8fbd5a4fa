package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and values kept from token to token give PyTorch's embeddings of the whole sequence. */
class TokenEmbeddingTest {
  private static final int LAYERS = 15;
  private static final String ROLE = "embedding";

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TokenEmbeddingTest.class.getResourceAsStream("/calo/embedding/" + name)) {
      return in.readAllBytes();
    }
  }

  private static Tensor array(String name) throws IOException {
    return Npy.parse(name, resource(name + ".npy"));
  }

  /** The network of one token a call. */
  static CaloFixtures.Networks cached(String backend) throws IOException {
    return CaloFixtures.load(
        new BundleWriter(
                "cached",
                "1",
                "",
                "CC0-1.0",
                new ObjectMapper().createObjectNode().put("kind", "x"))
            .model(ROLE, "cached.onnx", resource("cached.onnx"))
            .bundle(),
        backend);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ort", "bit"})
  void cachedEmbeddingsAreThoseOfTheWholeSequence(String backend) throws IOException {
    Tensor target = array("target");
    float[] expected = array("embeddings").floats();
    try (CaloFixtures.Networks networks = cached(backend)) {
      TokenEmbedding embedding = new TokenEmbedding(networks.byRole().get(ROLE), LAYERS);
      int rows = target.axis(0);
      int width = embedding.width();
      assertEquals(32, width);
      TokenEmbedding.Sequences sequences = embedding.new Sequences(array("source").floats(), rows);
      for (int i = 0; i < LAYERS; i++) {
        float[] tokens = new float[rows * width];
        float[] golden = new float[rows * width];
        for (int row = 0; row < rows; row++) {
          int at = (row * LAYERS + i) * width;
          System.arraycopy(target.floats(), at, tokens, row * width, width);
          System.arraycopy(expected, at, golden, row * width, width);
        }
        // README of the fixtures: float layers 5e-6 of the range, here about 3
        assertArrayEquals(golden, sequences.append(tokens), 1.5e-5f, "token " + i);
      }
    }
  }

  @Test
  void energiesAreTheSameWithEither() throws IOException {
    CaloFixtures fixtures = CaloFixtures.of("calodream");
    BundleWriter velocity =
        new BundleWriter(
            "velocity", "1", "", "CC0-1.0", new ObjectMapper().createObjectNode().put("kind", "x"));
    velocity.model("v", "v.onnx", fixtures.bytes("energy_float/velocity.script.onnx"));
    try (CaloFixtures.Networks cached = cached("ort");
        CaloFixtures.Networks other = CaloFixtures.load(velocity.bundle(), "ort")) {
      LayerEnergyModel model =
          new LayerEnergyModel(
              cached.byRole().get(ROLE),
              other.byRole().get("v"),
              RungeKutta.threeEighths(0.02),
              LAYERS);
      float[] conditions =
          Npy.read(fixtures.folder().resolve("energy_float/condition.npy")).floats();
      double[] values = fixtures.array("common/energy_noise.npy");
      double[] first = Arrays.copyOf(values, LAYERS);
      model.sample(conditions, values);
      CaloFixtures.assertClose("u", fixtures.array("energy_float/sample.npy"), values, 1e-5);
      model.sample(new float[] {conditions[0]}, first);
      assertArrayEquals(Arrays.copyOf(values, LAYERS), first);
    }
  }

  @Test
  void otherLengthsAreRefused() throws IOException {
    CaloFixtures fixtures = CaloFixtures.of("calodream");
    BundleWriter whole =
        new BundleWriter(
            "whole", "1", "", "CC0-1.0", new ObjectMapper().createObjectNode().put("kind", "x"));
    whole.model("e", "e.onnx", fixtures.bytes("energy_float/embedding.script.onnx"));
    try (CaloFixtures.Networks networks = CaloFixtures.load(whole.bundle(), "ort")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new TokenEmbedding(networks.byRole().get("e"), 45));
      assertTrue(e.getMessage().contains("target (rows, 45, d)"), e.getMessage());
    }
  }
}
