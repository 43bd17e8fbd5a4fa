package org.bitbeam.it;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Test data that lies beside the repository and may be absent. */
final class Shared {
  private Shared() {}

  /** The file or folder; skips the test, saying so, when it is absent. */
  static Path require(String inside) {
    Path path = Path.of(System.getProperty("bitbeam.shared", "../../shared")).resolve(inside);
    Assumptions.assumeTrue(
        Files.exists(path), () -> "skipped: " + path + " is not on this machine");
    return path;
  }
}
