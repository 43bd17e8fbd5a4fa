package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataCheckTest {
  private static final long SEED = 20261125;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "initializer",
        "location_only",
        "sparse_values",
        "sparse_indices",
        "attribute",
        "attribute_sparse",
        "attribute_tensors",
        "attribute_sparse_tensors",
        "attribute_graphs",
        "subgraph",
        "function",
        "function_default",
        "training_initialization",
        "training_algorithm"
      })
  void externalDataIsRefusedWhereverItIs(String place) {
    byte[] onnx = TestModels.onnx("external_" + place);
    UnsafeModelException e =
        assertThrows(UnsafeModelException.class, () -> ExternalDataCheck.check("some.onnx", onnx));
    assertTrue(e.getMessage().startsWith("some.onnx: model > "), e.getMessage());
    assertTrue(e.getMessage().contains("keeps its data in another file"), e.getMessage());
    // The backend refuses by itself, too.
    Backend ort = Backends.standard().get("ort");
    assertThrows(
        UnsafeModelException.class, () -> ort.load("some.onnx", onnx, BackendOptions.DEFAULT));
  }

  @Test
  void messageNamesThePlace() {
    UnsafeModelException e =
        assertThrows(
            UnsafeModelException.class,
            () -> ExternalDataCheck.check("m", TestModels.onnx("external_attribute")));
    assertEquals(
        "m: model > graph (field 7) > node (field 1) > attribute (field 5) > tensor (field 5), byte"
            + " 46: the tensor keeps its data in another file, which is refused; save the model"
            + " with all data inside",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"inside", "identity"})
  void modelsWithAllDataInsideAreAccepted(String name) {
    assertDoesNotThrow(() -> ExternalDataCheck.check(name, TestModels.onnx(name)));
  }

  @Test
  void shippedModelsAreAccepted() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("..", "models"))) {
      List<Path> models = files.filter(p -> p.toString().endsWith(".onnx")).toList();
      assertTrue(models.size() >= 4, models::toString);
      for (Path model : models) {
        ExternalDataCheck.check(model.toString(), Files.readAllBytes(model));
      }
    }
  }

  @Test
  void locationInAnyNumberOfBytesIsSeen() {
    // data_location = 1 as a varint of ten bytes, and 1 + 2^32, which an engine truncates to 1.
    byte[] padded = {(byte) 0x70, -127, -128, -128, -128, -128, -128, -128, -128, -128, 0};
    byte[] truncated = {(byte) 0x70, -127, -128, -128, -128, 16};
    for (byte[] location : List.of(padded, truncated)) {
      byte[] onnx = field(7, field(5, location));
      UnsafeModelException e =
          assertThrows(UnsafeModelException.class, () -> ExternalDataCheck.check("m", onnx));
      assertTrue(e.getMessage().contains("another file"), e.getMessage());
    }
    ExternalDataCheck.check("m", field(7, field(5, new byte[] {0x70, 0})));
  }

  @Test
  void laterFieldOfTheSameMessageIsSeen() {
    byte[] onnx =
        concat(field(7, field(5, new byte[] {0x70, 0})), field(7, field(5, new byte[] {0x70, 1})));
    assertThrows(UnsafeModelException.class, () -> ExternalDataCheck.check("m", onnx));
  }

  @Test
  void deepNestingIsRefusedWithoutOverflowingTheStack() {
    byte[] graph = {};
    for (int i = 0; i < 2000; i++) {
      graph = field(1, field(5, field(6, graph)));
    }
    byte[] onnx = field(7, graph);
    UnsafeModelException e =
        assertThrows(UnsafeModelException.class, () -> ExternalDataCheck.check("m", onnx));
    assertTrue(e.getMessage().endsWith("messages are nested deeper than 100"), e.getMessage());
  }

  @Test
  void otherFormatsAreRefused() {
    byte[] ort = "xxxxORTMxxxxxxxx".getBytes(StandardCharsets.ISO_8859_1);
    assertTrue(refusal(ort).contains("ONNX Runtime's own format"));
    assertTrue(refusal(new byte[0]).contains("no graph inside"));
    assertTrue(refusal("not a model".getBytes(StandardCharsets.UTF_8)).contains("malformed"));
    // Groups (wire types 3 and 4) could hide fields from a walker that skips them.
    assertTrue(refusal(new byte[] {0x3b, 0x3c}).contains("field 7 has wire type 3"));
    assertTrue(refusal(new byte[] {0x1b, 0x1c}).contains("wire type 3 does not occur"));
    assertTrue(refusal(new byte[] {0x3a, 5, 0}).contains("a length of 5 bytes, but only 1"));
    assertTrue(
        refusal(new byte[] {0x3a, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1})
            .contains("a length of 18446744073709551615 bytes"));
  }

  @Test
  void damagedModelsAreRefusedOrAcceptedPolitely() throws IOException {
    Random random = new Random(SEED);
    List<byte[]> seeds =
        List.of(
            TestModels.onnx("external_subgraph"),
            TestModels.onnx("external_function"),
            TestModels.onnx("external_training_algorithm"),
            TestModels.onnx("identity"),
            Files.readAllBytes(Path.of("..", "models", "pfn", "model.onnx")));
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] onnx = damage(seeds.get(round % seeds.size()), random);
      try {
        ExternalDataCheck.check("damaged", onnx);
      } catch (UnsafeModelException e) {
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 10_000, "seed " + SEED + ": only " + refused + " refused");
  }

  private static byte[] damage(byte[] original, Random random) {
    byte[] onnx = original.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(Math.min(onnx.length, 4096));
      switch (random.nextInt(4)) {
        case 0 -> onnx[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> onnx[at] = (byte) random.nextInt();
        case 2 -> onnx[at] = (byte) 0xff;
        default -> onnx = Arrays.copyOf(onnx, Math.max(1, random.nextInt(onnx.length) + 1));
      }
    }
    return onnx;
  }

  private static String refusal(byte[] bytes) {
    return assertThrows(UnsafeModelException.class, () -> ExternalDataCheck.check("m", bytes))
        .getMessage();
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    int length = content.length;
    while (length > 0x7f) {
      out.write(length & 0x7f | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
