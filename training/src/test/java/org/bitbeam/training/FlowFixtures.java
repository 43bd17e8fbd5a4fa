package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Assumptions;

/** PyTorch's numbers for CaloINN and its splines; tests without them are skipped. */
record FlowFixtures(Path folder) {
  static FlowFixtures find() {
    Path folder =
        Path.of(System.getProperty("bitbeam.shared", "../../shared"), "fixtures/models/caloinn");
    Assumptions.assumeTrue(
        Files.isDirectory(folder), "shared fixtures are absent: " + folder.toAbsolutePath());
    return new FlowFixtures(folder);
  }

  JsonNode index() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("index.json").toFile());
  }

  byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  double[] array(String file) throws IOException {
    Tensor tensor = Npy.read(folder.resolve(file));
    double[] values = new double[tensor.size()];
    Arrays.setAll(values, tensor::getDouble);
    return values;
  }

  double[] array(JsonNode node, String name) throws IOException {
    return array(node.get("files").get(name).asText());
  }

  /** The largest difference over the largest magnitude of the expected. */
  static double deviation(double[] expected, double[] actual) {
    return expected.length == actual.length
        ? deviation(expected, actual, 0, expected.length)
        : Double.POSITIVE_INFINITY;
  }

  /** The same, differences of numbers {@code [from, to)} alone. */
  static double deviation(double[] expected, double[] actual, int from, int to) {
    double range = 0;
    for (double value : expected) {
      range = Math.max(range, Math.abs(value));
    }
    double worst = 0;
    for (int i = from; i < to; i++) {
      double off = Math.abs(expected[i] - actual[i]);
      worst = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(worst, off);
    }
    return worst / range;
  }
}
