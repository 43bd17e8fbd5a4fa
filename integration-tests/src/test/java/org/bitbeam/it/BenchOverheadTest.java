package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench overhead}: the loop and the job write the same bytes, and both are timed. */
class BenchOverheadTest {
  private static final Path SAMPLE = Cli.HOME.resolve("samples/events_sample.root");

  @TempDir private Path folder;

  private Cli bench(Object... more) {
    Object[] words = {"bench", "overhead", "pfn", "--input", SAMPLE, "--scratch", folder};
    return Cli.run(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
  }

  @Test
  void bothAreTimed() throws Exception {
    Cli run =
        bench(
            "--enlarge",
            "2",
            "--copies",
            "2",
            "--threads",
            "1",
            "--scale-to",
            "2",
            "--rounds",
            "1",
            "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertEquals(2, document.get("files").asInt());
    // Every copied basket is there; headers and the index come on top.
    assertTrue(document.get("bytes").asLong() > 4 * 1_150_000, run.out());
    for (int i = 0; i < 2; i++) {
      JsonNode row = document.get("rows").get(i);
      assertEquals(i + 1, row.get("threads").asInt());
      assertTrue(row.at("/loop/0/cpuSeconds").asDouble() > 0, run.out());
      assertTrue(row.at("/loop/0/steps/network").asDouble() > 0, run.out());
      assertTrue(row.at("/beam/0/steps/network").asDouble() > 0, run.out());
      double ratio = row.at("/beam/0/seconds").asDouble() / row.at("/loop/0/seconds").asDouble();
      assertEquals(ratio, row.get("ratio").asDouble(), 1e-9);
    }
    assertTrue(document.get("loopScale").asDouble() > 0);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count(), "nothing is left in the scratch folder");
    }
  }

  @Test
  void theLoopNeedsAFileAThread() {
    Cli run = bench("--threads", "2");
    assertEquals(2, run.code());
    assertTrue(run.err().contains("fewer files (1)"), run.err());
    assertEquals(2, bench("--rounds", "0").code());
  }
}
