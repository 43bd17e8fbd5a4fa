package org.bitbeam.root;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Test data that lies beside the repository and may be absent. */
final class SharedFiles {
  private SharedFiles() {}

  /** The folder of shared data; skips the test, saying so, when it is absent. */
  static Path require(String inside) {
    Path folder = Path.of(System.getProperty("bitbeam.shared", "../../shared")).resolve(inside);
    Assumptions.assumeTrue(
        Files.exists(folder), () -> "skipped: " + folder + " is not on this machine");
    return folder;
  }
}
