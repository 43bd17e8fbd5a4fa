package org.bitbeam.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.bitbeam.beam.RootOptions;

/**
 * A Beam runner with its options. Which ones there are depends on the distribution: two are never
 * on one class path, for their libraries clash.
 *
 * @param arguments as Beam's own command line takes them
 * @param place where the work is done
 */
record Runner(List<String> arguments, Place place) {
  private static final String FLINK_MASTER = "--flinkMaster=";

  /** Of file names and plans, a thread of the DirectRunner: few, for it works hard for each. */
  private static final int GROUPS_PER_THREAD = 16;

  /** Of one file, there as well; more plans than threads, so that all have work to the end. */
  private static final int PLANS_PER_THREAD = 2;

  /**
   * Flink costs little for each plan, and gives workers theirs by chance: many, for even shares.
   */
  private static final long FLINK_PLAN_BYTES = 1L << 18;

  /** Where pipelines run. */
  enum Place {
    /** In this process: relative paths have a meaning. */
    HERE,
    /** In other processes, which see the same file system. */
    CLUSTER,
    /** Not now: a pipeline is written down, to be started later in a cloud. */
    TEMPLATE
  }

  /** The DirectRunner, in this process. */
  static Runner direct(int threads, List<String> more) {
    int parallelism = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new Runner(
        joined(
            more,
            "--runner=DirectRunner",
            "--blockOnRun=false",
            "--targetParallelism=" + parallelism,
            "--rootGroups=" + GROUPS_PER_THREAD * parallelism,
            "--rootPlansPerFile=" + PLANS_PER_THREAD * parallelism,
            // Our stages change no batch, which tests with enforcement on show.
            "--enforceImmutability=false",
            "--enforceEncodability=false"),
        Place.HERE);
  }

  /**
   * Flink.
   *
   * @param master {@code host:port} of the REST interface of a cluster's JobManager, or {@code
   *     [local]} for a cluster inside of this process
   * @param parallelism 0 for the cluster's own default, or all cores
   * @param isInstalled whether the cluster's own class path has all of this program, so that none
   *     of it is sent
   */
  static Runner flink(String master, int parallelism, boolean isInstalled, List<String> more) {
    boolean local = master.startsWith("[");
    List<String> arguments = new ArrayList<>();
    arguments.add("--runner=FlinkRunner");
    arguments.add(FLINK_MASTER + master);
    arguments.add("--rootPlanBytes=" + FLINK_PLAN_BYTES);
    if (parallelism > 0) {
      arguments.add("--parallelism=" + parallelism);
    }
    if (!local) {
      arguments.add(
          "--filesToStage=" + (isInstalled ? nothing() : String.join(",", stagedFiles())));
    }
    return new Runner(
        joined(more, arguments.toArray(String[]::new)), local ? Place.HERE : Place.CLUSTER);
  }

  /**
   * A template for Dataflow: for its runner v2, where nothing else is asked for, and with the
   * module of the vector kernels on the workers.
   *
   * @param location of the template: a file here, or {@code gs://...}
   */
  static Runner dataflow(String location, List<String> more) {
    return new Runner(
        joined(
            more,
            "--runner=DataflowRunner",
            "--templateLocation=" + location,
            "--experiments=use_runner_v2",
            "--jdkAddRootModules=jdk.incubator.vector"),
        Place.TEMPLATE);
  }

  /** Whether {@code run()} of a pipeline returns only when all is done, without counters before. */
  boolean waits() {
    return arguments.stream().anyMatch(argument -> argument.startsWith(FLINK_MASTER));
  }

  /**
   * Cancels the job on a Flink cluster that a pipeline of these options becomes, if this process is
   * ended meanwhile.
   */
  FlinkJob.Guard guard(PipelineOptions options) {
    for (String argument : arguments) {
      if (place == Place.CLUSTER && argument.startsWith(FLINK_MASTER)) {
        return new FlinkJob(argument.substring(FLINK_MASTER.length()), options.getJobName())
            .guard();
      }
    }
    return new FlinkJob.Guard(null);
  }

  /** Whether Beam's Flink runner is on the class path. */
  static boolean hasFlink() {
    return has("flink/FlinkRunner");
  }

  /** Whether Beam's Dataflow runner is on the class path. */
  static boolean hasDataflow() {
    return has("dataflow/DataflowRunner");
  }

  /** Whether Beam's DirectRunner is on the class path. */
  static boolean hasDirect() {
    return has("direct/DirectRunner");
  }

  private static boolean has(String name) {
    String file = "org/apache/beam/runners/" + name + ".class";
    return Runner.class.getClassLoader().getResource(file) != null;
  }

  PipelineOptions options() {
    PipelineOptionsFactory.register(RootOptions.class);
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

  /** A jar without anything: given no files, Beam's runner sends all that it finds itself. */
  private static String nothing() {
    try {
      Path jar = Files.createTempFile("bitbeam-nothing", ".jar");
      jar.toFile().deleteOnExit();
      new JarOutputStream(Files.newOutputStream(jar), new Manifest()).close();
      return jar.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("an empty file for Flink's runner cannot be written", e);
    }
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
