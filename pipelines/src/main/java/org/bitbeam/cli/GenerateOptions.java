package org.bitbeam.cli;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options of every generator. */
final class GenerateOptions {
  @Option(
      names = "--count",
      defaultValue = "10000",
      paramLabel = "N",
      description = "Number of events; default ${DEFAULT-VALUE}.")
  long count;

  @Option(
      names = "--first",
      defaultValue = "0",
      paramLabel = "N",
      description = "Number of the first event: jobs with other ranges make other events.")
  long first;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "The same seed gives the same bytes; default ${DEFAULT-VALUE}.")
  long seed;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "Threads that make events; they change no event. Default: one a processor.")
  private int threads;

  @Option(
      names = "--format",
      defaultValue = "ttree",
      paramLabel = "FORMAT",
      description = "Of a .root file: ttree (default) or rntuple.")
  DatasetFormat format = DatasetFormat.TTREE;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "File to write; an existing one is replaced when the new one is complete.")
  Path output = Path.of("");

  /** Refuses numbers that make no sense. */
  void check(CommandSpec spec) {
    if (count < 1 || first < 0 || threads < 0 || first > Long.MAX_VALUE - count) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--count needs at least 1, --first and --threads at least 0");
    }
  }

  int threads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
