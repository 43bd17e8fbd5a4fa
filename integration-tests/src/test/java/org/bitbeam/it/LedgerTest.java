package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that is run again does what is missing, and only that; whatever killed it before. */
class LedgerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KILLS = Integer.getInteger("bitbeam.kills", 6);
  private static final long SEED = Long.getLong("bitbeam.kills.seed", 8);

  @TempDir Path folder;
  private Path in;
  private Path out;

  @BeforeEach
  void inputs() throws IOException {
    in = Files.createDirectories(folder.resolve("in"));
    out = folder.resolve("out");
    for (String name : List.of("a.root", "b.root")) {
      Files.copy(Cli.HOME.resolve("samples/events_sample.root"), in.resolve(name));
    }
  }

  private Cli tag(String... more) {
    String[] words = new String[7 + more.length];
    System.arraycopy(arguments(), 0, words, 0, 7);
    System.arraycopy(more, 0, words, 7, more.length);
    Cli run = Cli.run((Object[]) words);
    assertEquals(0, run.code(), run.err());
    return run;
  }

  private String[] arguments() {
    return new String[] {
      "tag", "--input", in + "/*.root", "--output", out.toString(), "--model", "pfn"
    };
  }

  private Map<String, JsonNode> ledger() throws IOException {
    Map<String, JsonNode> lines = new TreeMap<>();
    for (String line : Files.readAllLines(out.resolve("ledger.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      Path output = Path.of(entry.get("output").asText());
      JsonNode other = lines.put(output.getFileName().toString(), entry);
      assertEquals(null, other, "a second line for " + output);
      assertEquals(entry.get("bytes").asLong(), Files.size(output));
      assertEquals(entry.get("sha256").asText(), sha256(output));
      assertEquals(500, entry.get("entriesRead").asLong());
      assertEquals(500, entry.get("entriesWritten").asLong());
    }
    return lines;
  }

  private static String sha256(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static FileTime age(Path file) throws IOException {
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(file, old);
    return old;
  }

  @Test
  void whatIsFinishedIsNotDoneAgain() throws IOException {
    tag();
    Map<String, JsonNode> first = ledger();
    assertEquals(List.of("a.root", "b.root"), List.copyOf(first.keySet()));
    assertEquals("pfn 1.0.0", first.get("a.root").get("settings").get("model").asText());
    FileTime old = age(out.resolve("a.root"));
    age(out.resolve("b.root"));

    Cli again = tag("--json");
    JsonNode document = JSON.readTree(again.out());
    assertFalse(document.get("counters").has("entries"), "nothing is read");
    assertTrue(document.get("outputs").get(0).get("before").asBoolean());
    assertEquals(first, ledger());
    assertEquals(old, Files.getLastModifiedTime(out.resolve("a.root")));

    // Without one output, with a changed input: these, and no others.
    Files.delete(out.resolve("b.root"));
    document = JSON.readTree(tag("--json").out());
    assertEquals(500, document.get("counters").get("entries").asLong());
    assertEquals(old, Files.getLastModifiedTime(out.resolve("a.root")));
    assertEquals(first.get("b.root").get("sha256"), ledger().get("b.root").get("sha256"));
    assertEquals(3, ledger().get("b.root").get("attempt").asInt());
    assertEquals(1, ledger().get("a.root").get("attempt").asInt());

    // Other settings are another job; --again does all.
    JsonNode slim = JSON.readTree(tag("--compression", "lz4", "--json").out());
    assertEquals(1000, slim.get("counters").get("entries").asLong());
    assertNotEquals(first.get("a.root").get("sha256"), ledger().get("a.root").get("sha256"));
    JsonNode all = JSON.readTree(tag("--compression", "lz4", "--again", "--json").out());
    assertEquals(1000, all.get("counters").get("entries").asLong());
    // Batches are no setting: results do not depend on them.
    JsonNode batches =
        JSON.readTree(tag("--compression", "lz4", "--batch-size", "99", "--json").out());
    assertFalse(batches.get("counters").has("entries"));
  }

  @Test
  void anInputWithAnotherContentIsDoneAgain() throws IOException {
    tag();
    Files.delete(in.resolve("b.root"));
    Cli convert =
        Cli.run(
            "convert", in.resolve("a.root"), "--output", in.resolve("b.root"), "--format", "ttree");
    assertEquals(0, convert.code(), convert.err());
    JsonNode document = JSON.readTree(tag("--json").out());
    assertEquals(500, document.get("counters").get("entries").asLong());
    assertTrue(document.get("outputs").get(0).get("before").asBoolean());
    assertFalse(document.get("outputs").get(1).get("before").asBoolean());
  }

  @Test
  void aFolderBelongsToOneJobAtATime() throws IOException {
    Files.createDirectories(out.resolve(".bitbeam"));
    try (FileChannel other =
        FileChannel.open(
            out.resolve(".bitbeam/lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      other.lock();
      Cli run = Cli.run((Object[]) arguments());
      assertEquals(1, run.code());
      assertTrue(run.err().contains("another job writes to this folder"), run.err());
    }
    tag();
  }

  @Test
  void whatKilledJobsLeftIsDeletedAndNothingElse() throws IOException {
    Path parts = Files.createDirectories(out.resolve(".bitbeam-parts/1/2"));
    Files.writeString(parts.resolve("0-500.part"), "x");
    Files.writeString(out.resolve(".a.root.123456.tmp"), "x");
    Files.writeString(out.resolve(".profile"), "mine");
    Files.writeString(out.resolve("notes.tmp"), "mine");
    Cli run = tag();
    assertTrue(run.out().contains("deleted 2 files that a killed job had left"), run.out());
    assertEquals(
        List.of(
            ".bitbeam",
            ".profile",
            "a.root",
            "b.root",
            "ledger.jsonl",
            "notes.tmp",
            "report.html",
            "summary.json"),
        names(out));
  }

  @Test
  void aDamagedEntryOfTheLedgerIsNamed() throws IOException {
    tag();
    Files.writeString(out.resolve(".bitbeam/ledger/a.root.json"), "{");
    Cli run = Cli.run((Object[]) arguments());
    assertEquals(1, run.code());
    assertTrue(run.err().contains("a.root.json"), run.err());
    assertTrue(run.err().contains("delete it"), run.err());
  }

  @Test
  void badFilesArePutAsideAndRetried() throws IOException {
    byte[] good = Files.readAllBytes(in.resolve("b.root"));
    byte[] bad = good.clone();
    java.util.Arrays.fill(bad, bad.length / 3, bad.length / 2, (byte) 0x5a);
    Files.write(in.resolve("b.root"), bad);
    Files.writeString(in.resolve("c.root"), "not a ROOT file");

    Cli run =
        Cli.run(
            "tag",
            "--input",
            in + "/*.root",
            "--output",
            out,
            "--model",
            "pfn",
            "--max-bad-files",
            "2");
    assertEquals(0, run.code(), run.err());
    assertEquals(2, run.out().lines().filter(line -> line.startsWith("no output for")).count());
    assertEquals(
        List.of(".bitbeam", "a.root", "deadletter", "ledger.jsonl", "report.html", "summary.json"),
        names(out));
    assertEquals(List.of("b.root.jsonl", "c.root.jsonl"), names(out.resolve("deadletter")));
    JsonNode letter =
        JSON.readTree(Files.readAllLines(out.resolve("deadletter/b.root.jsonl")).get(0));
    assertEquals("read", letter.get("step").asText());
    assertTrue(letter.get("firstEntry").asLong() >= 0);
    assertTrue(letter.get("cause").asText().contains("b.root"), letter.toString());
    assertTrue(
        Files.readString(out.resolve("ledger.jsonl")).contains("\"deadLetters\":1"),
        Files.readString(out.resolve("ledger.jsonl")));

    Files.write(in.resolve("b.root"), good);
    Files.write(in.resolve("c.root"), good);
    FileTime old = age(out.resolve("a.root"));
    Cli retry = Cli.run("retry", out, "--json");
    assertEquals(0, retry.code(), retry.err());
    assertEquals(1000, JSON.readTree(retry.out()).get("counters").get("entries").asLong());
    assertEquals(
        List.of(
            ".bitbeam",
            "a.root",
            "b.root",
            "c.root",
            "ledger.jsonl",
            "report.html",
            "summary.json"),
        names(out));
    assertEquals(old, Files.getLastModifiedTime(out.resolve("a.root")));
    assertEquals(3, ledger().size());
    assertTrue(Cli.run("retry", out).out().contains("nothing to retry"));
    assertEquals(1, Cli.run("retry", in).code());
  }

  @Test
  void tooManyBadFilesEndTheJobEarly() throws IOException {
    byte[] good = Files.readAllBytes(in.resolve("a.root"));
    for (int i = 0; i < 40; i++) {
      Files.writeString(in.resolve("bad" + i + ".root"), "not a ROOT file");
    }
    Object[] arguments =
        Stream.concat(Stream.of(arguments()), Stream.of("--max-bad-files", "2", "--threads", "1"))
            .toArray();
    Cli run = Cli.run(arguments);
    assertEquals(1, run.code(), run.out());
    int letters = names(out.resolve("deadletter")).size();
    // One thread notes one letter at a time; all of the 40 were there to be found.
    assertEquals(3, letters);
    JsonNode summary = JSON.readTree(Files.readString(out.resolve("summary.json")));
    int unreached = summary.get("unreached").asInt();
    assertTrue(unreached >= 37, summary.toString());
    assertTrue(
        run.err().contains("3 files could not be processed, --max-bad-files allows 2"), run.err());
    assertTrue(run.err().contains(unreached + " more files were not processed"), run.err());
    assertTrue(run.err().contains("run: the same command again"), run.err());
    assertFalse(Files.exists(out.resolve(".bitbeam-parts")), "parts of files that were given up");

    for (int i = 0; i < 40; i++) {
      Files.delete(in.resolve("bad" + i + ".root"));
    }
    Files.write(in.resolve("c.root"), good);
    Cli again = Cli.run(arguments);
    assertEquals(0, again.code(), again.err());
    for (String name : List.of("a.root", "b.root", "c.root")) {
      assertTrue(Files.exists(out.resolve(name)), name);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * {@code kill -9} at places that a seed chooses, until a job ends by itself. More and other
   * places: {@code -Dbitbeam.kills=30 -Dbitbeam.kills.seed=1}.
   */
  @Test
  void killedJobsAreCompletedWithTheBytesOfAnUndisturbedOne() throws Exception {
    for (int i = 0; i < 4; i++) {
      Files.copy(
          in.resolve("a.root"), in.resolve("k" + i + ".root"), StandardCopyOption.REPLACE_EXISTING);
    }
    tag("--batch-size", "100");
    Map<String, String> expected = new TreeMap<>();
    ledger().forEach((name, entry) -> expected.put(name, entry.get("sha256").asText()));
    assertEquals(6, expected.size());
    deleteAll(out);

    SplittableRandom random = new SplittableRandom(SEED);
    int killed = 0;
    for (int attempt = 0; attempt < KILLS; attempt++) {
      int parts = random.nextInt(30);
      int outputs = random.nextInt(1 + 6);
      Process job = start();
      while (job.isAlive()
          && files(out.resolve(".bitbeam-parts")) < parts
          && finished() < outputs) {
        Thread.sleep(1);
      }
      if (job.isAlive()) {
        job.destroyForcibly().waitFor();
        killed++;
      }
      for (String name : names(Files.createDirectories(out))) {
        if (name.endsWith(".root")) {
          assertEquals(
              expected.get(name), sha256(out.resolve(name)), "a file under its name is whole");
        }
      }
      if (attempt % 2 == 1 && Files.isDirectory(out)) {
        Files.deleteIfExists(
            out.resolve("k" + random.nextInt(4) + ".root")); // so that there is work left
      }
    }
    assertTrue(killed > 0, "nothing was killed");
    assertEquals(0, start().waitFor());
    Map<String, String> actual = new TreeMap<>();
    ledger().forEach((name, entry) -> actual.put(name, entry.get("sha256").asText()));
    assertEquals(expected, actual);
    assertEquals(
        List.of(
            ".bitbeam",
            "a.root",
            "b.root",
            "k0.root",
            "k1.root",
            "k2.root",
            "k3.root",
            "ledger.jsonl",
            "report.html",
            "summary.json"),
        names(out));
  }

  private Process start() throws IOException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Dbitbeam.home=" + Cli.HOME,
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.bitbeam.cli.Bitbeam"),
                Stream.concat(Stream.of(arguments()), Stream.of("--batch-size", "100")))
            .toList();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private long finished() throws IOException {
    if (!Files.isDirectory(out)) {
      return 0;
    }
    return names(out).stream().filter(name -> name.endsWith(".root")).count();
  }

  private static long files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).count();
    } catch (java.io.UncheckedIOException | java.nio.file.NoSuchFileException e) {
      return 0; // deleted meanwhile
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
