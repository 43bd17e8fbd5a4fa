package org.bitbeam.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.bitbeam.beam.DeadLetters;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam retry}. */
@Command(
    name = "retry",
    description = {
      "Runs a job again for the files that could not be processed.",
      "Those are the ones in DIR/deadletter. The command is the one that was used before, with all of its options."
    })
final class RetryCommand implements Callable<Integer> {
  private static final String INPUT = "--input";

  /** Options whose values are files of the user. */
  private static final Set<String> FILES = Set.of(INPUT, "--output", "--model", "--layout");

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR",
      description = "Output folder of the job: a path, or s3://... (docs/remote-files.md).")
  private String folder = "out";

  @Mixin private StoreOptions store = new StoreOptions();

  @Override
  public Integer call() throws Exception {
    boolean remote = OutputFolder.isRemote(folder);
    if (remote) {
      store.register();
    }
    String place = remote ? folder : Path.of(folder).toAbsolutePath().normalize().toString();
    List<String> arguments = new ArrayList<>(OutputFolder.remembered(place));
    Set<String> inputs = new TreeSet<>();
    new DeadLetters(place).read().forEach(letter -> inputs.add(letter.input()));
    if (inputs.isEmpty()) {
      spec.commandLine().getOut().println("nothing to retry: " + folder + " has no dead letters");
      return CommandLine.ExitCode.OK;
    }
    inputs.forEach(input -> arguments.addAll(List.of(INPUT, input)));
    if (common.json) {
      arguments.add("--json");
    }
    if (common.debug) {
      arguments.add("--debug");
    }
    return Bitbeam.run(
        spec.commandLine().getOut(),
        spec.commandLine().getErr(),
        Bitbeam.rooms(spec),
        arguments.toArray(String[]::new));
  }

  /**
   * The command that is being run, without its inputs, as it can be given again in any folder:
   * names of files are absolute.
   */
  static List<String> arguments(CommandSpec spec) {
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    // An option that was given several times is there as often, each time with all of its values.
    for (OptionSpec option :
        new LinkedHashSet<>(spec.commandLine().getParseResult().matchedOptions())) {
      if (option.longestName().equals(INPUT)
          || option.longestName().equals("--json")
          || option.longestName().equals("--debug")) {
        continue;
      }
      for (String value : option.stringValues()) {
        arguments.add(option.longestName() + "=" + absolute(option.longestName(), value));
      }
    }
    return arguments;
  }

  private static String absolute(String option, String value) {
    boolean file =
        FILES.contains(option)
            && !OutputFolder.isRemote(value)
            && (option.equals("--output") || Files.exists(Path.of(value)));
    return file ? Path.of(value).toAbsolutePath().normalize().toString() : value;
  }
}
