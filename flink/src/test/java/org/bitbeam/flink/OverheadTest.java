package org.bitbeam.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.bitbeam.cli.Bitbeam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bench overhead} with one and two TaskManagers. Here a job of seconds, of which no time is
 * asked for; {@code tools/overhead_flink.sh} makes it long enough to be measured.
 */
@ExtendWith(FlinkCluster.Shared.class)
class OverheadTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void theClusterWritesTheBytesOfThePlainLoop(FlinkCluster cluster) throws Exception {
    System.setProperty("bitbeam.home", HOME.toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(
            new PrintWriter(out),
            new PrintWriter(err),
            "bench",
            "overhead",
            "pfn",
            "--input=" + HOME.resolve("samples/events_sample.root"),
            "--enlarge=" + Integer.getInteger("bitbeam.overhead.enlarge", 2),
            "--copies=" + Integer.getInteger("bitbeam.overhead.copies", 2),
            "--rounds=" + Integer.getInteger("bitbeam.overhead.rounds", 1),
            "--scratch=" + folder,
            "--runner=flink",
            "--flinkMaster=" + cluster.master(),
            "--threads=1",
            "--scale-to=2",
            "--json");
    assertEquals(0, code, err.toString());
    System.out.println(out);
    JsonNode document = new ObjectMapper().readTree(out.toString());
    assertEquals(2, document.get("rows").size());
    for (JsonNode row : document.get("rows")) {
      assertTrue(row.get("ratio").asDouble() > 0, row.toString());
      assertTrue(row.at("/beam/0/seconds").asDouble() > 0, row.toString());
    }
    assertEquals(2, document.at("/rows/1/threads").asInt());
    assertTrue(document.get("beamScale").asDouble() > 0);
  }
}
