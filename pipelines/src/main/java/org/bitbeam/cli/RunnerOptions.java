package org.bitbeam.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options that say what runs a pipeline. */
final class RunnerOptions {
  @Option(
      names = "--runner",
      defaultValue = "direct",
      paramLabel = "NAME",
      description =
          "Beam runner: direct (default, this process), flink (docs/flink.md), or dataflow (docs/dataflow.md).")
  private String runner = "direct";

  @Option(
      names = "--flinkMaster",
      defaultValue = "[local]",
      paramLabel = "HOST:PORT",
      description =
          "REST address of a Flink cluster's JobManager; default ${DEFAULT-VALUE}: inside of this process.")
  private String flinkMaster = "[local]";

  @Option(
      names = "--flink-installed",
      description =
          "The cluster's class path has all jars of this program (docs/flink.md): none are sent.")
  private boolean flinkInstalled;

  @Option(
      names = "--dataflowTemplate",
      defaultValue = "",
      paramLabel = "FILE|gs://...",
      description =
          "With --runner dataflow: where the template goes that Google's tools start; nothing runs now.")
  String dataflowTemplate = "";

  @Option(
      names = "--runner-option",
      paramLabel = "NAME=VALUE",
      description = "An option of the Beam runner, such as objectReuse=true; several times.")
  private List<String> more = List.of();

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Threads, with Flink its parallelism; default is one per core, on a cluster its own.")
  int threads;

  /**
   * The runner that these options describe.
   *
   * @throws CommandLine.ParameterException when this distribution does not have it
   */
  Runner runner(CommandSpec spec) {
    return runner(spec, threads);
  }

  /** The same with so many threads, whatever {@code --threads} says; 0: the default. */
  Runner runner(CommandSpec spec, int threads) {
    if (threads < 0) {
      throw usage(spec, "--threads needs at least 0");
    }
    for (String option : more) {
      if (!option.matches("[A-Za-z0-9]+=.*")) {
        throw usage(spec, "--runner-option " + option + ": expected NAME=VALUE");
      }
    }
    switch (runner) {
      case "direct":
        if (!Runner.hasDirect()) {
          throw usage(spec, "--runner direct: it is not on the class path; start ./bitbeam");
        }
        return Runner.direct(threads, more);
      case "flink":
        if (!Runner.hasFlink()) {
          throw usage(
              spec,
              "--runner flink: it is not on the class path; build it with"
                  + " ./mvnw -Pflink,quick package and start ./bitbeam");
        }
        if (!flinkMaster.matches("\\[local]|.+:\\d+")) {
          throw usage(spec, "--flinkMaster " + flinkMaster + ": expected HOST:PORT or [local]");
        }
        return Runner.flink(flinkMaster, threads, flinkInstalled, more);
      case "dataflow":
        if (!Runner.hasDataflow()) {
          throw usage(
              spec,
              "--runner dataflow: it is not on the class path; build it with"
                  + " ./mvnw -Pdataflow,quick package and start ./bitbeam");
        }
        if (dataflowTemplate.isEmpty()) {
          throw usage(
              spec,
              "--runner dataflow writes a template: say where with --dataflowTemplate"
                  + " (docs/dataflow.md)");
        }
        return Runner.dataflow(dataflowTemplate, more);
      default:
        throw usage(spec, "--runner " + runner + ": there are direct, flink and dataflow");
    }
  }

  private static CommandLine.ParameterException usage(CommandSpec spec, String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
