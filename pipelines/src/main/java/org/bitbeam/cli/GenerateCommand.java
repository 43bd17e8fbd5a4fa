package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bitbeam.physics.generate.EventSource;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bitbeam generate}. */
@Command(
    name = "generate",
    description = "Makes events for training and tests; needs no other file (docs/generators.md).",
    subcommands = {
      GenerateJetsCommand.class,
      GenerateWzCommand.class,
      GenerateShowersCommand.class,
      CommandLine.HelpCommand.class
    })
final class GenerateCommand implements Runnable {
  private static final int EVENTS_PER_BATCH = 500;
  private static final long CLUSTER_BYTES = 16 << 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? bitbeam generate jets, wz, showers; each has --help");
  }

  /** Writes the events of a source to a dataset "jets", and prints what was made. */
  static void write(
      CommandSpec spec,
      CommonOptions common,
      GenerateOptions options,
      String what,
      EventSource source,
      Map<String, Object> facts)
      throws IOException {
    options.check(spec);
    if (!options.output.toString().toLowerCase(Locale.ROOT).endsWith(".root")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--output " + options.output + ": expected a name that ends in .root");
    }
    long start = System.nanoTime();
    Path folder = options.output.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Progress progress =
        new Progress(spec.commandLine().getErr(), Progress.isTerminal(), "events", options.count);
    try (RootWriter writer = RootWriter.create(options.output)) {
      DatasetWriter dataset =
          options.format.begin(
              writer,
              "jets",
              "bitbeam generate, seed " + options.seed,
              source.schema(),
              source.counters(),
              CLUSTER_BYTES);
      OrderedBatches.run(
          options.first,
          options.count,
          EVENTS_PER_BATCH,
          options.threads(),
          source::generate,
          batch -> {
            dataset.write(batch);
            progress.update(batch.origin().firstEntry() + batch.entries() - options.first);
          });
      dataset.finish();
      writer.commit();
    } finally {
      progress.end();
    }
    print(spec, common, options, what, facts, (System.nanoTime() - start) / 1e9);
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
