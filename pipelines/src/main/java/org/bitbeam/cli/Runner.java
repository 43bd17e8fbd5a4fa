package org.bitbeam.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * A Beam runner with its options. Which ones there are depends on the distribution: two are never
 * on one class path, for their libraries clash.
 *
 * @param arguments as Beam's own command line takes them
 * @param inThisProcess whether all the work is done here, so that relative paths have a meaning
 */
record Runner(List<String> arguments, boolean inThisProcess) {
  /** The DirectRunner, in this process. */
  static Runner direct(int threads, List<String> more) {
    int parallelism = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new Runner(
        joined(
            more,
            "--runner=DirectRunner",
            "--blockOnRun=false",
            "--targetParallelism=" + parallelism,
            // Our stages change no batch, which tests with enforcement on show.
            "--enforceImmutability=false",
            "--enforceEncodability=false"),
        true);
  }

  /**
   * Flink.
   *
   * @param master {@code host:port} of the REST interface of a cluster's JobManager, or {@code
   *     [local]} for a cluster inside of this process
   * @param parallelism 0 for the cluster's own default, or all cores
   */
  static Runner flink(String master, int parallelism, List<String> more) {
    boolean local = master.startsWith("[");
    List<String> arguments = new ArrayList<>();
    arguments.add("--runner=FlinkRunner");
    arguments.add("--flinkMaster=" + master);
    if (parallelism > 0) {
      arguments.add("--parallelism=" + parallelism);
    }
    if (!local) {
      arguments.add("--filesToStage=" + String.join(",", stagedFiles()));
    }
    return new Runner(joined(more, arguments.toArray(String[]::new)), local);
  }

  /** Whether the Flink runner is on the class path. */
  static boolean hasFlink() {
    return Runner.class
            .getClassLoader()
            .getResource("org/apache/beam/runners/flink/FlinkRunner.class")
        != null;
  }

  /** Whether the DirectRunner is on the class path. */
  static boolean hasDirect() {
    return Runner.class
            .getClassLoader()
            .getResource("org/apache/beam/runners/direct/DirectRunner.class")
        != null;
  }

  PipelineOptions options() {
    return PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).create();
  }

  /** Everything of this program's class path but what every Flink cluster has itself. */
  private static List<String> stagedFiles() {
    Set<String> staged = new LinkedHashSet<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
      Path file = Path.of(entry).toAbsolutePath();
      if (!entry.isEmpty()
          && file.toFile().exists()
          && !file.getFileName().toString().startsWith("flink-")) {
        staged.add(file.toString());
      }
    }
    return List.copyOf(staged);
  }

  /** Our options, but for those that users give themselves, and theirs. */
  private static List<String> joined(List<String> more, String... ours) {
    List<String> all = new ArrayList<>();
    for (String argument : ours) {
      String name = argument.substring(0, argument.indexOf('=') + 1);
      if (more.stream().noneMatch(other -> ("--" + other).startsWith(name))) {
        all.add(argument);
      }
    }
    more.forEach(other -> all.add("--" + other));
    return List.copyOf(all);
  }
}
