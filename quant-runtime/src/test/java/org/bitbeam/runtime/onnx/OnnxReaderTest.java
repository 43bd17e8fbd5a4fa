package org.bitbeam.runtime.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bitbeam.runtime.UnsafeModelException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxReaderTest {
  private static final long SEED = 20_260_112;

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = OnnxReaderTest.class.getResourceAsStream("/onnx/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void everyStoredModelSurvivesTheRoundTrip() throws IOException {
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"));
    Assumptions.assumeTrue(
        Files.isDirectory(shared), "no shared fixtures at " + shared.toAbsolutePath());
    List<Path> files;
    try (Stream<Path> walk = Files.walk(shared.resolve("fixtures/models"))) {
      files = walk.filter(path -> path.toString().endsWith(".onnx")).sorted().toList();
    }
    assertTrue(files.size() > 100, "found only " + files.size() + " models");
    for (Path file : files) {
      OnnxModel model = OnnxReader.read(file.toString(), Files.readAllBytes(file));
      byte[] written = OnnxWriter.write(model);
      assertEquals(model, OnnxReader.read(file + " rewritten", written), file.toString());
      assertArrayEquals(
          written, OnnxWriter.write(OnnxReader.read("again", written)), file.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ste_ternary_3d.script.onnx",
        "ste_ternary_3d.dynamo.onnx",
        "point_mlp.qdq_int8.onnx"
      })
  void packagedModelSurvivesTheRoundTrip(String name) throws IOException {
    OnnxModel model = OnnxReader.read(name, resource(name));
    assertEquals(model, OnnxReader.read(name, OnnxWriter.write(model)));
    assertTrue(model.opset() >= 17);
    assertEquals("x", model.graph().inputs().get(0).name());
  }

  @Test
  void everyAttributeKindAndElementTypeSurvivesTheRoundTrip() {
    OnnxTensor tensor = OnnxTensor.ofFloats("t", List.of(2L), -0.0f, Float.NaN);
    OnnxNode inner = new OnnxNode("inner", "", "Identity", List.of("x"), List.of("z"), Map.of());
    OnnxGraph body =
        new OnnxGraph(
            "body",
            List.of(inner),
            List.of(),
            List.of(),
            List.of(new OnnxValueInfo("z", OnnxType.FLOAT, Optional.empty())));
    Map<String, OnnxAttribute> attributes =
        new java.util.TreeMap<>(
            Map.of(
                "f", new OnnxAttribute.FloatValue(1.5f),
                "i", new OnnxAttribute.IntValue(Long.MIN_VALUE),
                "s", new OnnxAttribute.StringValue("pt > 30 GeV \u00b5"),
                "t", new OnnxAttribute.TensorValue(tensor),
                "g", new OnnxAttribute.GraphValue(body),
                "fs", new OnnxAttribute.FloatList(List.of(1f, -2f)),
                "is", new OnnxAttribute.IntList(List.of(-1L, 3L)),
                "ss", new OnnxAttribute.StringList(List.of("a", ""))));
    OnnxNode node =
        new OnnxNode("n", "org.example", "Op", List.of("x", "", "w"), List.of("y"), attributes);
    List<OnnxTensor> tensors =
        Stream.of(OnnxType.values())
            .map(
                type ->
                    OnnxTensor.ofBytes(type.name(), type, List.of(3L), new byte[3 * type.bytes()]))
            .toList();
    List<OnnxTensor> all = new java.util.ArrayList<>(tensors);
    all.add(OnnxTensor.ofLongs("w", List.of(), 7));
    OnnxGraph graph =
        new OnnxGraph(
            "g",
            List.of(node),
            all,
            List.of(
                new OnnxValueInfo(
                    "x",
                    OnnxType.DOUBLE,
                    Optional.of(
                        List.of(
                            new OnnxDimension.Symbolic("batch"),
                            new OnnxDimension.Fixed(4),
                            new OnnxDimension.Symbolic(""))))),
            List.of(new OnnxValueInfo("y", OnnxType.BOOL, Optional.of(List.of()))));
    OnnxModel model =
        new OnnxModel(
            9, "test", "1", Map.of("", 17L, "org.example", 1L), graph, Map.of("key", "value"));
    assertEquals(model, OnnxReader.read("test", OnnxWriter.write(model)));
  }

  @Test
  void bytesDoNotDependOnTheOrderOfMaps() {
    assertArrayEquals(written(List.of("axis", "keepdims")), written(List.of("keepdims", "axis")));
  }

  private static byte[] written(List<String> order) {
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    Map<String, Long> opsets = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String name : order) {
      attributes.put(name, new OnnxAttribute.IntValue(name.length()));
      opsets.put(name, (long) name.length());
      metadata.put(name, name);
    }
    OnnxNode node = new OnnxNode("n", "", "ArgMax", List.of("x"), List.of("y"), attributes);
    OnnxGraph graph = new OnnxGraph("g", List.of(node), List.of(), List.of(), List.of());
    return OnnxWriter.write(new OnnxModel(9, "test", "1", opsets, graph, metadata));
  }

  @Test
  void halfPrecisionIsWidenedExactly() {
    // 1.0, -2.0, smallest subnormal 2^-24, largest 65504, infinity
    byte[] bytes = {0x00, 0x3C, 0x00, (byte) 0xC0, 0x01, 0x00, (byte) 0xFF, 0x7B, 0x00, 0x7C};
    float[] values = OnnxTensor.ofBytes("h", OnnxType.FLOAT16, List.of(5L), bytes).floats();
    assertArrayEquals(new float[] {1f, -2f, 0x1p-24f, 65504f, Float.POSITIVE_INFINITY}, values);
  }

  @Test
  void typedDataFieldsAreReadLikeRawOnes() {
    Proto tensor =
        new Proto()
            .integer(1, 2)
            .integer(2, 1)
            .bytes(4, new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, 0x40})
            .text(8, "w");
    Proto ints =
        new Proto()
            .integer(1, 3)
            .integer(2, 3)
            .integer(5, -1)
            .integer(5, 2)
            .integer(5, 127)
            .text(8, "q");
    OnnxModel model =
        OnnxReader.read("typed", model(new Proto().message(5, tensor).message(5, ints)));
    assertArrayEquals(new float[] {1f, 2f}, model.graph().initializers().get(0).floats());
    assertArrayEquals(new long[] {-1, 2, 127}, model.graph().initializers().get(1).longs());
  }

  @Test
  void externalDataIsRefusedInInitializersAttributesAndNestedGraphs() {
    Proto byLocation = new Proto().integer(2, 1).text(8, "secret").integer(14, 1);
    Proto byEntry =
        new Proto()
            .integer(2, 1)
            .text(8, "secret")
            .message(13, new Proto().text(1, "location").text(2, "/etc/passwd"));
    for (Proto tensor : List.of(byLocation, byEntry)) {
      Proto initializer = new Proto().message(5, tensor);
      Proto constant =
          new Proto()
              .message(
                  1,
                  new Proto()
                      .text(2, "c")
                      .text(4, "Constant")
                      .message(5, new Proto().text(1, "value").message(5, tensor)));
      Proto nested =
          new Proto()
              .message(
                  1,
                  new Proto()
                      .text(4, "If")
                      .message(5, new Proto().text(1, "then_branch").message(6, initializer)));
      for (Proto graph : List.of(initializer, constant, nested)) {
        UnsafeModelException e =
            assertThrows(
                UnsafeModelException.class, () -> OnnxReader.read("evil.onnx", model(graph)));
        assertTrue(
            e.getMessage()
                .startsWith("evil.onnx: tensor \"secret\" keeps its data in another file"),
            e.getMessage());
      }
    }
  }

  @Test
  void hugeClaimsAreRefusedBeforeMemoryIsTaken() {
    Proto tensor =
        new Proto()
            .integer(1, 1L << 30)
            .integer(1, 1L << 30)
            .integer(2, 1)
            .text(8, "w")
            .bytes(9, new byte[4]);
    OnnxFormatException e =
        assertThrows(
            OnnxFormatException.class,
            () -> OnnxReader.read("big.onnx", model(new Proto().message(5, tensor))));
    assertEquals(
        "big.onnx: tensor \"w\" has more than 2^31 elements: shape [1073741824, 1073741824]",
        e.getMessage());
    Proto one = new Proto().integer(1, 1L << 30).integer(2, 1).text(8, "w").bytes(9, new byte[4]);
    e =
        assertThrows(
            OnnxFormatException.class,
            () -> OnnxReader.read("big.onnx", model(new Proto().message(5, one))));
    assertTrue(
        e.getMessage().contains("has 4 bytes of data instead of 4294967296"), e.getMessage());
  }

  @Test
  void deepNestingIsRefused() {
    Proto graph = new Proto();
    for (int i = 0; i < 40; i++) {
      graph =
          new Proto()
              .message(
                  1,
                  new Proto()
                      .text(4, "If")
                      .message(5, new Proto().text(1, "then_branch").message(6, graph)));
    }
    byte[] bytes = model(graph);
    UnsupportedOnnxException e =
        assertThrows(UnsupportedOnnxException.class, () -> OnnxReader.read("deep.onnx", bytes));
    assertEquals("deep.onnx: graphs are nested deeper than 16", e.getMessage());
  }

  @Test
  void aNameUsedBeforeItExistsIsRefused() {
    Proto graph =
        new Proto()
            .message(
                1, new Proto().text(1, "nowhere").text(2, "y").text(3, "relu").text(4, "Relu"));
    OnnxFormatException e =
        assertThrows(OnnxFormatException.class, () -> OnnxReader.read("m", model(graph)));
    assertEquals(
        "m: Relu node \"relu\" uses \"nowhere\" before anything produces it", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PK", "ROOT file", "\n\n\n\n"})
  void otherFilesAreRefused(String content) {
    assertThrows(
        OnnxFormatException.class,
        () -> OnnxReader.read("x", content.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ste_ternary_3d.script.onnx",
        "ste_ternary_3d.dynamo.onnx",
        "point_mlp.qdq_int8.onnx"
      })
  void damagedFileIsReadOrRefusedPolitely(String name) throws IOException {
    byte[] sound = resource(name);
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 10_000; round++) {
      byte[] bytes = sound.clone();
      int kind = random.nextInt(4);
      if (kind == 0) {
        bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
          int at = random.nextInt(bytes.length);
          bytes[at] =
              kind == 1 ? (byte) (bytes[at] ^ 1 << random.nextInt(8)) : (byte) random.nextInt(256);
        }
      }
      try {
        OnnxReader.read("damaged", bytes);
      } catch (OnnxFormatException | UnsupportedOnnxException | UnsafeModelException e) {
        refused++;
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + SEED + ", round " + round, e);
      }
    }
    assertTrue(refused > 1_000, "only " + refused + " refused");
  }

  private static byte[] model(Proto graph) {
    return new Proto()
        .integer(1, 8)
        .message(8, new Proto().text(1, "").integer(2, 17))
        .message(7, graph)
        .bytes();
  }

  /** Writes any protobuf message, also such as the writer never would. */
  private static final class Proto {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Proto integer(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Proto text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Proto message) {
      return bytes(field, message.bytes());
    }

    Proto bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
