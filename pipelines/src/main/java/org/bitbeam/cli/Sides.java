package org.bitbeam.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say what is timed against what. */
final class Sides {
  @Option(
      names = "--backend",
      defaultValue = "bit",
      paramLabel = "NAME",
      description = "What runs the first network; default ${DEFAULT-VALUE}.")
  String backend = "bit";

  @Option(
      names = "--against",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "The other backend; default ${DEFAULT-VALUE}, ONNX Runtime.")
  String against = "ort";

  @Option(
      names = "--against-model",
      paramLabel = "MODEL",
      description =
          "What the other backend runs, such as the float network of the same inputs; the same network if absent.")
  Optional<String> againstModel = Optional.empty();
}
