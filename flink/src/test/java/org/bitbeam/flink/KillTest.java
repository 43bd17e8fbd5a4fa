package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of Flink's processes while a job runs. More and other places: {@code
 * -Dbitbeam.kills=30 -Dbitbeam.kills.seed=1}.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("bitbeam.kills", 3);
  private static final long SEED = Long.getLong("bitbeam.kills.seed", 8);
  private static final int FILES = 12;

  @RegisterExtension static final FlinkCluster CLUSTER = new FlinkCluster(2);

  @TempDir static Path folder;
  private static Job job;
  private static Map<String, String> expected;

  @BeforeAll
  static void undisturbed() throws Exception {
    job = Job.of(folder, FILES);
    Job direct = job.into(folder.resolve("direct"));
    direct.runDirectly().ok();
    expected = direct.outputs();
    assertEquals(FILES, expected.size());
  }

  private static CompletableFuture<Job.Ended> start(Job remote) {
    return remote.start(
        "--runner=flink", "--flinkMaster=" + CLUSTER.master(), "--threads=4", "--batch-size=20");
  }

  /** What a kill waits for: a number of parts, or of finished outputs. */
  private record Moment(String name, int parts, int outputs) {
    static Moment random(int kill, SplittableRandom random) {
      return switch (kill % 3) {
        case 0 -> new Moment("while the first batches are read and scored", 1, Integer.MAX_VALUE);
        case 1 ->
            new Moment(
                "while parts are written",
                1 + random.nextInt(FILES * Job.ENTRIES / 20),
                Integer.MAX_VALUE);
        default ->
            new Moment("while outputs are assembled", Integer.MAX_VALUE, random.nextInt(FILES));
      };
    }

    boolean hasCome(Job job) {
      return job.files(".bitbeam-parts") >= parts || job.files(".bitbeam/ledger") > outputs;
    }
  }

  @Test
  void aJobSurvivesTheLossOfTaskManagers() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    int killed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Moment moment = Moment.random(kill, random);
      int victim = random.nextInt(2);
      Job remote = job.into(folder.resolve("kill-" + kill));
      CompletableFuture<Job.Ended> run = start(remote);
      while (!run.isDone() && !moment.hasCome(remote)) {
        Thread.sleep(1);
      }
      if (!run.isDone()) {
        CLUSTER.killTaskManager(victim);
        CLUSTER.startTaskManager();
        killed++;
      }
      Job.Ended ended = run.get(10, TimeUnit.MINUTES);
      System.out.printf(
          "kill %d %s: exit code %d, %s%n",
          kill, moment.name(), ended.code(), ended.text().lines().findFirst().orElse(""));
      assertEquals(0, ended.code(), ended.text());
      assertTrue(ended.text().contains("of 6,000 entries"), ended.text());
      assertEquals(expected, remote.outputs(), moment.name());
      CLUSTER.awaitTaskManagers(2);
    }
    assertTrue(killed > 0, "every job had ended before its kill");
  }

  @Test
  void aJobThatLostItsJobManagerIsCompletedByTheNextOne() throws Exception {
    Job remote = job.into(folder.resolve("jobmanager"));
    CompletableFuture<Job.Ended> run = start(remote);
    while (!run.isDone() && remote.files(".bitbeam/ledger") < 1) {
      Thread.sleep(1);
    }
    assertTrue(!run.isDone(), "it had ended before the kill");
    CLUSTER.killJobManager();
    CLUSTER.startJobManager();
    Job.Ended ended = run.get(10, TimeUnit.MINUTES);
    System.out.printf("JobManager: exit code %d, %s%n", ended.code(), ended.text().strip());
    assertEquals(1, ended.code(), ended.text());
    CLUSTER.awaitTaskManagers(2);
    assertTrue(Files.isDirectory(remote.out()));
    start(remote).get(10, TimeUnit.MINUTES).ok();
    assertEquals(expected, remote.outputs());
  }
}
