package org.bitbeam.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.flink.FlinkCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job with inputs and outputs on a file system that is not this machine's. Names are
 * relative to a folder of it, which is empty before each test.
 */
public abstract class RemoteFilesTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path SAMPLE = HOME.resolve("samples/qg_sample.root");

  @TempDir Path folder;

  /** As a user writes it. */
  protected abstract String address(String name);

  /** An address of which there is nothing. */
  protected abstract String nowhere();

  /** How a command finds the server. */
  protected abstract List<String> options();

  /** What processes need beside the options. */
  protected abstract Map<String, String> environment();

  /** The module whose libraries the launcher adds. */
  protected abstract String module();

  protected abstract void put(String name, byte[] content) throws IOException;

  protected abstract byte[] get(String name) throws IOException;

  protected abstract void delete(String name) throws IOException;

  /** Files below a folder, relative to it and sorted. */
  protected abstract List<String> names(String folder) throws IOException;

  private record Run(int code, String out, String err) {
    Run ok() {
      assertEquals(0, code, out + err);
      return this;
    }
  }

  private Run run(String... words) {
    System.setProperty("bitbeam.home", HOME.toString());
    List<String> arguments = new ArrayList<>(Arrays.asList(words));
    arguments.addAll(options());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private static List<String> words(String input, String output, String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("tag", "--input", input, "--output", output));
    words.addAll(List.of("--model", "pfn-bit", "--no-report"));
    words.addAll(Arrays.asList(more));
    return words;
  }

  private Run tag(String input, String output, String... more) {
    return run(words(input, output, more).toArray(String[]::new));
  }

  /** Two inputs there and here. */
  private Path inputs() throws IOException {
    Path local = Files.createDirectory(folder.resolve("in"));
    for (String name : List.of("a.root", "b.root")) {
      put("in/" + name, Files.readAllBytes(SAMPLE));
      Files.copy(SAMPLE, local.resolve(name));
    }
    return local;
  }

  /** The outputs have the bytes of local ones, and nothing else was left behind. */
  private void assertSame(String output) throws IOException {
    for (String name : List.of("a.root", "b.root")) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve(output).resolve(name)), get(output + "/" + name));
    }
    assertEquals(
        List.of("a.root", "b.root", "ledger.jsonl", "summary.json"),
        names(output).stream().filter(name -> !name.startsWith(".bitbeam/")).toList());
    assertEquals(List.of(), names(output + "/.bitbeam/claims"));
  }

  private static void assertDoneBefore(Run again) {
    again.ok();
    assertEquals(2, again.out().lines().filter(line -> line.startsWith("complete before")).count());
  }

  @Test
  void outputsHaveTheBytesOfLocalOnesAndAreNotMadeAgain() throws IOException {
    Path local = inputs();
    for (String mode : List.of("friend", "enriched")) {
      tag(local + "/*.root", folder.resolve(mode).toString(), "--mode", mode).ok();
      tag(address("in/*.root"), address(mode), "--mode", mode).ok();
      assertSame(mode);
    }
    assertDoneBefore(tag(address("in/*.root"), address("friend")));
    String attempts =
        names("friend/.bitbeam").stream()
            .filter(name -> name.startsWith("attempts-"))
            .findFirst()
            .orElseThrow();
    assertEquals("2", new String(get("friend/.bitbeam/" + attempts), UTF_8).strip());
  }

  /** As a user starts it: all that the workers need travels with the job. */
  @Tag("launcher")
  @Test
  void aFlinkClusterWritesTheSameBytes() throws Exception {
    for (Path needed :
        List.of(
            FlinkCluster.LIBRARIES,
            HOME.resolve("flink/target/lib"),
            HOME.resolve(module() + "/target/lib"))) {
      assumeTrue(Files.isDirectory(needed), "./mvnw -Pflink," + module() + " verify makes it");
    }
    Path local = inputs();
    tag(local + "/*.root", folder.resolve("friend").toString()).ok();
    // Without sources beside it the launcher builds nothing.
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.copy(HOME.resolve("bitbeam"), home.resolve("bitbeam"));
    List<String> links = List.of("models", "flink", module());
    for (String built : links) {
      Files.createSymbolicLink(home.resolve(built), HOME.resolve(built));
    }
    try (FlinkCluster cluster = FlinkCluster.started(environment())) {
      List<String> command = new ArrayList<>(List.of(home.resolve("bitbeam").toString()));
      command.addAll(words(address("in/*.root"), address("friend")));
      command.addAll(List.of("--runner", "flink", "--flinkMaster", cluster.master()));
      command.addAll(options());
      Run first = process(command).ok();
      assertTrue(first.out().contains("of 4,000 entries"), first.out());
      assertSame("friend");
      assertDoneBefore(process(command));
    } finally {
      for (String built : links) {
        Files.delete(home.resolve(built));
      }
    }
  }

  private Run process(List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve("out.log");
    Path err = folder.resolve("err.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void anotherJobIsRefusedAndLeftoversAreSwept() throws IOException {
    put("in/a.root", Files.readAllBytes(SAMPLE));
    put("out/.bitbeam/claims/other", "process 7, yesterday".getBytes(UTF_8));
    put("out/.bitbeam-parts/old/x/0-10.part", new byte[] {1});
    put("out/.a.root.tmp", new byte[] {1});
    Run refused = tag(address("in/a.root"), address("out"));
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("another job writes to this folder (process 7, yesterday)"));
    assertTrue(refused.err().contains("delete " + address("out/.bitbeam/claims/other")));
    // Nothing was touched, and no claim of the refused job stays.
    assertEquals(3, names("out").size(), names("out").toString());

    delete("out/.bitbeam/claims/other");
    Run run = tag(address("in/a.root"), address("out")).ok();
    assertTrue(run.out().contains("deleted 2 files that a killed job had left"), run.out());
    assertTrue(
        names("out").stream().noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".part")),
        names("out").toString());
  }

  /** One file that is cut off, one that is not. */
  private void aBadFileAndAGoodOne() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    put("in/bad.root", Arrays.copyOf(input, input.length / 2));
    put("in/good.root", input);
    tag(address("in/*.root"), address("out"), "--max-bad-files", "1").ok();
    assertTrue(names("out").contains("good.root"));
    assertTrue(names("out").contains("deadletter/bad.root.jsonl"), names("out").toString());
  }

  /** The file that was bad has an output now, and no letter. */
  private void assertMended() throws IOException {
    Path local = folder.resolve("bad.root");
    Files.copy(SAMPLE, local);
    tag(local.toString(), folder.resolve("here").toString()).ok();
    assertArrayEquals(Files.readAllBytes(folder.resolve("here/bad.root")), get("out/bad.root"));
    assertEquals(List.of(), names("out/deadletter"));
  }

  @Test
  void aBadFileBecomesADeadLetterAndTheSameCommandCompletesIt() throws IOException {
    aBadFileAndAGoodOne();
    put("in/bad.root", Files.readAllBytes(SAMPLE));
    tag(address("in/*.root"), address("out"), "--max-bad-files", "1").ok();
    assertMended();
  }

  @Test
  void badFilesAreRetriedAndAllIsReported() throws IOException {
    aBadFileAndAGoodOne();
    Run report = run("report", address("out") + "/").ok();
    assertEquals("wrote " + address("out/report.html"), report.out().strip());
    String page = new String(get("out/report.html"), UTF_8);
    assertTrue(page.contains("bad.root"));
    // The scores come from the output, the truth from the input.
    assertTrue(page.contains("ROC"), "no comparison with the truth");
    assertFalse(page.contains("could not be looked into"), "an output or input was not read");

    Run still = run("retry", address("out")).ok();
    assertTrue(still.out().contains("no output for " + address("in/bad.root")), still.out());
    put("in/bad.root", Files.readAllBytes(SAMPLE));
    Run retry = run("retry", address("out"), "--json").ok();
    assertTrue(retry.out().contains("\"entries\" : 2000"), "only the bad one: " + retry.out());
    assertMended();
    Run nothing = run("retry", address("out"));
    assertTrue(nothing.out().contains("nothing to retry"), nothing.out());
    assertEquals(1, run("retry", address("in")).code());
    assertEquals(1, run("report", address("in")).code());
  }

  @Test
  void whatIsNotThereIsNamed() {
    Run run = tag(nowhere(), address("out"));
    assertEquals(1, run.code());
    assertTrue(run.err().contains(nowhere()), run.err());
  }
}
