package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.util.MimeTypes;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.OutputFile;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.StageFactory;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.Compression;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;
import org.joda.time.Duration;

/**
 * Applies a stage to files: the main job.
 *
 * @param inputs patterns of files
 * @param output folder; gets one file per input file under the same name
 * @param threads of the DirectRunner
 */
record StageJob(
    List<String> inputs,
    Path output,
    String tree,
    OutputMode mode,
    List<String> kept,
    Compression compression,
    int batchEntries,
    int threads) {

  private static final long FILES_LOOKED_AT_FIRST = 200;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * What was done.
   *
   * @param counters files, entries, batches, bytes, jets and what was met in them
   * @param outputs one for each input file
   */
  record Summary(
      String model,
      String modelFingerprint,
      String backend,
      double seconds,
      Map<String, Long> counters,
      List<JsonNode> outputs) {

    /** Prints a counter if something was counted. */
    void note(PrintWriter out, String counter, String text) {
      long count = counters.getOrDefault(counter, 0L);
      if (count > 0) {
        out.printf(Locale.ROOT, "note: %,d %s%n", count, text);
      }
    }

    /** Prints the files that were written. */
    void printOutputs(PrintWriter out) {
      for (JsonNode file : outputs) {
        out.printf(
            Locale.ROOT,
            "wrote %s: %,d entries, %,d bytes%n",
            file.get("file").asText(),
            file.get("entries").asLong(),
            file.get("bytes").asLong());
      }
    }
  }

  /**
   * Runs it.
   *
   * @param bundle the stage's model
   * @param backend what runs it
   * @param stage says which columns are read
   * @param transform applies the stage
   */
  Summary run(
      PrintWriter terminal,
      ModelBundle bundle,
      String backend,
      StageFactory stage,
      PTransform<PCollection<EventBatch>, PCollection<EventBatch>> transform)
      throws IOException {
    long start = System.nanoTime();
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setBlockOnRun(false);
    options.setTargetParallelism(threads);
    // Our stages change no batch, which tests with enforcement on show.
    options.setEnforceImmutability(false);
    options.setEnforceEncodability(false);
    FileSystems.setDefaultPipelineOptions(options);
    long total = lookAtInputs(stage);
    prepareOutput();
    Path work = output.resolve(".bitbeam-parts").resolve(UUID.randomUUID().toString());
    try {
      PipelineResult result = pipeline(options, stage, transform, work).run();
      Map<String, Long> counters = await(result, terminal, total);
      return new Summary(
          bundle.name() + " " + bundle.version(),
          bundle.fingerprint(),
          backend,
          (System.nanoTime() - start) / 1e9,
          counters,
          outputs(work));
    } finally {
      delete(work);
    }
  }

  private Pipeline pipeline(
      DirectOptions options,
      StageFactory stage,
      PTransform<PCollection<EventBatch>, PCollection<EventBatch>> transform,
      Path work) {
    Pipeline pipeline = Pipeline.create(options);
    PCollection<InputFile> files =
        pipeline.apply("Inputs", RootIO.match(inputs.toArray(String[]::new)).withTree(tree));
    files
        .apply("Read", RootIO.read().withColumnsOf(stage).withBatchEntries(batchEntries))
        .apply(transform)
        .apply(
            "Write",
            RootIO.write(files)
                .to(output.toString())
                .withPartsFolder(work.toString())
                .withMode(mode)
                .withKept(kept)
                .withCompression(compression))
        .apply("Report", ParDo.of(new ReportFn(work.resolve("outputs").toString())));
    return pipeline;
  }

  /** Finds out early what is wrong with the first input, and how many entries there are in all. */
  private long lookAtInputs(StageFactory stage) throws IOException {
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
        boolean isRead =
            ByteSource.isRemoteAddress(path)
                || FileSystems.matchNewResource(path, false).getScheme().equals("file");
        if (looked++ < FILES_LOOKED_AT_FIRST && isRead) {
          try (RootFile root = Inputs.open(path)) {
            InputFile input = InputFile.of(root, tree);
            entries += input.entries();
            if (looked == 1) {
              checkColumns(stage, root.dataset(input.dataset()).schema(), path);
            }
          }
        }
      }
    }
    return looked > FILES_LOOKED_AT_FIRST ? 0 : entries;
  }

  private static void checkColumns(StageFactory stage, Schema schema, String path) {
    try (var open = stage.open()) {
      open.stage().check(schema);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  private void prepareOutput() throws IOException {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new IOException(output + ": the output is a file, expected a folder");
    }
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new IOException(output + ": the output folder cannot be made: " + e.getMessage(), e);
    }
    if (!Files.isWritable(output)) {
      throw new IOException(output + ": the output folder is not writable");
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

  private static List<JsonNode> outputs(Path work) throws IOException {
    List<JsonNode> outputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(work.resolve("outputs"))) {
      for (Path file : files.toList()) {
        outputs.add(JSON.readTree(file.toFile()));
      }
    }
    outputs.sort(Comparator.comparing(o -> o.get("file").asText()));
    return outputs;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
    Path parent = folder.getParent();
    if (parent != null && Files.isDirectory(parent)) {
      try (Stream<Path> others = Files.list(parent)) {
        if (others.findAny().isEmpty()) {
          Files.deleteIfExists(parent);
        }
      }
    }
  }

  /**
   * Writes down each output for the command that waits for the pipeline; a second attempt writes
   * the same again.
   */
  private static final class ReportFn extends DoFn<OutputFile, Void> {
    private static final long serialVersionUID = 1L;
    private final String folder;

    ReportFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element OutputFile file) throws IOException {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("input", file.input());
      report.put("file", file.file());
      report.put("entries", file.entries());
      report.put("bytes", file.bytes());
      report.put("sha256", file.sha256());
      ResourceId resource =
          FileSystems.matchNewResource(folder, true)
              .resolve(
                  file.file().substring(file.file().lastIndexOf('/') + 1) + ".json",
                  StandardResolveOptions.RESOLVE_FILE);
      try (OutputStream out =
          Channels.newOutputStream(FileSystems.create(resource, MimeTypes.TEXT))) {
        out.write(JSON.writeValueAsBytes(report));
      }
    }
  }
}
