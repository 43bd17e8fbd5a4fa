package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** The same network, of whole sequences. */
  private static CaloFixtures.Networks whole() throws IOException {
    BundleWriter bundle =
        new BundleWriter(
            "whole", "1", "", "CC0-1.0", new ObjectMapper().createObjectNode().put("kind", "x"));
    bundle.model(
        ROLE,
        "whole.onnx",
        CaloFixtures.of("calodream").bytes("energy_float/embedding.script.onnx"));
    return CaloFixtures.load(bundle.bundle(), "ort");
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
        // README of the fixtures: float layers 5e-6 of the range, here about 3
        assertArrayEquals(
            place(expected, rows, i, width),
            sequences.append(place(target.floats(), rows, i, width)),
            1.5e-5f,
            "token " + i);
      }
    }
  }

  /** The tokens of a place, row by row. */
  private static float[] place(float[] sequences, int rows, int place, int width) {
    float[] tokens = new float[rows * width];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(sequences, (row * LAYERS + place) * width, tokens, row * width, width);
    }
    return tokens;
  }

  /** Also where some tokens were appended before, one by one. */
  @ParameterizedTest
  @CsvSource({"cached, 0", "cached, 4", "whole, 0", "whole, 4"})
  void tokensThatAreAllKnownHaveTheSameEmbeddings(String form, int before) throws IOException {
    Tensor target = array("target");
    float[] expected = array("embeddings").floats();
    try (CaloFixtures.Networks networks = form.equals("cached") ? cached("ort") : whole()) {
      TokenEmbedding embedding = new TokenEmbedding(networks.byRole().get(ROLE), LAYERS);
      int rows = target.axis(0);
      int width = embedding.width();
      TokenEmbedding.Sequences sequences = embedding.new Sequences(array("source").floats(), rows);
      List<float[]> tokens =
          IntStream.range(0, LAYERS).mapToObj(i -> place(target.floats(), rows, i, width)).toList();
      tokens.subList(0, before).forEach(sequences::append);
      List<float[]> embeddings = sequences.appendAll(tokens.subList(before, LAYERS));
      assertEquals(LAYERS - before, embeddings.size());
      for (int i = before; i < LAYERS; i++) {
        assertArrayEquals(
            place(expected, rows, i, width), embeddings.get(i - before), 1.5e-5f, "token " + i);
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
    try (CaloFixtures.Networks networks = whole()) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new TokenEmbedding(networks.byRole().get(ROLE), 45));
      assertTrue(e.getMessage().contains("target (rows, 45, d)"), e.getMessage());
    }
  }
}
