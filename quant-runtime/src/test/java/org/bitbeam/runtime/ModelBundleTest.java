package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelBundleTest {
  private static final long SEED = 20261125;

  @TempDir Path folder;

  @Test
  void folderAndZipAreTheSameBundle() throws IOException {
    ModelBundle fromFolder = ModelBundle.open(write(files()));
    byte[] zip = fromFolder.toZip();
    ModelBundle fromZip = ModelBundle.ofZip("x.zip", zip, 1 << 20);
    assertEquals(fromFolder.fingerprint(), fromZip.fingerprint());
    assertEquals(fromFolder.manifest(), fromZip.manifest());
    assertArrayEquals(fromFolder.file("model.onnx"), fromZip.file("model.onnx"));
    assertArrayEquals(zip, fromZip.toZip());
    Path file = folder.resolve("bundle.zip");
    Files.write(file, zip);
    assertEquals(fromZip.fingerprint(), ModelBundle.open(file).fingerprint());
    assertEquals(sha256(fromFolder.file(ModelBundle.MANIFEST)), fromFolder.fingerprint());
  }

  @Test
  void aCopyHasEverythingButItsNameAndStage() throws IOException {
    ModelBundle bundle = ModelBundle.open(Path.of("../models/calodream-bit"));
    ObjectNode stage = (ObjectNode) bundle.stage();
    ((ObjectNode) stage.get("shape")).putObject("solver").put("method", "euler").put("step", 1);
    BundleWriter.copyOf(bundle, "copy", stage).write(folder.resolve("copy"));
    ModelBundle copy = ModelBundle.open(folder.resolve("copy"));
    assertEquals("copy", copy.name());
    assertEquals(stage, copy.stage());
    ObjectNode expected = (ObjectNode) bundle.manifest();
    expected.put("name", "copy").set("stage", stage);
    assertEquals(expected, copy.manifest());
    for (String role : bundle.roles()) {
      assertArrayEquals(bundle.onnx(role), copy.onnx(role));
    }
    ModelBundle same = BundleWriter.copyOf(bundle, bundle.name(), bundle.stage()).bundle();
    assertEquals(bundle.manifest(), same.manifest());
  }

  @Test
  void alteredFileIsRefused() throws IOException {
    Map<String, byte[]> files = files();
    Path bundle = write(files);
    Files.write(bundle.resolve("model.onnx"), TestModels.onnx("identity"));
    String message = refusal(bundle);
    assertTrue(message.contains("model.onnx has SHA-256 "), message);
  }

  @Test
  void missingFileIsRefused() throws IOException {
    Path bundle = write(files());
    Files.delete(bundle.resolve("selftest/y.npy"));
    assertEquals(bundle + ": selftest/y.npy is listed, but not there", refusal(bundle));
  }

  @Test
  void modelThatIsNotListedIsRefusedAndOtherFilesAreIgnored() throws IOException {
    Path bundle = write(files());
    Files.writeString(bundle.resolve("README.md"), "hello");
    ModelBundle opened = ModelBundle.open(bundle);
    assertThrows(BundleException.class, () -> opened.file("README.md"));
    Files.write(bundle.resolve("other.ONNX"), TestModels.onnx("inside"));
    assertEquals(
        bundle + ": other.ONNX is a model that bundle.json does not list", refusal(bundle));
  }

  @Test
  void linkOutOfTheFolderIsRefused() throws IOException {
    Path bundle = write(files());
    Path outside = folder.resolve("secret.txt");
    Files.writeString(outside, "secret");
    Files.createSymbolicLink(bundle.resolve("notes.txt"), outside);
    assertTrue(refusal(bundle).contains("notes.txt is a link to a file outside of the bundle"));
    Files.delete(bundle.resolve("notes.txt"));
    Files.createSymbolicLink(bundle.resolve("more"), folder);
    assertTrue(refusal(bundle).contains("more is a link to a file outside of the bundle"));
    Files.delete(bundle.resolve("more"));
    Files.createSymbolicLink(bundle.resolve("same.onnx.link"), bundle.resolve("model.onnx"));
    assertEquals("tiny", ModelBundle.open(bundle).name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../x", "a/../../x", "/etc/passwd", "a\\..\\x", "C:/x", "a//b", "./a", "", "a/"})
  void namesThatLeadOutAreRefused(String name) throws IOException {
    Map<String, byte[]> files = files();
    String manifest =
        text(files)
            .replace("\"files\": {", "\"files\": {\"" + name.replace("\\", "\\\\") + "\": \"00\",");
    files.put(ModelBundle.MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    assertTrue(refusal(write(files)).contains("is refused"), name);
    if (!name.isEmpty() && !name.endsWith("/")) {
      Map<String, byte[]> zipped = files();
      zipped.put(name, new byte[1]);
      BundleException e =
          assertThrows(
              BundleException.class, () -> ModelBundle.ofZip("x.zip", zip(zipped), 1 << 20));
      assertTrue(e.getMessage().contains("is refused"), e.getMessage());
    }
  }

  @Test
  void bytesAboveTheCapAreRefused() throws IOException {
    Map<String, byte[]> files = files();
    files.put("big.bin", new byte[1 << 20]);
    Path bundle = write(files);
    BundleException e =
        assertThrows(BundleException.class, () -> ModelBundle.open(bundle, 100_000));
    assertTrue(e.getMessage().contains("exceed 100000 bytes"), e.getMessage());
    // A zip bomb: a million zeros take a thousand bytes.
    byte[] zip = zip(files);
    assertTrue(zip.length < 20_000);
    assertThrows(BundleException.class, () -> ModelBundle.ofZip("x.zip", zip, 100_000));
    assertEquals("tiny", ModelBundle.ofZip("x.zip", zip, 2_000_000).name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"schemaVersion\": 1|\"schemaVersion\": 2|schemaVersion 2, this version of BitBeam reads 1",
        "\"name\": \"tiny\",||\"name\" is , expected a text",
        "\"stage\": {\"kind\": \"test\"}|\"stage\": []|\"stage\" is [], expected an object",
        "{\"kind\": \"test\"}|{}|\"kind\" is , expected a text",
        "\"tagger\": \"model.onnx\"|\"tagger\": \"../m.onnx\"|no file ../m.onnx listed",
        "\"absolute\": 1e-6|\"absolute\": -1|tolerance absolute is -1",
        "\"absolute\": 1e-6|\"absolute\": \"1\"|tolerance absolute is \"1\"",
        "\"model\": \"tagger\"|\"model\": \"other\"|a self-test is for \"other\"",
        "\"name\": \"tiny\",|\"name\": \"tiny\", \"name\": \"b\",|Duplicate field 'name'",
        "\"name\": \"tiny\",|\"name\": \"tiny\", \"codeProducts\": \"fast\",|codeProducts is \"fast\"",
        "\"outputs\": [|\"outputs\": 3, \"x\": [|\"outputs\" is 3, expected a list",
      })
  void malformedManifestIsRefused(String change) throws IOException {
    String[] parts = change.split("\\|");
    Map<String, byte[]> files = files();
    assertTrue(text(files).contains(parts[0]), text(files));
    files.put(
        ModelBundle.MANIFEST,
        text(files).replace(parts[0], parts[1]).getBytes(StandardCharsets.UTF_8));
    String message = refusal(write(files));
    assertTrue(message.contains(parts[2]), message);
  }

  @Test
  void folderWithoutManifestIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    assertTrue(refusal(folder.resolve("empty")).contains("no bundle.json"));
    Path text = folder.resolve("x.txt");
    Files.writeString(text, "no zip");
    assertTrue(refusal(text).contains("neither a folder nor a zip"));
  }

  @Test
  void selfTestOutOfToleranceIsRefused() throws IOException {
    ModelBundle good = ModelBundle.open(write(files()));
    Backend ort = Backends.standard().get("ort");
    try (Network network = good.load(ort, BackendOptions.DEFAULT)) {
      SelfTestReport report = good.selfTest(network);
      assertEquals(0, report.maxAbsolute());
      assertEquals(2, report.outputs().get(0).values());
      Map<String, byte[]> files = files();
      files.put("selftest/y.npy", Npy.format(Tensor.of(new float[] {2, 3.00001f}, 2)));
      BundleException e =
          assertThrows(
              BundleException.class,
              () -> ModelBundle.ofZip("bad.zip", zip(rehashed(files)), 1 << 20).selfTest(network));
      assertTrue(
          e.getMessage()
              .startsWith("bad.zip: self-test \"one\": output y deviates by up to 1.00e-05"),
          e.getMessage());
      files.put("selftest/y.npy", Npy.format(Tensor.of(new float[] {2, Float.NaN}, 2)));
      assertThrows(
          BundleException.class,
          () -> ModelBundle.ofZip("bad.zip", zip(rehashed(files)), 1 << 20).selfTest(network));
      files.put("selftest/y.npy", Npy.format(Tensor.of(new float[] {2}, 1)));
      e =
          assertThrows(
              BundleException.class,
              () -> ModelBundle.ofZip("bad.zip", zip(rehashed(files)), 1 << 20).selfTest(network));
      assertTrue(e.getMessage().contains("is FLOAT32[2], expected FLOAT32[1]"), e.getMessage());
    }
  }

  @Test
  void toleranceMayBeAShareOfTheRange() throws IOException {
    Map<String, byte[]> files = files();
    files.put("selftest/y.npy", Npy.format(Tensor.of(new float[] {2, 3.5f}, 2)));
    files.put(
        ModelBundle.MANIFEST,
        text(files)
            .replace("\"absolute\": 1e-6", "\"ofRange\": 0.34")
            .getBytes(StandardCharsets.UTF_8));
    ModelBundle bundle = ModelBundle.ofZip("x", zip(rehashed(files)), 1 << 20);
    try (Network network = bundle.load(Backends.standard().get("ort"), BackendOptions.DEFAULT)) {
      SelfTestReport report = bundle.selfTest(network);
      assertEquals(0.5, report.maxAbsolute());
      assertEquals(0.5 / (0.34 * 1.5), report.outputs().get(0).overTolerance(), 1e-12);
    }
  }

  @Test
  void unsafeModelNeverReachesTheBackend() throws IOException {
    Map<String, byte[]> files = files();
    files.put("model.onnx", TestModels.onnx("external_subgraph"));
    ModelBundle bundle = ModelBundle.ofZip("x.zip", zip(rehashed(files)), 1 << 20);
    Backend never =
        new Backend() {
          @Override
          public String name() {
            return "never";
          }

          @Override
          public Network load(String label, byte[] onnx, BackendOptions options) {
            throw new AssertionError("the backend saw the model");
          }
        };
    UnsafeModelException e =
        assertThrows(UnsafeModelException.class, () -> bundle.load(never, BackendOptions.DEFAULT));
    assertTrue(e.getMessage().startsWith("tiny/model.onnx: "), e.getMessage());
  }

  @Test
  void aBundleSaysHowProductsAreFormedUnlessTheCallerDoes() throws IOException {
    Map<String, byte[]> files = files();
    String manifest = text(files).replaceFirst("\\{", "{ \"codeProducts\": \"looked_up\",");
    files.put(ModelBundle.MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    ModelBundle bundle = ModelBundle.open(write(files));
    List<CodeProducts> asked = new ArrayList<>();
    Backend asking =
        new Backend() {
          @Override
          public String name() {
            return "asking";
          }

          @Override
          public Network load(String label, byte[] onnx, BackendOptions options) {
            asked.add(options.codeProducts());
            throw new ModelException("asked");
          }
        };
    for (CodeProducts caller :
        new CodeProducts[] {CodeProducts.MEASURED, CodeProducts.MULTIPLIED}) {
      BackendOptions options = BackendOptions.DEFAULT.withCodeProducts(caller);
      assertThrows(ModelException.class, () -> bundle.load(asking, options));
    }
    assertEquals(List.of(CodeProducts.LOOKED_UP, CodeProducts.MULTIPLIED), asked);
  }

  @Test
  void damagedZipsAreOpenedOrRefusedPolitely() throws IOException {
    byte[] zip = zip(files());
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 3_000; round++) {
      byte[] damaged = zip.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        ModelBundle.ofZip("damaged", damaged, 1 << 20);
      } catch (BundleException e) {
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
        refused++;
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > 1_000, "seed " + SEED + ": only " + refused + " refused");
  }

  @Test
  void damagedManifestsAreOpenedOrRefusedPolitely() throws IOException {
    Map<String, byte[]> files = files();
    byte[] manifest = files.get(ModelBundle.MANIFEST);
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      byte[] damaged = manifest.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      files.put(ModelBundle.MANIFEST, damaged);
      try {
        ModelBundle.ofZip("damaged", zip(files), 1 << 20);
      } catch (BundleException e) {
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
      }
    }
  }

  private String refusal(Path bundle) {
    return assertThrows(BundleException.class, () -> ModelBundle.open(bundle)).getMessage();
  }

  /** A bundle whose network adds one to two numbers. */
  static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("model.onnx", TestModels.onnx("inside"));
    files.put("selftest/x.npy", Npy.format(Tensor.of(new float[] {1, 2}, 2)));
    files.put("selftest/y.npy", Npy.format(Tensor.of(new float[] {2, 3}, 2)));
    String manifest =
        """
        {"schemaVersion": 1, "name": "tiny", "version": "1", "licence": "CC0-1.0",
         "stage": {"kind": "test"}, "models": {"tagger": "model.onnx"},
         "outputs": [{"name": "y", "unit": "GeV"}],
         "selftest": [{"name": "one", "model": "tagger", "inputs": {"x": "selftest/x.npy"},
           "outputs": {"y": {"file": "selftest/y.npy", "absolute": 1e-6}}}],
         "files": {}}
        """;
    files.put(ModelBundle.MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    return rehashed(files);
  }

  /** The same files, with their checksums in the manifest. */
  private static Map<String, byte[]> rehashed(Map<String, byte[]> files) {
    StringBuilder list = new StringBuilder("\"files\": {");
    for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
      if (!file.getKey().equals(ModelBundle.MANIFEST)) {
        list.append(list.toString().endsWith("{") ? "" : ", ");
        list.append('"').append(file.getKey()).append("\": \"");
        list.append(sha256(file.getValue())).append('"');
      }
    }
    Map<String, byte[]> result = new LinkedHashMap<>(files);
    result.put(
        ModelBundle.MANIFEST,
        text(files)
            .replaceAll("\"files\": \\{[^}]*", list.toString())
            .getBytes(StandardCharsets.UTF_8));
    return result;
  }

  private static String text(Map<String, byte[]> files) {
    return new String(files.get(ModelBundle.MANIFEST), StandardCharsets.UTF_8);
  }

  private Path write(Map<String, byte[]> files) throws IOException {
    Path bundle = folder.resolve("bundle");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = bundle.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
    return bundle;
  }

  static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
