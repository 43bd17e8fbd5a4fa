package org.bitbeam.runtime.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxType;
import org.junit.jupiter.api.Assumptions;

/** The shared golden networks, and arrays from {@code .npy} files. */
public final class Fixtures {
  private Fixtures() {}

  /** One exported network of an index file. */
  public record Entry(Path folder, JsonNode json) {
    public String file() {
      return json.get("file").asText();
    }

    public Path path() {
      return folder.resolve(file());
    }

    public boolean hasGolden() {
      return json.has("golden");
    }

    public int expectedBitLayers() {
      return json.path("ternary_layers_expected").asInt();
    }

    public boolean isSingleLayer() {
      return json.path("golden").has("T");
    }

    /** Noise of two correct float programs over the range of the output. */
    public double noise(String output) {
      double noise = 0;
      for (String key : List.of("ort_vs_eager", "eager32_vs_eager64")) {
        noise = Math.max(noise, json.path(key).path(output).path("over_range").asDouble(0));
      }
      return noise;
    }

    public Map<String, NdArray> inputs(int maxRows) {
      return arrays("inputs", maxRows);
    }

    public Map<String, NdArray> outputs(int maxRows) {
      return arrays("outputs", maxRows);
    }

    private Map<String, NdArray> arrays(String key, int maxRows) {
      JsonNode golden = json.get("golden");
      int rows = Math.min(maxRows, golden.path("rows").asInt(Integer.MAX_VALUE));
      Map<String, NdArray> arrays = new LinkedHashMap<>();
      golden
          .get(key)
          .fields()
          .forEachRemaining(
              e -> arrays.put(e.getKey(), head(npy(folder.resolve(e.getValue().asText())), rows)));
      return arrays;
    }

    @Override
    public String toString() {
      return folder.getFileName() + "/" + file();
    }
  }

  public static Path shared() {
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"));
    Assumptions.assumeTrue(
        Files.isDirectory(shared), "shared fixtures are absent: " + shared.toAbsolutePath());
    return shared;
  }

  public static JsonNode json(Path path) {
    try {
      return new ObjectMapper().readTree(path.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All exported networks. */
  public static List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (String area : List.of("bitlinear", "caloinn", "calodream", "other", "pdat", "smeftnet")) {
      Path folder = shared().resolve("fixtures/models").resolve(area);
      json(folder.resolve("index.json"))
          .get("onnx_files")
          .forEach(node -> entries.add(new Entry(folder, node)));
    }
    return entries;
  }

  public static byte[] bytes(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first rows of an array. */
  public static NdArray head(NdArray x, int rows) {
    if (x.rank() == 0 || x.shape()[0] <= rows) {
      return x;
    }
    int[] shape = x.shape().clone();
    shape[0] = rows;
    int[] positions = new int[x.size() / x.shape()[0] * rows];
    Arrays.setAll(positions, i -> i);
    return x.take(positions, shape);
  }

  public static NdArray npy(Path path) {
    byte[] bytes = bytes(path);
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = in.getShort(8) & 0xFFFF;
    String header = new String(bytes, 10, length, StandardCharsets.US_ASCII);
    String dims = header.substring(header.indexOf('(') + 1, header.indexOf(')'));
    int[] shape =
        Arrays.stream(dims.split(","))
            .map(String::trim)
            .filter(s -> !s.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    in.position(10 + length);
    ByteBuffer data = in.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (header.contains("<f4")) {
      float[] values = new float[size];
      data.asFloatBuffer().get(values);
      return new FloatArray(shape, values);
    }
    if (header.contains("<f8")) {
      double[] values = new double[size];
      data.asDoubleBuffer().get(values);
      return new DoubleArray(shape, values);
    }
    long[] values = new long[size];
    OnnxType type;
    if (header.contains("<i4")) {
      type = OnnxType.INT32;
      Arrays.setAll(values, i -> data.getInt(4 * i));
    } else if (header.contains("<i8")) {
      type = OnnxType.INT64;
      Arrays.setAll(values, i -> data.getLong(8 * i));
    } else if (header.contains("|i1")) {
      type = OnnxType.INT8;
      Arrays.setAll(values, i -> data.get(i));
    } else {
      throw new IllegalArgumentException(path + ": " + header);
    }
    return new IntegerArray(type, shape, values);
  }

  /** Largest difference over the largest magnitude of what is expected; NaN agrees with NaN. */
  public static double difference(NdArray expected, NdArray actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    if (!(expected instanceof FloatArray e) || !(actual instanceof FloatArray a)) {
      return fail("not floats");
    }
    double range = 0;
    double worst = 0;
    for (int i = 0; i < e.size(); i++) {
      float x = e.values()[i];
      float y = a.values()[i];
      if (Float.isNaN(x) || Float.isInfinite(x) || Float.isNaN(y)) {
        if (Float.compare(x, y) != 0) {
          return Double.POSITIVE_INFINITY;
        }
        continue;
      }
      range = Math.max(range, Math.abs(x));
      worst = Math.max(worst, Math.abs((double) x - y));
    }
    return worst == 0 ? 0 : worst / range;
  }
}
