package org.bitbeam.cli;

import java.io.IOException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which network a command is about. */
final class NetworkChoice {
  @Parameters(
      paramLabel = "MODEL",
      description =
          "ONNX file, model bundle, name of a shipped bundle, or published/NAME for a network of the paper at its"
              + " published size with random weights (a wrong name lists them).")
  String model = "";

  @Option(
      names = "--role",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Which network of a bundle with several.")
  private String role = "";

  NetworkFile open() throws IOException {
    return NetworkFile.open(model, role);
  }
}
