package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Assumptions;

/** Golden numbers of PyTorch for one kind of shower model; tests without them are skipped. */
record CaloFixtures(Path folder) {
  static CaloFixtures of(String area) {
    Path folder =
        Path.of(System.getProperty("bitbeam.shared", "../../shared"), "fixtures/models", area);
    Assumptions.assumeTrue(
        Files.isDirectory(folder), "shared fixtures are absent: " + folder.toAbsolutePath());
    return new CaloFixtures(folder);
  }

  JsonNode index() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("index.json").toFile());
  }

  byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  double[] array(String file) throws IOException {
    return numbers(Npy.read(folder.resolve(file)));
  }

  static double[] numbers(Tensor array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, array::getDouble);
    return values;
  }

  /** The networks of a bundle, which the caller closes. */
  static Networks load(ModelBundle bundle, String backend) {
    TreeMap<String, Network> networks = new TreeMap<>();
    for (String role : bundle.roles()) {
      networks.put(
          role, bundle.load(role, Backends.standard().get(backend), BackendOptions.DEFAULT));
    }
    return new Networks(networks);
  }

  record Networks(TreeMap<String, Network> byRole) implements AutoCloseable {
    @Override
    public void close() {
      byRole.values().forEach(Network::close);
    }
  }

  /** Compares by the largest difference over the largest magnitude. */
  static void assertClose(String what, double[] expected, double[] actual, double ofRange) {
    double range = 0;
    double worst = 0;
    int off = 0;
    for (int i = 0; i < expected.length; i++) {
      range = Math.max(range, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
    }
    for (int i = 0; i < expected.length; i++) {
      off += Math.abs(expected[i] - actual[i]) > 1e-4 * range ? 1 : 0;
    }
    assertTrue(
        worst <= ofRange * range,
        what
            + " deviates by "
            + worst / range
            + " of the range; "
            + off
            + " of "
            + expected.length
            + " by 1e-4");
  }
}
