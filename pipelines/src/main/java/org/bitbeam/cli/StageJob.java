package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.metrics.DistributionResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.beam.DeadLetters;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.StageFactory;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.report.CounterNotes;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Applies a stage to files: the main job.
 *
 * @param inputs patterns of files
 * @param output folder; gets one file per input file under the same name; a path, or an address of
 *     a file system that Beam has
 * @param skims whether entries without a value in the new columns are left out
 * @param runner what runs the pipeline
 * @param again whether files are processed that an earlier run of the job has finished
 * @param maxBadFiles how many files may be put aside with dead letters before the job reads no more
 *     and counts as failed; 0: the first one ends it
 * @param arguments of the command line, for {@code bitbeam retry}; none when it cannot be retried
 */
record StageJob(
    List<String> inputs,
    String output,
    String tree,
    OutputMode mode,
    List<String> kept,
    boolean skims,
    Compression compression,
    int batchEntries,
    Runner runner,
    boolean again,
    long maxBadFiles,
    List<String> arguments) {

  private static final long FILES_LOOKED_AT_FIRST = 200;
  private static final String SWEPT = "filesOfKilledJobs";

  /**
   * What was done.
   *
   * @param modelPath where the model's bundle is
   * @param circumstances when and on what it ran
   * @param steps of the pipeline in their order; none when there was nothing to do
   * @param counters files, entries, batches, bytes, jets and what was met in them
   * @param outputs one for each input file, in the order of their names
   * @param badFiles those that could not be processed
   * @param unreached files that were left when there were too many bad ones
   */
  record Summary(
      String model,
      String modelFingerprint,
      String modelPath,
      String backend,
      Map<String, String> circumstances,
      double seconds,
      List<Step> steps,
      Map<String, Long> counters,
      List<Output> outputs,
      List<BadFile> badFiles,
      int unreached) {

    /** Prints what was met; a jet gets a score, or an estimate. */
    void printNotes(PrintWriter out, String result) {
      CounterNotes.of(counters, result).forEach(note -> out.println("note: " + note));
    }

    /** Prints the files that were written, or were complete before. */
    void printOutputs(PrintWriter out) {
      long sweptFiles = counters.getOrDefault(SWEPT, 0L);
      if (sweptFiles > 0) {
        out.printf(Locale.ROOT, "deleted %,d files that a killed job had left%n", sweptFiles);
      }
      for (Output file : outputs) {
        out.printf(
            Locale.ROOT,
            "%s %s: %,d entries, %,d bytes%n",
            file.before() ? "complete before:" : "wrote",
            file.file(),
            file.entries(),
            file.bytes());
      }
      for (BadFile file : badFiles) {
        out.printf(
            Locale.ROOT,
            "no output for %s: %s%s%n",
            file.input(),
            file.cause(),
            file.letters() > 1 ? " (and " + (file.letters() - 1) + " more dead letters)" : "");
      }
    }

    /**
     * Fails when more files were bad than are allowed.
     *
     * @throws IOException saying how many
     */
    void checkBadFiles(StageJob job) throws IOException {
      if (badFiles.size() > job.maxBadFiles()) {
        boolean remote = OutputFolder.isRemote(job.output());
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%d files could not be processed, --max-bad-files allows %d; the causes are in"
                    + " %s, %s; mend them and run: %s",
                badFiles.size(),
                job.maxBadFiles(),
                remote
                    ? job.output() + "/" + OutputFolder.DEAD_LETTERS
                    : Path.of(job.output()).resolve(OutputFolder.DEAD_LETTERS),
                unreached > 0
                    ? unreached + " more files were not processed any more"
                    : "the other files are complete",
                unreached > 0
                    ? "the same command again"
                    : "bitbeam retry "
                        + job.output()
                        + (remote ? ", with the same --runner-option" : "")));
      }
    }
  }

  /**
   * A step of the pipeline.
   *
   * @param seconds summed over threads
   * @param bytes it read or wrote; 0 for a step in memory
   */
  record Step(String name, long calls, double seconds, long bytes) {}

  /**
   * A file that got no output.
   *
   * @param letters how many there are about it
   * @param cause of the first
   */
  record BadFile(String input, int letters, String cause) {}

  /**
   * An output.
   *
   * @param input file it was made from
   * @param file its name
   * @param entries of its tree
   * @param bytes of the file
   * @param sha256 of the file, in hexadecimal
   * @param before whether an earlier run of the same job had completed it
   */
  record Output(
      String input, String file, long entries, long bytes, String sha256, boolean before) {
    private static Output of(Ledger.Entry entry, boolean before) {
      return new Output(
          entry.input(),
          entry.output(),
          entry.entriesWritten(),
          entry.bytes(),
          entry.sha256(),
          before);
    }
  }

  /**
   * Runs it.
   *
   * @param bundle the stage's model
   * @param modelPath where it is
   * @param backend what runs it
   * @param stage says which columns are read
   * @param transform applies the stage
   */
  Summary run(
      PrintWriter terminal,
      ModelBundle bundle,
      Path modelPath,
      String backend,
      StageFactory stage,
      PTransform<PCollection<EventBatch>, PCollection<EventBatch>> transform)
      throws IOException {
    long start = System.nanoTime();
    PipelineOptions options = runner.options();
    FileSystems.setDefaultPipelineOptions(options);
    Inventory inventory = lookAtInputs(stage);
    try (OutputFolder folder = OutputFolder.claim(output)) {
      Map<String, String> settings = settings(bundle, backend, transform);
      Ledger.Job job = Ledger.Job.of(settings, folder.attempt(Ledger.Job.of(settings, 0).key()));
      Set<String> before = again ? Set.of() : finished(Ledger.read(output), job, inventory);
      List<String> remaining =
          inventory.files().stream().filter(file -> !before.contains(file)).toList();
      if (!arguments.isEmpty()) {
        folder.remember(arguments);
      }
      DeadLetters letters = letters();
      letters.forget(inventory.files());
      letters = letters.withMostFiles(letters.files() + maxBadFiles);
      Map<String, Long> counters = new TreeMap<>();
      List<Step> steps = List.of();
      if (!remaining.isEmpty()) {
        String parts = folder.parts(job);
        Pipeline pipeline =
            pipeline(options, RootIO.files(remaining), letters, stage, transform, parts, job);
        PipelineResult result = run(pipeline, terminal, parts, inventory.entries());
        counters.putAll(await(result, terminal, inventory.entries()));
        steps = steps(result, counters);
      }
      counters.put(SWEPT, (long) folder.swept());
      Ledger ledger = Ledger.read(output);
      List<DeadLetters.Letter> dead =
          letters.read().stream().filter(letter -> !isFinished(ledger, job, letter)).toList();
      folder.writeLedger(ledger, dead);
      folder.writeDeadLetters(dead);
      List<BadFile> badFiles = badFiles(dead, inventory.files());
      List<Output> outputs = outputs(ledger, job, inventory.files(), before, badFiles);
      Summary summary =
          new Summary(
              bundle.name() + " " + bundle.version(),
              bundle.fingerprint(),
              modelPath.toAbsolutePath().normalize().toString(),
              backend,
              Circumstances.now(),
              (System.nanoTime() - start) / 1e9,
              steps,
              counters,
              outputs,
              badFiles,
              inventory.files().size() - outputs.size() - badFiles.size());
      folder.writeSummary(summary);
      return summary;
    }
  }

  /** Starts the pipeline; Flink's runner also waits for its end. */
  private PipelineResult run(Pipeline pipeline, PrintWriter terminal, String parts, long entries) {
    boolean shown = runner.waits() && Progress.isTerminal();
    try (FlinkJob.Guard guard = runner.guard(pipeline.getOptions());
        PartsProgress progress = new PartsProgress(terminal, shown, parts, entries)) {
      return pipeline.run();
    }
  }

  /**
   * Writes the job as a template instead of running it; nothing of its inputs or its output folder
   * is looked at. Where it runs, patterns are matched, and every input is processed.
   */
  void writeTemplate(
      ModelBundle bundle,
      String backend,
      StageFactory stage,
      PTransform<PCollection<EventBatch>, PCollection<EventBatch>> transform) {
    PipelineOptions options = runner.options();
    FileSystems.setDefaultPipelineOptions(options);
    pipeline(
            options,
            RootIO.match(inputs.toArray(String[]::new)),
            letters(),
            stage,
            transform,
            "",
            Ledger.Job.of(settings(bundle, backend, transform), 1))
        .run();
  }

  /** What outputs depend on; batches and threads are not among it. */
  private Map<String, String> settings(
      ModelBundle bundle, String backend, PTransform<?, ?> transform) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("bitbeam", Bitbeam.VERSION);
    settings.put("model", bundle.name() + " " + bundle.version());
    settings.put("modelFingerprint", bundle.fingerprint());
    settings.put("backend", backend);
    settings.put("stage", transform.getClass().getSimpleName());
    for (DisplayData.Item item : DisplayData.from(transform).items()) {
      settings.put("stage." + item.getKey(), String.valueOf(item.getValue()));
    }
    settings.put("tree", tree);
    settings.put("mode", mode.name());
    settings.put("kept", String.join(",", kept));
    settings.put("compression", compression.toString());
    return settings;
  }

  /** The inputs that an earlier run of the job has finished, and that have not changed since. */
  private Set<String> finished(Ledger ledger, Ledger.Job job, Inventory inventory)
      throws IOException {
    Set<String> finished = new HashSet<>();
    for (String file : inventory.files()) {
      if (ledger.entries().containsKey(file)) {
        try (RootFile root = RootIO.open(file)) {
          if (ledger.finished(job, InputFile.of(root, tree)).isPresent()) {
            finished.add(file);
          }
        } catch (IOException | RuntimeException e) {
          if (maxBadFiles == 0) {
            throw e;
          }
          // Not finished as it is now; the pipeline puts it down.
        }
      }
    }
    return finished;
  }

  private Pipeline pipeline(
      PipelineOptions options,
      RootIO.Match files,
      DeadLetters letters,
      StageFactory stage,
      PTransform<PCollection<EventBatch>, PCollection<EventBatch>> transform,
      String parts,
      Ledger.Job job) {
    Pipeline pipeline = Pipeline.create(options);
    RootIO.Match match = files.withTree(tree);
    RootIO.Read read = RootIO.read().withColumnsOf(stage).withBatchEntries(batchEntries);
    if (maxBadFiles > 0) {
      match = match.withDeadLetters(letters);
      read = read.withDeadLetters(letters);
    }
    PCollection<InputFile> inputFiles = pipeline.apply("Inputs", match);
    RootIO.Write write =
        RootIO.write(inputFiles)
            .to(output)
            .withPartsFolder(parts)
            .withMode(mode)
            .withKept(kept)
            .withCompression(compression)
            .withLedger(job);
    if (skims) {
      write = write.withSkimming();
    }
    inputFiles
        .apply("Read", read)
        .apply(transform)
        .apply("Write", maxBadFiles > 0 ? write.withDeadLetters(letters) : write);
    return pipeline;
  }

  /** Finds out early what is wrong with the first inputs, and how many entries there are in all. */
  private Inventory lookAtInputs(StageFactory stage) throws IOException {
    long entries = 0;
    long looked = 0;
    Map<String, String> names = new TreeMap<>();
    for (String pattern : inputs) {
      for (String path : RootIO.filesOf(pattern)) {
        String other = names.put(InputFile.baseName(path), path);
        if (other != null) {
          throw new IllegalArgumentException(
              "two input files have the same name: "
                  + other
                  + " and "
                  + path
                  + "; process them into different folders");
        }
        if (looked++ < FILES_LOOKED_AT_FIRST) {
          try (RootFile root = RootIO.open(path)) {
            InputFile input = InputFile.of(root, tree);
            entries += input.entries();
            Dataset dataset = root.dataset(input.dataset());
            if (looked == 1) {
              checkColumns(stage, dataset.schema(), path);
            }
            if (skims) {
              RootIO.checkSkimming(path, dataset, mode, kept);
            }
          } catch (IOException | RuntimeException e) {
            if (maxBadFiles == 0) {
              throw e;
            }
            // The pipeline meets it too, and puts it down.
          }
        }
      }
    }
    return new Inventory(List.copyOf(names.values()), looked > FILES_LOOKED_AT_FIRST ? 0 : entries);
  }

  private static void checkColumns(StageFactory stage, Schema schema, String path) {
    try (var open = stage.open()) {
      open.stage().check(schema);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, Long> await(PipelineResult result, PrintWriter terminal, long total) {
    Progress progress = new Progress(terminal, Progress.isTerminal(), "entries", total);
    try {
      PipelineResult.State state = null;
      while (state == null || !state.isTerminal()) {
        state = result.waitUntilFinish(Duration.millis(200));
        progress.update(counters(result).getOrDefault("entries", 0L));
      }
      if (state != PipelineResult.State.DONE) {
        throw new IllegalStateException("the pipeline ended as " + state);
      }
    } finally {
      progress.end();
    }
    return counters(result);
  }

  private static Map<String, Long> counters(PipelineResult result) {
    Map<String, Long> counters = new TreeMap<>();
    MetricsFilter filter =
        MetricsFilter.builder().addNameFilter(MetricNameFilter.inNamespace("bitbeam")).build();
    for (MetricResult<Long> counter : result.metrics().queryMetrics(filter).getCounters()) {
      counters.merge(counter.getName().getName(), counter.getAttempted(), Long::sum);
    }
    return counters;
  }

  private static List<Step> steps(PipelineResult result, Map<String, Long> counters) {
    MetricsFilter filter =
        MetricsFilter.builder().addNameFilter(MetricNameFilter.inNamespace("bitbeam")).build();
    Map<String, DistributionResult> times = new HashMap<>();
    for (MetricResult<DistributionResult> time :
        result.metrics().queryMetrics(filter).getDistributions()) {
      times.put(time.getName().getName(), time.getAttempted());
    }
    long partBytes = counters.getOrDefault("partBytes", 0L);
    return List.of(
        step("read", times.get("readNanosPerBatch"), counters.getOrDefault("bytesRead", 0L)),
        step("network", times.get("stageNanosPerBatch"), 0),
        step("write parts", times.get("partNanosPerBatch"), partBytes),
        step(
            "assemble outputs",
            times.get("assembleNanosPerFile"),
            counters.getOrDefault("bytesWritten", 0L)));
  }

  private static Step step(String name, @Nullable DistributionResult time, long bytes) {
    return time == null
        ? new Step(name, 0, 0, bytes)
        : new Step(name, time.getCount(), time.getSum() / 1e9, bytes);
  }

  /** Where files are put down that cannot be processed. */
  DeadLetters letters() {
    return new DeadLetters(output);
  }

  /** Whether a later attempt within this job did it after all. */
  private static boolean isFinished(Ledger ledger, Ledger.Job job, DeadLetters.Letter letter) {
    Ledger.Entry entry = ledger.entries().get(letter.input());
    return entry != null && isOf(entry, job);
  }

  /** Whether it was entered by this run. */
  private static boolean isOf(Ledger.Entry entry, Ledger.Job job) {
    return entry.job().equals(job.key()) && entry.attempt() == job.attempt();
  }

  private static List<BadFile> badFiles(List<DeadLetters.Letter> dead, List<String> files) {
    Map<String, List<DeadLetters.Letter>> byInput = new TreeMap<>();
    for (DeadLetters.Letter letter : dead) {
      byInput.computeIfAbsent(letter.input(), input -> new ArrayList<>()).add(letter);
    }
    List<BadFile> bad = new ArrayList<>();
    for (String file : files) {
      List<DeadLetters.Letter> letters = byInput.get(file);
      if (letters != null) {
        bad.add(new BadFile(file, letters.size(), letters.get(0).cause()));
      }
    }
    return bad;
  }

  /** What there is now, which must be everything that is not bad, unless too much is. */
  private List<Output> outputs(
      Ledger ledger, Ledger.Job job, List<String> files, Set<String> before, List<BadFile> bad) {
    Set<String> without = bad.stream().map(BadFile::input).collect(Collectors.toSet());
    List<Output> outputs = new ArrayList<>();
    for (String file : files) {
      Ledger.Entry entry = ledger.entries().get(file);
      if (without.contains(file)) {
        continue;
      }
      if (entry != null && (before.contains(file) || isOf(entry, job))) {
        outputs.add(Output.of(entry, before.contains(file)));
      } else if (bad.size() <= maxBadFiles) {
        throw new IllegalStateException(file + ": finished, but not in the ledger");
      }
    }
    return outputs;
  }

  /**
   * The input files.
   *
   * @param files in the order of their last names, which differ
   * @param entries in all; 0 when there are too many files to look into
   */
  private record Inventory(List<String> files, long entries) {}
}
