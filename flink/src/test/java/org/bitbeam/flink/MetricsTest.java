package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operations.md says Prometheus gets of a job on a Flink cluster. */
class MetricsTest {
  @RegisterExtension static final FlinkCluster CLUSTER = new FlinkCluster(1);

  private static final Pattern OURS =
      Pattern.compile("^(flink_taskmanager_\\w*bitbeam\\w*)\\{", Pattern.MULTILINE);

  @TempDir Path folder;

  /** Flink shows the metrics of a task only while it is there, so the job is watched. */
  @Test
  void prometheusGetsTheMetricsOfARunningJob() throws Exception {
    Job job = Job.of(folder, 12);
    CompletableFuture<Job.Ended> run =
        job.start(
            "--runner=flink",
            "--flinkMaster=" + CLUSTER.master(),
            "--threads=2",
            "--batch-size=100");
    Set<String> seen = new TreeSet<>();
    String last = "";
    while (!run.isDone()) {
      last = CLUSTER.metrics();
      Matcher matcher = OURS.matcher(last);
      while (matcher.find()) {
        seen.add(matcher.group(1));
      }
      Thread.sleep(50);
    }
    run.get().ok();
    System.out.println("metrics that Prometheus got: " + seen);
    for (String name : List.of("entries", "bytesRead", "jets", "stageNanosPerBatch")) {
      assertTrue(
          seen.stream().anyMatch(metric -> metric.contains("bitbeam_" + name)),
          name + " is not among " + seen);
    }
    assertTrue(last.contains("flink_jobmanager_"), "the JobManager's own are there too");
  }
}
