package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.util.CoderUtils;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.beam.RootIO;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench driver}. */
@Command(
    name = "driver",
    description = {
      "Times what the launcher does for a job of many files, without any events: lists a folder of so many (empty) files, keeps"
          + " an inventory, makes the pipeline, reads a ledger with a finished entry for each (docs/scale.md).",
      "Writes two small files an input into a new folder of --scratch, and deletes them."
    })
final class BenchDriverCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--files",
      defaultValue = "100000",
      paramLabel = "N",
      description = "Input files; default ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--scratch",
      required = true,
      paramLabel = "DIR",
      description = "Where the folder is made; its file system is part of what is measured.")
  private Path scratch = Path.of("");

  /**
   * A step.
   *
   * @param cpuSeconds of the whole process
   * @param heapBytes that stay in use for its result
   */
  private record Step(double seconds, double cpuSeconds, long heapBytes) {}

  private final Map<String, Step> steps = new LinkedHashMap<>();

  @Override
  public Integer call() throws Exception {
    if (files < 1) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--files needs at least 1");
    }
    PipelineOptions options = Runner.direct(1, List.of()).options();
    FileSystems.setDefaultPipelineOptions(options);
    Path folder = Files.createTempDirectory(scratch, "bitbeam-driver");
    long nameBytes;
    try {
      Path in = Files.createDirectory(folder.resolve("in"));
      Path out = folder.resolve("out");
      for (int i = 0; i < files; i++) {
        Files.createFile(in.resolve(name(i)));
      }
      writeLedger(in, out);
      List<String> listed = time("list", () -> RootIO.filesOf(in + "/*.root"));
      Map<String, String> inventory = time("inventory", () -> inventory(listed));
      nameBytes = nameBytes(inventory.values());
      List<String> names = List.copyOf(inventory.values());
      time("pipeline", () -> pipeline(options, names));
      Ledger ledger = time("ledger", () -> Ledger.read(out.toString()));
      if (inventory.size() != files || ledger.entries().size() != files) {
        throw new IllegalStateException("files got lost");
      }
    } finally {
      LocalFiles.deleteTree(folder);
    }
    print(nameBytes);
    return CommandLine.ExitCode.OK;
  }

  private static String name(int i) {
    return String.format(Locale.ROOT, "2026_Run%03d_NanoAOD_%08d.root", i / 10_000, i);
  }

  private void writeLedger(Path in, Path out) throws IOException {
    Path place = Files.createDirectories(out.resolve(".bitbeam/ledger"));
    String hash = "0123456789abcdef".repeat(4);
    for (int i = 0; i < files; i++) {
      String input = in.resolve(name(i)).toString();
      Ledger.Entry entry =
          new Ledger.Entry(
              "0123456789abcdef",
              1,
              input,
              hash,
              100_000,
              100_000,
              0,
              out.resolve(name(i)).toString(),
              1_000_000,
              hash,
              Map.of("model", "pfn-bit 1.0.0", "modelFingerprint", hash, "mode", "FRIEND"));
      Files.writeString(place.resolve(name(i) + ".json"), entry.toJson() + "\n");
    }
  }

  private static Map<String, String> inventory(List<String> listed) {
    Map<String, String> names = new TreeMap<>();
    for (String path : listed) {
      if (names.put(InputFile.baseName(path), path) != null) {
        throw new IllegalStateException("two files have one name");
      }
    }
    return names;
  }

  private static Pipeline pipeline(PipelineOptions options, List<String> names) {
    Pipeline pipeline = Pipeline.create(options);
    var found = pipeline.apply("Inputs", RootIO.files(names));
    found.apply("Read", RootIO.read().withColumns("x")).apply("Write", RootIO.write(found).to("o"));
    return pipeline;
  }

  /** What the names take in the job's description. */
  private static long nameBytes(Iterable<String> names) throws CoderException {
    long bytes = 0;
    for (String name : names) {
      bytes += CoderUtils.encodeToByteArray(StringUtf8Coder.of(), name).length;
    }
    return bytes;
  }

  private <T> T time(String name, Callable<T> work) throws Exception {
    long heap = heap();
    long cpu = cpu();
    long start = System.nanoTime();
    T result = work.call();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (cpu() - cpu) / 1e9;
    steps.put(name, new Step(seconds, cpuSeconds, heap() - heap));
    return result;
  }

  /** CPU time of this process, in nanoseconds. */
  static long cpu() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean own
        ? own.getProcessCpuTime()
        : 0;
  }

  /** Bytes in use after a collection. */
  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** What is printed. */
  private record Measured(int files, long nameBytes, Map<String, Step> steps) {}

  private void print(long nameBytes) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      CommonOptions.printJson(out, new Measured(files, nameBytes, steps));
      return;
    }
    out.printf(Locale.ROOT, "%,d files; their names: %,d bytes%n", files, nameBytes);
    out.printf("%-10s %9s %9s %12s%n", "step", "s", "CPU s", "heap, bytes");
    steps.forEach(
        (name, step) ->
            out.printf(
                Locale.ROOT,
                "%-10s %9.2f %9.2f %,12d%n",
                name,
                step.seconds(),
                step.cpuSeconds(),
                step.heapBytes()));
  }
}
