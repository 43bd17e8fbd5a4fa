package org.bitbeam.cli;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where BitBeam's own files lie: samples and models. The launcher sets {@code bitbeam.home}. */
final class Home {
  private Home() {}

  static Path folder() {
    return Path.of(System.getProperty("bitbeam.home", "."));
  }

  /** A bundle by its path, or by the name of a shipped one. */
  static Path bundle(String name) throws NoSuchFileException {
    Path path = Path.of(name);
    if (Files.exists(path)) {
      return path;
    }
    Path shipped = folder().resolve("models").resolve(name);
    if (!name.contains("/") && Files.exists(shipped)) {
      return shipped;
    }
    throw new NoSuchFileException(
        name, null, "no such model bundle; shipped ones are in " + folder().resolve("models"));
  }
}
