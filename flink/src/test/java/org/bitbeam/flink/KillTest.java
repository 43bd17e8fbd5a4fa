package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever dies: all entries once, the bytes of an undisturbed run, nothing temporary, a true
 * ledger. More and other places: {@code -Dbitbeam.kills=30 -Dbitbeam.kills.seed=1}.
 */
@ExtendWith(FlinkCluster.Shared.class)
class KillTest {
  private static final int KILLS =
      Integer.getInteger("bitbeam.kills", KillPoint.Place.values().length);
  private static final long SEED = Long.getLong("bitbeam.kills.seed", 8);
  private static final int FILES = 6;

  /** A lost TaskManager costs a job two of its restarts: for tasks, and for results it had. */
  private static final int KILLS_OF_A_JOB = 8;

  /** Outputs that take some time to write, and batches of which each process gets many. */
  private static final String[] OPTIONS = {"--mode=enriched", "--batch-size=50"};

  @TempDir static Path folder;
  private static FlinkCluster cluster;
  private static Job job;
  private static Map<String, String> expected;

  @BeforeAll
  static void undisturbed(FlinkCluster shared) throws Exception {
    cluster = shared;
    job = Job.of(folder, FILES);
    Job direct = job.into(folder.resolve("direct"));
    direct.runDirectly(OPTIONS).ok();
    expected = direct.outputs();
    assertEquals(FILES, expected.size());
  }

  private static CompletableFuture<Job.Ended> start(Job remote) {
    List<String> words = new ArrayList<>(Arrays.asList(OPTIONS));
    words.addAll(List.of("--runner=flink", "--flinkMaster=" + cluster.master(), "--threads=2"));
    return remote.start(words.toArray(String[]::new));
  }

  @Test
  void aJobSurvivesTheLossOfTaskManagers() throws Exception {
    List<KillPoint> points = KillPoint.random(KILLS, SEED);
    int killed = 0;
    for (int first = 0; first < points.size(); first += KILLS_OF_A_JOB) {
      Job remote = job.into(folder.resolve("kills-from-" + first));
      CompletableFuture<Job.Ended> run = start(remote);
      for (KillPoint point :
          points.subList(first, Math.min(points.size(), first + KILLS_OF_A_JOB))) {
        Optional<String> where = cluster.killAt(point, run);
        System.out.printf("kill -9 of a TaskManager, %s: %s%n", point, where.orElse("not reached"));
        killed += where.isPresent() ? 1 : 0;
      }
      Job.Ended ended = run.get(10, TimeUnit.MINUTES).ok();
      System.out.printf("the job: %s%n", ended.text().lines().findFirst().orElse(""));
      assertTrue(ended.text().contains("of 3,000 entries"), ended.text());
      assertEquals(expected, remote.outputs());
      cluster.awaitTaskManagers(2);
    }
    assertTrue(2 * killed > points.size(), killed + " of " + points.size() + " points reached");
  }

  @Test
  void aJobThatLostItsJobManagerIsCompletedByTheNextOne() throws Exception {
    Job remote = job.into(folder.resolve("jobmanager"));
    CompletableFuture<Job.Ended> run = start(remote);
    while (!run.isDone() && remote.files(".bitbeam/ledger") < 1) {
      Thread.sleep(1);
    }
    assertTrue(!run.isDone(), "it had ended before the kill");
    cluster.killJobManager();
    cluster.startJobManager();
    Job.Ended ended = run.get(10, TimeUnit.MINUTES);
    System.out.printf("kill -9 of the JobManager: exit code %d%n", ended.code());
    assertEquals(1, ended.code(), ended.text());
    cluster.awaitTaskManagers(2);
    assertTrue(Files.isDirectory(remote.out()));
    start(remote).get(10, TimeUnit.MINUTES).ok();
    assertEquals(expected, remote.outputs());
  }

  /** Without a cluster: the whole job dies, and is started again until a run gets through. */
  @Test
  void killedProcessesAreCompletedByTheNextOne() throws Exception {
    Job local = job.into(folder.resolve("processes"));
    int hit = 0;
    for (KillPoint point : KillPoint.random(KILLS, SEED + 1)) {
      boolean politely = point.line() % 3 == 0;
      int port = FlinkCluster.freePort();
      Process process = local.startDirectly(List.of(Tripwire.flag(port, true)), OPTIONS);
      CompletableFuture<?> end = process.onExit();
      Optional<String> where = Optional.empty();
      try (Tripwire tripwire = Tripwire.lay(process, port, point)) {
        CompletableFuture.anyOf(end, tripwire.hit()).get(10, TimeUnit.MINUTES);
        if (tripwire.hit().isDone()) {
          where = Optional.of(tripwire.hit().get());
          if (!politely) {
            process.destroyForcibly().waitFor();
          }
        }
      }
      if (where.isPresent() && politely) {
        process.destroy();
      }
      Job.Ended ended = local.ended(process);
      System.out.printf(
          "%s of a process, %s: %s, exit code %d%n",
          politely ? "SIGTERM" : "kill -9", point, where.orElse("not reached"), ended.code());
      if (where.isEmpty()) {
        ended.ok();
      } else {
        hit++;
        assertEquals(politely ? 143 : 137, ended.code(), ended.text());
        assertWhole(local);
      }
      if (local.files(".bitbeam/ledger") == FILES) {
        Files.deleteIfExists(local.out().resolve("f0.root")); // so that there is work left
      }
    }
    assertTrue(2 * hit > KILLS, hit + " of " + KILLS + " points reached");
    local.runDirectly(OPTIONS).ok();
    assertEquals(expected, local.outputs());
  }

  /**
   * SIGTERM before, between and after what ONNX Runtime does for a network: the first time that is
   * to plan the job, the second time for its work.
   */
  @ParameterizedTest
  @CsvSource({"1,1", "0,2", "1,2", "4,2"})
  void aProcessThatIsEndedWhileANetworkLoadsLeavesNothing(int line, int load) throws Exception {
    Job local = job.into(folder.resolve("loading-" + line + "-" + load));
    int port = FlinkCluster.freePort();
    Process process = local.startDirectly(List.of(Tripwire.flag(port, true)), OPTIONS);
    KillPoint point = new KillPoint(KillPoint.Place.LOADING, line, load);
    String where;
    try (Tripwire tripwire = Tripwire.lay(process, port, point)) {
      where = tripwire.hit().get(10, TimeUnit.MINUTES);
      process.destroy(); // it is delivered when the process goes on
    }
    Job.Ended ended = local.ended(process);
    System.out.printf("SIGTERM of a process, %s: exit code %d%n", where, ended.code());
    assertEquals(143, ended.code(), ended.text());
    assertTrue(where.contains("ModelRegistry.load"), where);
    if (Files.exists(local.out())) {
      try (Stream<Path> left = Files.walk(local.out())) {
        assertEquals(
            List.of(),
            left.map(file -> file.getFileName().toString())
                .filter(name -> name.matches(".*\\.(root|tmp|part)"))
                .toList());
      }
    }
    local.runDirectly(OPTIONS).ok();
    assertEquals(expected, local.outputs());
  }

  /** A file that is there under its name is complete, also after a kill. */
  private static void assertWhole(Job local) throws Exception {
    for (Map.Entry<String, String> file : expected.entrySet()) {
      Path output = local.out().resolve(file.getKey());
      if (Files.exists(output)) {
        assertEquals(file.getValue(), Job.sha256(output), output.toString());
      }
    }
  }

  /** A file system in memory, as the output folder of one process, is too small, then larger. */
  @Test
  void aFullDiskIsNamedAndAJobIsCompletedWhenThereIsRoom() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/usr/bin/unshare"))
            && new ProcessBuilder(
                        "/usr/bin/unshare", "-r", "-m", "mount", "-t", "tmpfs", "x", "/mnt")
                    .start()
                    .waitFor()
                == 0,
        "this machine lets no process have a file system of its own");
    long bytes = 0;
    for (String name : expected.keySet()) {
      bytes += Files.size(folder.resolve("direct").resolve(name));
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < Math.max(1, KILLS / 7); i++) {
      long room = 16 + random.nextLong(bytes * 9 / 10 / 1024);
      Job local = job.into(Files.createDirectories(folder.resolve("full-" + i)));
      String script =
          """
          set -e
          mount -t tmpfs -o size=%dk none "$OUT"
          ! "$@"
          mount -o remount,size=64m "$OUT"
          "$@"
          mkdir "$OUT.copy"
          cp -a "$OUT/." "$OUT.copy"
          umount "$OUT"
          cp -a "$OUT.copy/." "$OUT"
          """
              .formatted(room);
      List<String> command = new ArrayList<>();
      command.addAll(List.of("/usr/bin/unshare", "-r", "-m", "sh", "-c", script, "sh"));
      command.addAll(local.directCommand(List.of(), OPTIONS));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("OUT", local.out().toString());
      Process process = builder.start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      String failure = text.lines().findFirst().orElse("");
      System.out.printf("a disk of %,d KiB: %s%n", room, failure);
      assertTrue(failure.contains(local.out() + "/") && failure.contains("No space left"), text);
      assertEquals(expected, local.outputs());
    }
  }
}
