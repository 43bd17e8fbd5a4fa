package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher does while the cluster works. */
@ExtendWith(FlinkCluster.Shared.class)
class LauncherTest {
  private static final int FILES = 12;
  private static final String TERMINAL = "bitbeam.terminal";

  @TempDir Path folder;

  @AfterEach
  void noTerminal() {
    System.clearProperty(TERMINAL);
  }

  @Test
  void aLauncherThatIsEndedCancelsItsJob(FlinkCluster cluster) throws Exception {
    Job job = Job.of(folder, FILES);
    String[] options = {
      "--runner=flink",
      "--flinkMaster=" + cluster.master(),
      "--threads=2",
      "--batch-size=50",
      "--runner-option=jobName=ended-early"
    };
    Process launcher = job.startLauncher(options);
    while (job.files(".bitbeam-parts") == 0) {
      assertTrue(launcher.isAlive(), () -> "the job ended before it was at work");
      Thread.sleep(50);
    }
    launcher.destroy(); // SIGTERM
    launcher.waitFor();
    String state = cluster.stateOf("ended-early");
    for (int i = 0; i < 600 && !state.equals("CANCELED"); i++) {
      Thread.sleep(100);
      state = cluster.stateOf("ended-early");
    }
    assertEquals("CANCELED", state);

    job.run(options).ok();
    assertEquals(FILES, job.outputs().size());
  }

  @Test
  void progressIsShownOnATerminal(FlinkCluster cluster) throws Exception {
    System.setProperty(TERMINAL, "true");
    Job job = Job.of(folder, FILES);
    Job.Ended run =
        job.run(
                "--runner=flink",
                "--flinkMaster=" + cluster.master(),
                "--threads=1",
                "--batch-size=50")
            .ok();
    // A look a second, at a job of some seconds.
    assertTrue(
        Pattern.compile("\\r\\[[# ]{30}] +\\d+ %  [1-9][\\d,]* entries").matcher(run.text()).find(),
        run.text());
  }
}
