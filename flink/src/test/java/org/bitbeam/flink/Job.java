package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bitbeam.cli.Bitbeam;

/**
 * {@code bitbeam tag} of some files into a folder.
 *
 * @param in folder of the inputs
 * @param out folder of the outputs
 */
record Job(Path in, Path out) {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final ObjectMapper JSON = new ObjectMapper();
  static final int ENTRIES = 500;

  /**
   * A finished run.
   *
   * @param code exit code
   * @param text all it printed
   */
  record Ended(int code, String text) {
    Ended ok() {
      assertEquals(0, code, text);
      return this;
    }
  }

  /** Makes inputs: copies of one file of {@link #ENTRIES} events. */
  static Job of(Path folder, int files) throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < files; i++) {
      Files.copy(HOME.resolve("samples/events_sample.root"), in.resolve("f" + i + ".root"));
    }
    return new Job(in, folder.resolve("out"));
  }

  Job into(Path folder) {
    return new Job(in, folder);
  }

  private List<String> words(String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("tag", "--input", in + "/*.root", "--output", out.toString()));
    words.addAll(List.of("--model", "pfn"));
    words.addAll(List.of(more));
    return words;
  }

  /** Runs it inside of this JVM, which has the Flink runner. */
  Ended run(String... more) {
    System.setProperty("bitbeam.home", HOME.toString());
    StringWriter text = new StringWriter();
    PrintWriter both = new PrintWriter(text);
    int code = Bitbeam.run(both, both, words(more).toArray(String[]::new));
    return new Ended(code, text.toString());
  }

  CompletableFuture<Ended> start(String... more) {
    return CompletableFuture.supplyAsync(() -> run(more), task -> new Thread(task).start());
  }

  /** Runs it with the DirectRunner, which must not be on this class path, in a JVM of its own. */
  Ended runDirectly(String... more) throws IOException, InterruptedException {
    return ended(startDirectly(List.of(), more));
  }

  /** Starts a launcher with the Flink runner in a JVM of its own. */
  Process startLauncher(String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dbitbeam.home=" + HOME));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.bitbeam.cli.Bitbeam");
    command.addAll(words(more));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log().toFile())
        .start();
  }

  /** Starts it so; {@link #ended} waits for its end. */
  Process startDirectly(List<String> flags, String... more) throws IOException {
    return new ProcessBuilder(directCommand(flags, more))
        .redirectErrorStream(true)
        .redirectOutput(log().toFile())
        .start();
  }

  Ended ended(Process process) throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Ended(code, Files.readString(log()));
  }

  /** What the last process of {@link #startDirectly} printed. */
  private Path log() {
    return out.resolveSibling(out.getFileName() + ".log");
  }

  List<String> directCommand(List<String> flags, String... more) {
    Path built = HOME.resolve("pipelines/target");
    assertTrue(
        Files.isDirectory(built.resolve("lib")), built + "/lib is made by package or verify");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(flags);
    command.add("-Dbitbeam.home=" + HOME);
    command.add("-cp");
    command.add(
        built + "/bitbeam-pipelines-0.1.0-SNAPSHOT.jar" + File.pathSeparator + built + "/lib/*");
    command.add("org.bitbeam.cli.Bitbeam");
    command.addAll(words(more));
    return command;
  }

  /** SHA-256 of each output, which are those of the ledger; there is nothing else. */
  Map<String, String> outputs() throws Exception {
    Map<String, String> hashes = new TreeMap<>();
    for (String line : Files.readAllLines(out.resolve("ledger.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      Path output = Path.of(entry.get("output").asText());
      String sha = sha256(output);
      assertEquals(entry.get("sha256").asText(), sha, output.toString());
      assertEquals(entry.get("bytes").asLong(), Files.size(output));
      assertEquals(ENTRIES, entry.get("entriesRead").asLong());
      assertEquals(
          ENTRIES, entry.get("entriesWritten").asLong() + entry.path("entriesFiltered").asLong());
      assertEquals(null, hashes.put(output.getFileName().toString(), sha), "twice: " + output);
    }
    List<String> expected = new ArrayList<>(names(in));
    expected.add(".bitbeam");
    expected.addAll(List.of("ledger.jsonl", "report.html", "summary.json"));
    assertEquals(expected.stream().sorted().toList(), names(out));
    return hashes;
  }

  static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  /** How many files there are in a folder of the output, at any depth. */
  long files(String folder) {
    Path place = out.resolve(folder);
    if (!Files.isDirectory(place)) {
      return 0;
    }
    try (Stream<Path> all = Files.walk(place)) {
      return all.filter(Files::isRegularFile).count();
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // deleted meanwhile
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
