package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.cli.Bitbeam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bench overhead} with one and two TaskManagers. Here a job of seconds, of which no time is
 * asked for; {@code tools/overhead_flink.sh} makes it long enough to be measured. The cluster is
 * one of its own, which has the job's classes, unless {@code -Dbitbeam.flink.installed=false}.
 */
class OverheadTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final boolean INSTALLED =
      !"false".equals(System.getProperty("bitbeam.flink.installed"));

  /** A job whose classes are new loads more than 5,000; one whose network is new, some. */
  private static final long FEW_CLASSES = 1000;

  @TempDir Path folder;

  @Test
  void theClusterWritesTheBytesOfThePlainLoop() throws Exception {
    System.setProperty("bitbeam.home", HOME.toString());
    try (FlinkCluster cluster = FlinkCluster.started(INSTALLED)) {
      String out =
          run(
              cluster,
              List.of(
                  "bench",
                  "overhead",
                  "pfn",
                  "--enlarge=" + Integer.getInteger("bitbeam.overhead.enlarge", 2),
                  "--copies=" + Integer.getInteger("bitbeam.overhead.copies", 2),
                  "--rounds=" + Integer.getInteger("bitbeam.overhead.rounds", 1),
                  "--scratch=" + folder,
                  "--threads=1",
                  "--scale-to=2",
                  "--json"));
      System.out.println(out);
      JsonNode document = new ObjectMapper().readTree(out);
      assertEquals(2, document.get("rows").size());
      for (JsonNode row : document.get("rows")) {
        assertTrue(row.get("ratio").asDouble() > 0, row.toString());
        assertTrue(row.at("/beam/0/seconds").asDouble() > 0, row.toString());
      }
      assertEquals(2, document.at("/rows/1/threads").asInt());
      assertTrue(document.get("beamScale").asDouble() > 0);

      long before = cluster.classesLoaded();
      run(cluster, List.of("tag", "--model=pfn", "--threads=2", "--output=" + folder.resolve("o")));
      long loaded = cluster.classesLoaded() - before;
      assertEquals(INSTALLED, loaded < FEW_CLASSES, loaded + " classes loaded by another job");
    }
  }

  private static String run(FlinkCluster cluster, List<String> command) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--input=" + HOME.resolve("samples/events_sample.root"));
    arguments.add("--runner=flink");
    arguments.add("--flinkMaster=" + cluster.master());
    arguments.add("--flink-installed=" + INSTALLED);
    int code =
        Bitbeam.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    assertEquals(0, code, err.toString());
    return out.toString();
  }
}
