package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many files, some of them bad, on a cluster: what the ledger says is what is true. With {@code
 * -Dbitbeam.soak.files=1000} also that the TaskManagers' memory does not grow.
 */
@ExtendWith(FlinkCluster.Shared.class)
class SoakTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FILES = Integer.getInteger("bitbeam.soak.files", 30);
  private static final long SEED = Long.getLong("bitbeam.soak.seed", 8);
  private static final int KINDS_OF_DAMAGE = 3;

  /** So many files are a load over some time. */
  private static final int LOAD = 500;

  @TempDir Path folder;

  @Test
  void theLedgerIsTrueWhenOneFileInAHundredIsBad(FlinkCluster cluster) throws Exception {
    Job job = new Job(Files.createDirectories(folder.resolve("in")), folder.resolve("out"));
    Map<String, Long> entries = write(job.in());
    TreeSet<String> bad = damage(job.in());
    CompletableFuture<Job.Ended> run =
        job.start(
            "--runner=flink",
            "--flinkMaster=" + cluster.master(),
            "--threads=4",
            "--max-bad-files=" + bad.size());
    List<long[]> memory = atWork(cluster, job, run);
    Job.Ended ended = run.get().ok();
    long good = 0;
    for (String name : entries.keySet()) {
      good += bad.contains(name) ? 0 : entries.get(name);
    }
    System.out.println(ended.text().lines().findFirst().orElse(""));
    assertTrue(ended.text().contains(String.format("of %,d entries", good)), ended.text());
    assertEquals(bad, checkLedger(job, entries));
    if (FILES >= LOAD) {
      long early = most(memory.subList(0, memory.size() / 2));
      long late = most(memory.subList(memory.size() * 3 / 4, memory.size()));
      System.out.printf(
          "most resident memory, first half: %,d KiB; last quarter: %,d%n", early, late);
      assertTrue(late < 1.1 * early, "the TaskManagers' memory grows");
    }
  }

  /** Files of different sizes; returns how many entries each has. */
  private static Map<String, Long> write(Path in) throws IOException {
    Map<String, Long> entries = new TreeMap<>();
    try (RootFile sample = RootFile.open(Path.of("../samples/qg_sample.root"))) {
      Dataset jets = sample.dataset(sample.datasets().get(0).path());
      List<String> columns = jets.schema().names();
      for (int i = 0; i < FILES; i++) {
        String name = String.format("jets-%05d.root", i);
        EventBatch batch = jets.read(columns, 0, 20 + i * 37 % 181);
        try (RootWriter writer = RootWriter.create(in.resolve(name))) {
          DatasetWriter tree = writer.tree(jets.path(), "", batch.schema(), TreeOptions.DEFAULT);
          tree.write(batch);
          tree.finish();
          writer.commit();
        }
        entries.put(name, (long) batch.entries());
      }
    }
    return entries;
  }

  /** Damages one file in a hundred, at least one of each kind; returns their names. */
  private static TreeSet<String> damage(Path in) throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    TreeSet<String> bad = new TreeSet<>();
    while (bad.size() < Math.max(KINDS_OF_DAMAGE, FILES / 100)) {
      String name = String.format("jets-%05d.root", random.nextInt(FILES));
      int kind = bad.size() % KINDS_OF_DAMAGE;
      if (!bad.add(name)) {
        continue;
      }
      byte[] bytes = Files.readAllBytes(in.resolve(name));
      switch (kind) {
        case 0 -> bytes = "not a ROOT file".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        case 1 -> bytes = Arrays.copyOf(bytes, bytes.length / 2);
        default -> Arrays.fill(bytes, bytes.length / 10, bytes.length * 2 / 3, (byte) 0x5a);
      }
      Files.write(in.resolve(name), bytes);
    }
    return bad;
  }

  /**
   * Prints progress and resident memory from time to time; returns the memory from the first part
   * on, in KiB.
   */
  private static List<long[]> atWork(FlinkCluster cluster, Job job, CompletableFuture<?> run)
      throws IOException, InterruptedException {
    List<long[]> samples = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; !run.isDone(); i++) {
      long[] memory = cluster.residentMemory();
      if (i % 10 == 0) {
        System.out.printf(
            "%4d s: %,d parts, %,d outputs; resident memory of TaskManagers, KiB: %s%n",
            (System.nanoTime() - start) / 1_000_000_000,
            job.files(".bitbeam-parts"),
            job.files(".bitbeam/ledger"),
            Arrays.toString(memory));
      }
      if (!samples.isEmpty() || job.files(".bitbeam-parts") > 0) {
        samples.add(memory);
      }
      Thread.sleep(1000);
    }
    return samples;
  }

  private static long most(List<long[]> memory) {
    return memory.stream().flatMapToLong(Arrays::stream).max().orElse(0);
  }

  /** A line for each file, and each says what is true; returns the bad ones. */
  private static TreeSet<String> checkLedger(Job job, Map<String, Long> entries) throws Exception {
    TreeSet<String> bad = new TreeSet<>();
    TreeSet<String> all = new TreeSet<>();
    for (String line : Files.readAllLines(job.out().resolve("ledger.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      String name = Path.of(entry.get("input").asText()).getFileName().toString();
      assertTrue(all.add(name), "twice: " + name);
      Path output = job.out().resolve(name);
      if (entry.has("deadLetters")) {
        bad.add(name);
        assertTrue(!Files.exists(output), output + " must not be there");
        assertTrue(Files.exists(job.out().resolve("deadletter").resolve(name + ".jsonl")), name);
      } else {
        assertEquals(entries.get(name), entry.get("entriesRead").asLong(), name);
        assertEquals(entries.get(name), entry.get("entriesWritten").asLong(), name);
        assertEquals(entry.get("sha256").asText(), Job.sha256(output), name);
      }
    }
    assertEquals(entries.keySet(), all);
    return bad;
  }
}
