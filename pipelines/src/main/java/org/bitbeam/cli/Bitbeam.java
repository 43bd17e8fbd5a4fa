package org.bitbeam.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.physics.metrics.ShowerClassifier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command {@code bitbeam}: reads ROOT files, runs low-bit networks on them, writes ROOT files.
 */
@Command(
    name = "bitbeam",
    mixinStandardHelpOptions = true,
    version = "bitbeam " + Bitbeam.VERSION,
    description = "Reads ROOT event files, runs quantised networks on them, writes ROOT files.",
    footer = {
      "",
      "bitbeam train ...: trains networks, on PyTorch; the first call downloads it (docs/training.md).",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with dead letters above the threshold."
    },
    subcommands = {
      DemoCommand.class,
      TagCommand.class,
      EftCommand.class,
      SimulateCommand.class,
      RetryCommand.class,
      CombineCommand.class,
      EvaluateCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      ModelCommand.class,
      BenchCommand.class,
      RunCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Bitbeam {
  static final String VERSION = "0.1.0";

  private Bitbeam() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /** Runs a command; returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return run(out, err, Map.of(), Optional.empty(), arguments);
  }

  /**
   * Runs a command; returns its exit code.
   *
   * @param further commands of rooms above this one, by name
   * @param classifier for {@code evaluate calo --classifier}
   */
  public static int run(
      PrintWriter out,
      PrintWriter err,
      Map<String, ?> further,
      Optional<ShowerClassifier> classifier,
      String... arguments) {
    CommandLine commandLine = new CommandLine(new Bitbeam(), new Commands(classifier));
    further.forEach(commandLine::addSubcommand);
    // Settings reach only the commands that are there already.
    commandLine
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new Failures());
    if (arguments.length == 0) {
      commandLine.usage(out);
      return CommandLine.ExitCode.USAGE;
    }
    int code = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }

  /** Makes commands: those that need something from a room above this one, and all others. */
  private record Commands(Optional<ShowerClassifier> classifier) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      return type == EvaluateCaloCommand.class
          ? type.cast(new EvaluateCaloCommand(classifier))
          : CommandLine.defaultFactory().create(type);
    }
  }
}
