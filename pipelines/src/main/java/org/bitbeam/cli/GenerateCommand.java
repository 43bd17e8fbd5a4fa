package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bitbeam generate}. */
@Command(
    name = "generate",
    description = "Makes events for training and tests; needs no other file (docs/generators.md).",
    subcommands = {GenerateShowersCommand.class, CommandLine.HelpCommand.class})
final class GenerateCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? bitbeam generate showers; each has --help");
  }

  /** Prints what was made. */
  static void print(
      CommandSpec spec,
      CommonOptions common,
      GenerateOptions options,
      String what,
      Map<String, Object> facts,
      double seconds)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long bytes = Files.size(options.output);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("output", options.output.toString());
      document.put("generated", what);
      document.put("count", options.count);
      document.put("first", options.first);
      document.put("seed", options.seed);
      document.putAll(facts);
      document.put("threads", options.threads());
      document.put("seconds", seconds);
      document.put("bytes", bytes);
      CommonOptions.printJson(out, document);
      return;
    }
    out.printf(
        Locale.ROOT,
        "generated %,d %s in %.1f s, %,.0f a second%n",
        options.count,
        what,
        seconds,
        options.count / seconds);
    facts.forEach((name, value) -> out.println("  " + name + ": " + value));
    out.printf(Locale.ROOT, "wrote %s: %,d bytes%n", options.output, bytes);
  }
}
