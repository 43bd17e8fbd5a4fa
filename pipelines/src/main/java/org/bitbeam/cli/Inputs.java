package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;

/** Input files of commands: local paths and remote addresses. */
final class Inputs {
  /** For the description of parameters. */
  static final String DESCRIPTION =
      "A ROOT file: a path, or an http://, https://, root:// or roots:// address.";

  private Inputs() {}

  /** Opens one; a token for remote ones comes from the environment. */
  static RootFile open(String file) throws IOException {
    if (!file.contains("://") && !file.startsWith("file:") && !Files.exists(Path.of(file))) {
      throw new NoSuchFileException(file);
    }
    return RootFile.open(file, RemoteOptions.ofEnvironment(System.getenv()));
  }
}
