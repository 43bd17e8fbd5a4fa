package org.bitbeam.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A model with everything that belongs to it: networks, preprocessing, description, licence,
 * metrics, training record, self-test vectors, and the SHA-256 of every file. A folder or a zip
 * with {@value #MANIFEST} at its top:
 *
 * <pre>{@code
 * { "schemaVersion": 1,
 *   "name": "pfn", "version": "1.0.0", "description": "...", "licence": "CC0-1.0",
 *   "stage": { "kind": "jet-tagger", ... },              what the physics stage of that kind needs
 *   "models": { "tagger": "model.onnx" },                role -> file
 *   "outputs": [ { "name": "logits", "description": "...", "unit": "", "labels": ["gluon", "quark"] } ],
 *   "codeProducts": "measured",                          optional, see {@link CodeProducts}
 *   "metrics": { ... }, "training": { ... },             free
 *   "selftest": [ { "name": "...", "model": "tagger",
 *                   "inputs":  { "pf_features": "selftest/pf_features.npy" },
 *                   "outputs": { "logits": { "file": "selftest/logits.npy",
 *                                            "absolute": 1e-5, "relative": 1e-5, "ofRange": 0 } } } ],
 *   "files": { "model.onnx": "sha256 in hexadecimal", ... } }
 * }</pre>
 *
 * <p>A value of a self-test is in order when |actual - expected| is at most {@code absolute +
 * relative * |expected| + ofRange * (max - min of all expected values)}; tolerances left out are 0.
 *
 * <p>Opening reads all files into memory once and verifies them, so that what runs is what was
 * verified. Refused are files that are listed but missing or altered, ONNX files that are not
 * listed, names and links that lead out of the bundle, and more bytes than the cap. Other files
 * that are not listed (a README) are ignored. Immutable; safe to share between threads.
 */
public final class ModelBundle {
  /** Name of the file that describes the bundle. */
  public static final String MANIFEST = "bundle.json";

  /** The version of the schema that this class reads. */
  public static final int SCHEMA_VERSION = 1;

  /** Cap on the bytes of all files together unless another is given: 1 GiB. */
  public static final long DEFAULT_MAX_BYTES = 1L << 30;

  // No value of the manifest is worth more; a parsed tree takes some 20 times the bytes.
  private static final int MAX_MANIFEST_BYTES = 16 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String label;
  private final SortedMap<String, byte[]> files;
  private final JsonNode manifest;
  private final String fingerprint;
  private final Map<String, String> models;
  private final List<OutputInfo> outputs;
  private final List<SelfTest> selfTests;

  /**
   * An output as the bundle describes it.
   *
   * @param name as the network has it
   * @param description for people; may be empty
   * @param unit empty for a pure number
   * @param labels names of the values along the last axis; may be empty
   */
  public record OutputInfo(String name, String description, String unit, List<String> labels) {
    public OutputInfo {
      labels = List.copyOf(labels);
    }
  }

  private record SelfTest(
      String name, String model, Map<String, String> inputs, Map<String, Expected> outputs) {}

  private record Expected(String file, double absolute, double relative, double ofRange) {}

  private ModelBundle(String label, SortedMap<String, byte[]> found) {
    this.label = label;
    byte[] json = found.get(MANIFEST);
    if (json == null) {
      throw new BundleException(label + ": no " + MANIFEST + "; there are: " + found.keySet());
    }
    if (json.length > MAX_MANIFEST_BYTES) {
      throw new BundleException(
          label + ": " + MANIFEST + " has more than " + MAX_MANIFEST_BYTES + " bytes");
    }
    this.fingerprint = sha256(json);
    this.manifest = parse(label + ": " + MANIFEST, json);
    int version = manifest.path("schemaVersion").asInt(-1);
    if (version != SCHEMA_VERSION) {
      throw new BundleException(
          label
              + ": schemaVersion "
              + manifest.path("schemaVersion")
              + ", this version of BitBeam reads "
              + SCHEMA_VERSION);
    }
    this.files = verified(found);
    this.files.put(MANIFEST, json);
    text(manifest, "name");
    text(manifest, "version");
    text(manifest, "licence");
    text(object(manifest, "stage"), "kind");
    codeProducts();
    this.models = strings(manifest, "models");
    models.values().forEach(this::bytes);
    this.outputs = outputInfos();
    this.selfTests = selfTests();
  }

  /**
   * Opens a folder or a zip of at most {@link #DEFAULT_MAX_BYTES}.
   *
   * @throws BundleException when it is not what it says
   * @throws IOException when it cannot be read
   */
  public static ModelBundle open(Path folderOrZip) throws IOException {
    return open(folderOrZip, DEFAULT_MAX_BYTES);
  }

  /**
   * Opens a folder or a zip.
   *
   * @param maxBytes cap on the bytes of all files together
   * @throws BundleException when it is not what it says
   * @throws IOException when it cannot be read
   */
  public static ModelBundle open(Path folderOrZip, long maxBytes) throws IOException {
    String label = folderOrZip.toString();
    if (Files.isDirectory(folderOrZip)) {
      return new ModelBundle(label, BundleFiles.ofFolder(label, folderOrZip, maxBytes));
    }
    long size = Files.size(folderOrZip);
    if (size > Math.min(maxBytes, Integer.MAX_VALUE - 8)) {
      throw new BundleException(
          label + ": " + size + " bytes, but the limit is " + maxBytes + " bytes");
    }
    return ofZip(label, Files.readAllBytes(folderOrZip), maxBytes);
  }

  /**
   * Opens the bytes of a zip.
   *
   * @param label name of the bundle in messages
   * @param maxBytes cap on the bytes of all unpacked files together
   * @throws BundleException when it is not what it says
   * @throws IOException when the zip is damaged beyond what can be told
   */
  public static ModelBundle ofZip(String label, byte[] zip, long maxBytes) throws IOException {
    return new ModelBundle(label, BundleFiles.ofZip(label, zip, maxBytes));
  }

  /** The bundle of files that are in memory. */
  static ModelBundle ofFiles(String label, SortedMap<String, byte[]> files) {
    return new ModelBundle(label, files);
  }

  /**
   * The bundle as a zip, for sending it to workers; the same bundle gives the same bytes. Holds the
   * listed files only.
   */
  public byte[] toZip() {
    return BundleFiles.toZip(files);
  }

  /** Name of the model, such as {@code pfn-bit}. */
  public String name() {
    return text(manifest, "name");
  }

  /** Version of the model, such as {@code 1.0.0}. */
  public String version() {
    return text(manifest, "version");
  }

  /** What the model does, for people; may be empty. */
  public String description() {
    return manifest.path("description").asText("");
  }

  /** SPDX name of the licence. */
  public String licence() {
    return text(manifest, "licence");
  }

  /** Kind of the physics stage, such as {@code jet-tagger}. */
  public String stageKind() {
    return text(object(manifest, "stage"), "kind");
  }

  /** What the physics stage needs to know, {@code kind} included; a copy. */
  public JsonNode stage() {
    return object(manifest, "stage").deepCopy();
  }

  /** Measured quality; a copy, empty when there is none. */
  public JsonNode metrics() {
    return manifest.path("metrics").deepCopy();
  }

  /** How the model was trained; a copy, empty when unknown. */
  public JsonNode training() {
    return manifest.path("training").deepCopy();
  }

  /** All of {@value #MANIFEST}; a copy. */
  public JsonNode manifest() {
    return manifest.deepCopy();
  }

  /** Described outputs. */
  public List<OutputInfo> outputs() {
    return outputs;
  }

  /** Roles of the networks, such as {@code tagger}. */
  public SortedSet<String> roles() {
    return new TreeSet<>(models.keySet());
  }

  /** SHA-256 of {@value #MANIFEST}, which holds the SHA-256 of every other file; hexadecimal. */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * Content of a listed file, a copy.
   *
   * @throws BundleException when it is not listed
   */
  public byte[] file(String path) {
    return bytes(path).clone();
  }

  /**
   * A listed file as JSON.
   *
   * @throws BundleException when it is not listed or malformed
   */
  public JsonNode json(String path) {
    return parse(label + ": " + path, bytes(path));
  }

  /**
   * Loads the only network.
   *
   * @throws BundleException when the bundle has several
   * @throws UnsafeModelException when the model refers to other files; no engine saw it then
   * @throws ModelException when the backend cannot load it
   */
  public Network load(Backend backend, BackendOptions options) {
    return load(onlyRole(), backend, options);
  }

  /**
   * Loads the network of a role.
   *
   * @throws BundleException when there is no such role
   * @throws UnsafeModelException when the model refers to other files; no engine saw it then
   * @throws ModelException when the backend cannot load it
   */
  public Network load(String role, Backend backend, BackendOptions options) {
    byte[] onnx = onnx(role);
    BackendOptions fixed =
        options.codeProducts() == CodeProducts.MEASURED
            ? options.withCodeProducts(codeProducts())
            : options;
    return backend.load(name() + "/" + models.get(role), onnx, fixed);
  }

  /**
   * How the backend {@code bit} is to form integer sums unless the caller says; mostly measured.
   */
  private CodeProducts codeProducts() {
    String given = manifest.path("codeProducts").asText(CodeProducts.MEASURED.name());
    for (CodeProducts known : CodeProducts.values()) {
      if (known.name().equalsIgnoreCase(given)) {
        return known;
      }
    }
    throw new BundleException(
        label
            + ": "
            + MANIFEST
            + ": codeProducts is \""
            + given
            + "\"; known are "
            + Arrays.toString(CodeProducts.values()));
  }

  /**
   * The network of a role as a new array; packed weights ({@link NetworkExport#packed}) are
   * unpacked.
   *
   * @throws BundleException when there is no such role
   * @throws UnsafeModelException when the model refers to other files
   */
  public byte[] onnx(String role) {
    String file = models.get(role);
    if (file == null) {
      throw new BundleException(
          label + ": no model of the role \"" + role + "\"; there are: " + roles());
    }
    byte[] onnx = file(file);
    ExternalDataCheck.check(name() + "/" + file, onnx);
    return NetworkExport.unpacked(name() + "/" + file, onnx);
  }

  /**
   * Runs the self-test vectors of the only network. A bundle without vectors passes with an empty
   * report.
   *
   * @throws BundleException when an output is out of tolerance, or the vectors do not fit
   */
  public SelfTestReport selfTest(Network network) {
    return selfTest(onlyRole(), network);
  }

  /**
   * Runs the self-test vectors of a role's network.
   *
   * @throws BundleException when an output is out of tolerance, or the vectors do not fit
   */
  public SelfTestReport selfTest(String role, Network network) {
    List<SelfTestReport.Output> results = new ArrayList<>();
    for (SelfTest test : selfTests) {
      if (test.model().equals(role)) {
        results.addAll(run(test, network));
      }
    }
    return new SelfTestReport(results);
  }

  private List<SelfTestReport.Output> run(SelfTest test, Network network) {
    String where = label + ": self-test \"" + test.name() + "\"";
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    test.inputs().forEach((name, file) -> inputs.put(name, npy(file)));
    Map<String, Tensor> actual;
    try {
      actual = network.run(inputs);
    } catch (IllegalArgumentException e) {
      throw new BundleException(where + ": " + e.getMessage(), e);
    }
    List<SelfTestReport.Output> results = new ArrayList<>();
    for (Map.Entry<String, Expected> output : test.outputs().entrySet()) {
      Expected expected = output.getValue();
      Tensor got = actual.get(output.getKey());
      if (got == null) {
        throw new BundleException(where + ": the network has no output " + output.getKey());
      }
      SelfTestReport.Output result =
          compare(where, test.name(), output.getKey(), npy(expected.file()), got, expected);
      if (!(result.overTolerance() <= 1)) {
        throw new BundleException(
            String.format(
                Locale.ROOT,
                "%s: output %s deviates by up to %.3g, %.3g times the tolerance; the engine computes"
                    + " something else here than where the bundle was made",
                where,
                output.getKey(),
                result.maxAbsolute(),
                result.overTolerance()));
      }
      results.add(result);
    }
    return results;
  }

  private static SelfTestReport.Output compare(
      String where, String test, String output, Tensor expected, Tensor got, Expected tolerance) {
    if (!java.util.Arrays.equals(expected.shape(), got.shape())) {
      throw new BundleException(
          where + ": output " + output + " is " + got + ", expected " + expected);
    }
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < expected.size(); i++) {
      double value = expected.getDouble(i);
      if (Double.isFinite(value)) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    double fixed = tolerance.absolute() + (max >= min ? tolerance.ofRange() * (max - min) : 0);
    double maxAbsolute = 0;
    double overTolerance = 0;
    for (int i = 0; i < expected.size(); i++) {
      double want = expected.getDouble(i);
      double have = got.getDouble(i);
      if (Double.compare(want, have) == 0 || want == have) {
        continue;
      }
      double off = Math.abs(have - want);
      if (!Double.isFinite(off)) {
        off = Double.POSITIVE_INFINITY;
      }
      maxAbsolute = Math.max(maxAbsolute, off);
      // Without any tolerance this is infinite, as it should be.
      double allowed = fixed + tolerance.relative() * Math.abs(want);
      overTolerance =
          Math.max(
              overTolerance, Double.isInfinite(off) ? Double.POSITIVE_INFINITY : off / allowed);
    }
    return new SelfTestReport.Output(test, output, expected.size(), maxAbsolute, overTolerance);
  }

  private String onlyRole() {
    if (models.size() != 1) {
      throw new BundleException(
          label + ": " + models.size() + " models, name the role; there are: " + roles());
    }
    return models.keySet().iterator().next();
  }

  private Tensor npy(String file) {
    try {
      return Npy.parse(label + ": " + file, bytes(file));
    } catch (NpyFormatException e) {
      throw new BundleException(String.valueOf(e.getMessage()), e);
    }
  }

  private byte[] bytes(String path) {
    byte[] content = files.get(path);
    if (content == null) {
      throw new BundleException(
          label
              + ": no file "
              + path
              + " listed in "
              + MANIFEST
              + "; there are: "
              + files.keySet());
    }
    return content;
  }

  private SortedMap<String, byte[]> verified(SortedMap<String, byte[]> found) {
    SortedMap<String, byte[]> listed = new TreeMap<>();
    for (Map.Entry<String, String> file : strings(manifest, "files").entrySet()) {
      String path = file.getKey();
      BundleFiles.checkName(label, path);
      if (path.equals(MANIFEST)) {
        throw new BundleException(label + ": " + MANIFEST + " cannot list itself");
      }
      byte[] content = found.get(path);
      if (content == null) {
        throw new BundleException(label + ": " + path + " is listed, but not there");
      }
      String actual = sha256(content);
      if (!actual.equals(file.getValue())) {
        throw new BundleException(
            label
                + ": "
                + path
                + " has SHA-256 "
                + actual
                + ", but "
                + MANIFEST
                + " says "
                + file.getValue()
                + "; get the bundle again");
      }
      listed.put(path, content);
    }
    for (String path : found.keySet()) {
      if (path.toLowerCase(Locale.ROOT).endsWith(".onnx") && !listed.containsKey(path)) {
        throw new BundleException(
            label + ": " + path + " is a model that " + MANIFEST + " does not list");
      }
    }
    return listed;
  }

  private List<OutputInfo> outputInfos() {
    List<OutputInfo> infos = new ArrayList<>();
    for (JsonNode node : list(manifest, "outputs")) {
      List<String> labels = new ArrayList<>();
      for (JsonNode name : list(node, "labels")) {
        labels.add(name.asText());
      }
      infos.add(
          new OutputInfo(
              text(node, "name"),
              node.path("description").asText(""),
              node.path("unit").asText(""),
              labels));
    }
    return List.copyOf(infos);
  }

  private List<SelfTest> selfTests() {
    List<SelfTest> tests = new ArrayList<>();
    for (JsonNode node : list(manifest, "selftest")) {
      String role = text(node, "model");
      if (!models.containsKey(role)) {
        throw new BundleException(
            label + ": a self-test is for \"" + role + "\", there are: " + models.keySet());
      }
      Map<String, String> inputs = strings(node, "inputs");
      inputs.values().forEach(this::bytes);
      Map<String, Expected> outputs = new LinkedHashMap<>();
      for (var field : object(node, "outputs").properties()) {
        JsonNode value = field.getValue();
        Expected expected =
            new Expected(
                text(value, "file"),
                tolerance(value, "absolute"),
                tolerance(value, "relative"),
                tolerance(value, "ofRange"));
        bytes(expected.file());
        outputs.put(field.getKey(), expected);
      }
      tests.add(new SelfTest(node.path("name").asText(role), role, inputs, outputs));
    }
    return List.copyOf(tests);
  }

  private double tolerance(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return 0;
    }
    if (!value.isNumber() || !(value.asDouble() >= 0) || Double.isInfinite(value.asDouble())) {
      throw new BundleException(
          label + ": tolerance " + name + " is " + value + ", expected a number from 0 on");
    }
    return value.asDouble();
  }

  private String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw new BundleException(
          label + ": " + MANIFEST + ": \"" + name + "\" is " + value + ", expected a text");
    }
    return value.asText();
  }

  private JsonNode object(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isObject()) {
      throw new BundleException(
          label + ": " + MANIFEST + ": \"" + name + "\" is " + value + ", expected an object");
    }
    return value;
  }

  private JsonNode list(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isArray() && !value.isMissingNode()) {
      throw new BundleException(
          label + ": " + MANIFEST + ": \"" + name + "\" is " + value + ", expected a list");
    }
    return value;
  }

  private Map<String, String> strings(JsonNode node, String name) {
    Map<String, String> result = new TreeMap<>();
    for (var field : object(node, name).properties()) {
      result.put(field.getKey(), text(object(node, name), field.getKey()));
    }
    return result;
  }

  private static JsonNode parse(String what, byte[] json) {
    try {
      JsonNode node = JSON.readTree(new String(json, StandardCharsets.UTF_8));
      if (node == null || !node.isObject()) {
        throw new BundleException(what + ": no JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new BundleException(what + ": malformed JSON: " + e.getOriginalMessage(), e);
    }
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return name() + " " + version() + " (" + label + ")";
  }
}
