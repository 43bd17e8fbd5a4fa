package org.bitbeam.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Compression;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading and writing of the files that {@code make_big_nanoaod.py} makes, without other readers
 * beside; {@code tools/bench_root.py} compares. The folder of the files is the system property
 * {@code bitbeam.benchmark.files}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
public class RootBenchmark {
  private static final List<String> NUMERIC =
      List.of("run", "luminosityBlock", "event", "MET_pt", "MET_phi", "genWeight");
  private static final List<String> JAGGED =
      List.of("Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass", "Jet_nConstituents", "GenPart_pdgId");
  private static final List<String> OF_1500 = List.of("Group3_x1", "Group50_x2", "Group99_x3");
  private static final long BATCH = 65_536;

  private static Path file(String name) {
    String folder = System.getProperty("bitbeam.benchmark.files");
    if (folder == null) {
      throw new IllegalArgumentException(
          "say where the files of make_big_nanoaod.py are: java"
              + " -Dbitbeam.benchmark.files=FOLDER -jar ...");
    }
    return Path.of(folder, name);
  }

  /** Files to read. */
  @State(Scope.Benchmark)
  public static class Input {
    /** Codec, and whether the file has an ntuple. */
    @Param({"zlib", "lz4", "zstd", "lzma", "rntuple_zstd"})
    public String codec = "";

    Path path() {
      return file("events_" + codec + ".root");
    }
  }

  /** Values to write, and a place for them. */
  @State(Scope.Benchmark)
  public static class Output {
    /** As {@code bitbeam convert --compression} takes it. */
    @Param({"zlib:1", "lz4:4", "zstd:5"})
    public String compression = "";

    private @Nullable EventBatch events;
    private Path target = Path.of("");

    /** Reads the values. */
    @Setup(Level.Trial)
    public void load() throws IOException {
      List<String> columns = new ArrayList<>(NUMERIC);
      columns.addAll(JAGGED);
      events = Work.load(file("events_zstd.root"), "Events", columns);
      target = Files.createTempFile("bitbeam-benchmark", ".root");
    }

    void write(boolean asTree) throws IOException {
      EventBatch loaded = Objects.requireNonNull(events);
      Work.write(target, asTree, Compression.parse(compression), loaded);
    }

    /** Takes the file away. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
      Files.deleteIfExists(target);
    }
  }

  /** Columns of numbers. */
  @Benchmark
  public Object readNumeric(Input input) throws IOException {
    return Work.read(input.path(), "Events", NUMERIC, BATCH);
  }

  /** Columns of lists of numbers. */
  @Benchmark
  public Object readJagged(Input input) throws IOException {
    return Work.read(input.path(), "Events", JAGGED, BATCH);
  }

  /** Opening a file with 1,500 branches for three of them. */
  @Benchmark
  public Object openWide() throws IOException {
    return Work.read(file("wide.root"), "Events", OF_1500, BATCH);
  }

  /** All columns into a tree. */
  @Benchmark
  public void writeTree(Output output) throws IOException {
    output.write(true);
  }

  /** All columns into an ntuple. */
  @Benchmark
  public void writeNtuple(Output output) throws IOException {
    output.write(false);
  }
}
