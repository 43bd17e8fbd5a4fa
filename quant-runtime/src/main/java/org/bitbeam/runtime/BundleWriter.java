package org.bitbeam.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Collects a model bundle ({@link ModelBundle} describes the format) and writes it. The same calls
 * give the same bytes. For one thread.
 */
public final class BundleWriter {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private final ObjectNode manifest = JsonNodeFactory.instance.objectNode();
  private final ObjectNode models = JsonNodeFactory.instance.objectNode();
  private final ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
  private final ArrayNode selfTests = JsonNodeFactory.instance.arrayNode();

  /**
   * An empty bundle.
   *
   * @param licence SPDX name
   * @param stage what the physics stage needs; an object with {@code kind}
   */
  public BundleWriter(
      String name, String version, String description, String licence, JsonNode stage) {
    manifest.put("schemaVersion", ModelBundle.SCHEMA_VERSION);
    manifest.put("name", name);
    manifest.put("version", version);
    manifest.put("description", description);
    manifest.put("licence", licence);
    manifest.set("stage", stage.deepCopy());
  }

  /**
   * Everything a bundle lists, under another name and for another stage.
   *
   * @param stage as of the constructor
   */
  public static BundleWriter copyOf(ModelBundle bundle, String name, JsonNode stage) {
    BundleWriter copy =
        new BundleWriter(name, bundle.version(), bundle.description(), bundle.licence(), stage);
    JsonNode manifest = bundle.manifest();
    manifest
        .path("files")
        .fieldNames()
        .forEachRemaining(path -> copy.file(path, bundle.file(path)));
    manifest
        .path("models")
        .fields()
        .forEachRemaining(e -> copy.models.set(e.getKey(), e.getValue()));
    manifest.path("outputs").forEach(copy.outputs::add);
    manifest.path("selftest").forEach(copy.selfTests::add);
    manifest.fields().forEachRemaining(e -> copy.manifest.putIfAbsent(e.getKey(), e.getValue()));
    return copy;
  }

  /**
   * How far from the expected values a self-test may be: {@code absolute + relative * |expected| +
   * ofRange * (max - min of the expected)}.
   */
  public record Tolerance(double absolute, double relative, double ofRange) {}

  /**
   * Adds a file.
   *
   * @param path relative, with {@code /}
   */
  public BundleWriter file(String path, byte[] content) {
    BundleFiles.checkName("bundle", path);
    if (path.equals(ModelBundle.MANIFEST) || files.putIfAbsent(path, content.clone()) != null) {
      throw new BundleException("two files are named " + path);
    }
    return this;
  }

  /** Adds a network under a role. */
  public BundleWriter model(String role, String path, byte[] onnx) {
    file(path, onnx);
    models.put(role, path);
    return this;
  }

  /** Describes an output. */
  public BundleWriter output(ModelBundle.OutputInfo output) {
    ObjectNode node = outputs.addObject();
    node.put("name", output.name());
    node.put("description", output.description());
    node.put("unit", output.unit());
    ArrayNode labels = node.putArray("labels");
    output.labels().forEach(labels::add);
    return this;
  }

  /** Sets one of the free parts: {@code metrics} or {@code training}. */
  public BundleWriter record(String part, JsonNode value) {
    manifest.set(part, value.deepCopy());
    return this;
  }

  /** Adds a self-test of a role's network. */
  public BundleWriter selfTest(
      String name,
      String role,
      Map<String, Tensor> inputs,
      Map<String, Tensor> expected,
      Tolerance tolerance) {
    ObjectNode test = selfTests.addObject();
    test.put("name", name);
    test.put("model", role);
    ObjectNode given = test.putObject("inputs");
    inputs.forEach((input, tensor) -> given.put(input, array(role, "inputs", input, tensor)));
    ObjectNode wanted = test.putObject("outputs");
    expected.forEach(
        (output, tensor) -> {
          ObjectNode node = wanted.putObject(output);
          node.put("file", array(role, "outputs", output, tensor));
          node.put("absolute", tolerance.absolute());
          node.put("relative", tolerance.relative());
          node.put("ofRange", tolerance.ofRange());
        });
    return this;
  }

  private String array(String role, String side, String name, Tensor tensor) {
    String path =
        "selftest/" + selfTests.size() + "-" + role + "/" + side + "/" + fileName(name) + ".npy";
    file(path, Npy.format(tensor));
    return path;
  }

  /** A name of a network's input or output as a file name. */
  public static String fileName(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]", "_");
  }

  /** The bundle, verified as {@link ModelBundle#open} would. */
  public ModelBundle bundle() {
    try {
      return ModelBundle.ofFiles(manifest.path("name").asText(), all());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  private SortedMap<String, byte[]> all() throws IOException {
    ObjectNode full = manifest.deepCopy();
    full.set("models", models);
    full.set("outputs", outputs);
    full.set("selftest", selfTests);
    ObjectNode hashes = full.putObject("files");
    files.forEach((path, content) -> hashes.put(path, ModelBundle.sha256(content)));
    SortedMap<String, byte[]> all = new TreeMap<>(files);
    byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(full);
    all.put(ModelBundle.MANIFEST, json);
    return all;
  }

  /**
   * Writes the bundle as a folder, which appears complete or not at all.
   *
   * @throws FileAlreadyExistsException when there is something of that name
   * @throws BundleException when the parts do not make a bundle
   * @throws IOException when it cannot be written; nothing is left behind then
   */
  public void write(Path folder) throws IOException {
    SortedMap<String, byte[]> all = all();
    ModelBundle.ofFiles(folder.toString(), all);
    if (Files.exists(folder)) {
      throw new FileAlreadyExistsException(
          folder.toString(), null, "a bundle never replaces another; remove it first");
    }
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (parent == null) {
      throw new IOException(folder + " is no folder that can be made");
    }
    Files.createDirectories(parent);
    // Not a temporary folder: those are closed to other users.
    Path draft =
        Files.createDirectory(
            parent.resolve(
                "." + folder.getFileName() + "." + Long.toString(System.nanoTime(), 36)));
    try {
      for (Map.Entry<String, byte[]> file : all.entrySet()) {
        Path path = draft.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        try (FileChannel out =
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(file.getValue());
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
          out.force(true);
        }
      }
      Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      remove(draft);
      throw e;
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
