package org.bitbeam.hdfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.bitbeam.cli.Bitbeam;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job with inputs and outputs on a Hadoop file system of one node, on loopback. */
class HdfsTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path SAMPLE = HOME.resolve("samples/qg_sample.root");

  @TempDir static Path scratch;
  private static MiniDFSCluster cluster;
  private static FileSystem files;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("hadoop.tmp.dir", scratch.toString());
    cluster =
        new MiniDFSCluster.Builder(configuration, scratch.resolve("dfs").toFile())
            .numDataNodes(1)
            .build();
    cluster.waitActive();
    files = cluster.getFileSystem();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.shutdown();
    }
  }

  @BeforeEach
  void empty() throws IOException {
    files.delete(path("/phys"), true);
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(name);
  }

  private static String address(String name) {
    return "hdfs://localhost:" + cluster.getNameNodePort() + name;
  }

  private static void put(String name, byte[] content) throws IOException {
    try (FSDataOutputStream out = files.create(path(name))) {
      out.write(content);
    }
  }

  private static byte[] get(String name) throws IOException {
    try (FSDataInputStream in = files.open(path(name))) {
      return in.readAllBytes();
    }
  }

  /** Files below a folder, as they are called there. */
  private static List<String> names(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    if (files.exists(path(folder))) {
      RemoteIterator<LocatedFileStatus> all = files.listFiles(path(folder), true);
      while (all.hasNext()) {
        names.add(all.next().getPath().toUri().getPath().substring(folder.length() + 1));
      }
    }
    return names.stream().sorted().toList();
  }

  private record Run(int code, String out, String err) {}

  private static Run run(String... words) {
    System.setProperty("bitbeam.home", HOME.toString());
    List<String> arguments = new ArrayList<>(Arrays.asList(words));
    arguments.add("--runner-option");
    arguments.add("hdfsConfiguration=[{\"fs.defaultFS\":\"" + address("") + "\"}]");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private static Run tag(String input, String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "tag", "--input", input, "--output", output, "--model", "pfn-bit", "--no-report"));
    arguments.addAll(Arrays.asList(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void outputsHaveTheBytesOfLocalOnesAndAreNotMadeAgain() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    Path local = Files.createDirectory(folder.resolve("in"));
    for (String name : List.of("a.root", "b.root")) {
      put("/phys/in/" + name, input);
      Files.write(local.resolve(name), input);
    }
    for (String mode : List.of("friend", "enriched")) {
      Run here = tag(local + "/*.root", folder.resolve(mode).toString(), "--mode", mode);
      assertEquals(0, here.code(), here.err());
      Run there = tag(address("/phys/in/*.root"), address("/phys/" + mode), "--mode", mode);
      assertEquals(0, there.code(), there.err());
      for (String name : List.of("a.root", "b.root")) {
        assertArrayEquals(
            Files.readAllBytes(folder.resolve(mode).resolve(name)),
            get("/phys/" + mode + "/" + name));
      }
      assertEquals(
          List.of("a.root", "b.root", "ledger.jsonl", "summary.json"),
          names("/phys/" + mode).stream().filter(name -> !name.startsWith(".bitbeam/")).toList());
      assertEquals(List.of(), names("/phys/" + mode + "/.bitbeam/claims"));
    }
    Run again = tag(address("/phys/in/*.root"), address("/phys/friend"));
    assertEquals(0, again.code(), again.err());
    assertEquals(2, again.out().lines().filter(line -> line.startsWith("complete before")).count());
  }

  @Test
  void anotherJobIsRefusedAndLeftoversAreSwept() throws IOException {
    put("/phys/in/a.root", Files.readAllBytes(SAMPLE));
    put("/phys/out/.bitbeam/claims/other", "process 7, yesterday".getBytes(StandardCharsets.UTF_8));
    put("/phys/out/.bitbeam-parts/old/x/0-10.part", new byte[] {1});
    put("/phys/out/.a.root.tmp", new byte[] {1});
    Run refused = tag(address("/phys/in/a.root"), address("/phys/out"));
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("another job writes to this folder (process 7, yesterday)"));
    assertEquals(3, names("/phys/out").size(), names("/phys/out").toString());

    files.delete(path("/phys/out/.bitbeam/claims/other"), false);
    Run run = tag(address("/phys/in/a.root"), address("/phys/out"));
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("deleted 2 files that a killed job had left"), run.out());
    assertTrue(
        names("/phys/out").stream()
            .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".part")),
        names("/phys/out").toString());
  }

  @Test
  void aBadFileBecomesADeadLetterAndIsRetriedAndReported() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    put("/phys/in/bad.root", Arrays.copyOf(input, input.length / 2));
    put("/phys/in/good.root", input);
    Run run = tag(address("/phys/in/*.root"), address("/phys/out"), "--max-bad-files", "1");
    assertEquals(0, run.code(), run.err());
    assertTrue(names("/phys/out").contains("good.root"));
    assertTrue(names("/phys/out").contains("deadletter/bad.root.jsonl"));

    put("/phys/in/bad.root", input);
    Run retry = run("retry", address("/phys/out"), "--json");
    assertEquals(0, retry.code(), retry.err());
    assertTrue(retry.out().contains("\"entries\" : 2000"), "only the bad one: " + retry.out());
    Path local = folder.resolve("bad.root");
    Files.write(local, input);
    assertEquals(0, tag(local.toString(), folder.resolve("here").toString()).code());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("here/bad.root")), get("/phys/out/bad.root"));
    assertEquals(List.of(), names("/phys/out/deadletter"));

    Run report = run("report", address("/phys/out"));
    assertEquals(0, report.code(), report.err());
    String page = new String(get("/phys/out/report.html"), StandardCharsets.UTF_8);
    assertTrue(page.contains("ROC"), "no comparison with the truth");
  }

  @Test
  void aMissingFolderIsNamed() {
    Run run = tag(address("/nowhere/*.root"), address("/phys/out"));
    assertEquals(1, run.code());
    assertTrue(run.err().contains(address("/nowhere/*.root")), run.err());
  }
}
