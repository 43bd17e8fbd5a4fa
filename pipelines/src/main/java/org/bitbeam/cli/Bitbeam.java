package org.bitbeam.cli;

import java.io.PrintWriter;
import java.util.List;
import org.bitbeam.beam.BackendSource;
import org.bitbeam.runtime.ModelRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

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
      "Exit codes: 0 done; 1 failed, also when more files were bad than --max-bad-files allows (the others are complete); 2 wrong usage; 128 + N ended by signal N (143 SIGTERM, 130 Ctrl-C)."
    },
    subcommands = {
      DemoCommand.class,
      TagCommand.class,
      EftCommand.class,
      SimulateCommand.class,
      GenerateCommand.class,
      RetryCommand.class,
      CombineCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      ModelCommand.class,
      BenchCommand.class,
      RunCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Bitbeam {
  static final String VERSION = "0.1.0";

  private final Rooms rooms;

  private Bitbeam(Rooms rooms) {
    this.rooms = rooms;
  }

  /** What the rooms above gave to a command. */
  static Rooms rooms(CommandSpec spec) {
    return ((Bitbeam) spec.root().userObject()).rooms;
  }

  /** What the networks of a command run on. */
  static BackendSource backends(CommandSpec spec) {
    return rooms(spec).backends();
  }

  /** All commands and options, for what describes or completes them. */
  public static CommandLine commandLine(Rooms rooms) {
    CommandLine commandLine = new CommandLine(new Bitbeam(rooms));
    rooms.commands().forEach(commandLine::addSubcommand);
    // Settings reach only the commands that are there already.
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new Failures());
  }

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    main(Rooms.NONE, arguments);
  }

  /** The same with what rooms above this one bring along. */
  public static void main(Rooms rooms, String... arguments) {
    PrintWriter out = new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8);
    List.of("INT", "TERM", "HUP").forEach(Bitbeam::endAt);
    end(run(out, err, rooms, arguments));
  }

  /**
   * What a JVM does anyway, but for the networks. The compiler's warning cannot be silenced;
   * javadoc's would come with an import.
   */
  private static void endAt(String signal) {
    try {
      sun.misc.Signal.handle(
          new sun.misc.Signal(signal), received -> end(128 + received.getNumber()));
    } catch (IllegalArgumentException e) {
      // Not a signal here, or none of the JVM's (-Xrs).
    }
  }

  private static void end(int code) {
    ModelRegistry.awaitEndOfPasses();
    System.exit(code);
  }

  /** Runs a command; returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return run(out, err, Rooms.NONE, arguments);
  }

  /** The same with what rooms above this one bring along. */
  public static int run(PrintWriter out, PrintWriter err, Rooms rooms, String... arguments) {
    CommandLine commandLine = commandLine(rooms).setOut(out).setErr(err);
    if (arguments.length == 0) {
      commandLine.usage(out);
      return CommandLine.ExitCode.USAGE;
    }
    int code = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }
}
