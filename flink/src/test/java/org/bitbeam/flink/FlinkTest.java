package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same bytes as with the DirectRunner, however Flink splits the work. */
@ExtendWith(FlinkCluster.Shared.class)
class FlinkTest {
  @TempDir static Path folder;
  private static FlinkCluster cluster;
  private static Job job;
  private static Map<String, String> expected;

  @BeforeAll
  static void directly(FlinkCluster shared) throws Exception {
    cluster = shared;
    job = Job.of(folder, 4);
    job.into(folder.resolve("direct")).runDirectly().ok();
    expected = job.into(folder.resolve("direct")).outputs();
    assertEquals(4, expected.size());
  }

  @Test
  void insideOfThisProcess() throws Exception {
    Job local = job.into(folder.resolve("local"));
    Job.Ended run = local.run("--runner", "flink", "--threads", "2").ok();
    assertTrue(run.text().contains("of 2,000 entries"), run.text());
    assertEquals(expected, local.outputs());
  }

  @ParameterizedTest
  @CsvSource({"1,100", "2,1000", "4,5000", "4,100"})
  void onACluster(int parallelism, int batch) throws Exception {
    Job remote = job.into(folder.resolve("cluster-" + parallelism + "-" + batch));
    int[] loadsBefore = loads();
    Job.Ended run =
        remote
            .run(
                "--runner=flink",
                "--flinkMaster=" + cluster.master(),
                "--threads=" + parallelism,
                "--batch-size=" + batch)
            .ok();
    assertTrue(run.text().contains("of 2,000 entries"), run.text());
    assertEquals(expected, remote.outputs());
    int[] loads = loads();
    // Planning asks the stage for its columns, and gives its lease back before the stage's own
    // tasks begin. Tasks of one TaskManager share a network while they overlap.
    int most = 2 * Math.min(parallelism, FlinkCluster.SLOTS);
    int all = 0;
    for (int i = 0; i < loads.length; i++) {
      int now = loads[i] - loadsBefore[i];
      System.out.printf(
          "parallelism %d, batches of %d: TaskManager %d loaded the network %d times%n",
          parallelism, batch, i, now);
      assertTrue(now <= most, "TaskManager " + i + " has loaded the network " + now + " times");
      all += now;
    }
    assertTrue(all >= 1, "no TaskManager says that it has loaded the network");
    assertTrue(
        remote
            .run("--runner=flink", "--flinkMaster=" + cluster.master())
            .ok()
            .text()
            .contains("complete before"));
  }

  /** The expression's library works on the workers too, beside Flink's own. */
  @Test
  void filtersOnACluster() throws Exception {
    List<String> filter = List.of("--mode=enriched", "--where=nJet >= 4 && Jet_pt[0] > 300.0");
    Job direct = job.into(folder.resolve("direct-filtered"));
    direct.runDirectly(filter.toArray(String[]::new)).ok();
    Job remote = job.into(folder.resolve("cluster-filtered"));
    List<String> words = new ArrayList<>(filter);
    words.addAll(List.of("--runner=flink", "--flinkMaster=" + cluster.master(), "--threads=2"));
    Job.Ended run = remote.run(words.toArray(String[]::new)).ok();
    assertTrue(run.text().contains("of 2,000 entries"), run.text());
    Map<String, String> outputs = remote.outputs();
    assertEquals(direct.outputs(), outputs);
    assertNotEquals(expected, outputs);
  }

  /** How often each TaskManager has loaded a network so far. */
  private static int[] loads() throws IOException {
    int[] counts = new int[cluster.taskManagerLogs().size()];
    for (int i = 0; i < counts.length; i++) {
      String text = Files.readString(cluster.taskManagerLogs().get(i));
      counts[i] = text.split(" loaded for ort in ", -1).length - 1;
    }
    return counts;
  }

  @Test
  void aClusterThatIsNotThereIsNamed() {
    Job.Ended run =
        job.into(folder.resolve("nowhere"))
            .run("--runner=flink", "--flinkMaster=127.0.0.1:1", "--runner-option=jobName=nowhere");
    assertEquals(1, run.code());
    assertTrue(run.text().contains("127.0.0.1"), run.text());
  }
}
