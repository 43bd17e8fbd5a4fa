package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench pipeline}: the same job by several programs, whose scores must agree. */
class BenchPipelineTest {
  private static final String SAMPLE = Cli.HOME.resolve("samples/qg_sample.root").toString();

  @TempDir private Path folder;
  private Path launcher = Path.of("");

  /** The classes under test, not what the launcher would build. */
  @BeforeEach
  void writeLauncher() throws IOException {
    launcher = folder.resolve("bitbeam");
    Files.writeString(
        launcher,
        "#!/bin/sh\nexec \"$JAVA_HOME/bin/java\" -XX:TieredStopAtLevel=1 \"-Dbitbeam.home="
            + Cli.HOME
            + "\" -cp \""
            + System.getProperty("java.class.path")
            + "\" org.bitbeam.cli.Bitbeam \"$@\"\n");
    assertTrue(launcher.toFile().setExecutable(true));
  }

  private Cli bench(Object... more) {
    List<Object> words = new ArrayList<>(List.of("bench", "pipeline", "pfn", "--input", SAMPLE));
    words.addAll(List.of("--output", folder.resolve("out"), "--bitbeam", launcher));
    words.addAll(List.of("--rounds", "1", "--json"));
    words.addAll(List.of(more));
    return Cli.run(words.toArray());
  }

  @Test
  void peersWriteTheSameScores() throws IOException {
    String python = System.getProperty("bitbeam.python", "python3");
    Cli run = bench("--backend", "ort", "--python", python);
    assertEquals(0, run.code(), run.err());
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertEquals(2000, result.at("/job/entries").asLong());
    assertTrue(result.at("/job/bytesRead").asLong() > 100_000, run.out());
    for (JsonNode row : result.get("rows")) {
      assertEquals(2000, row.at("/scores/compared").asLong(), row.toString());
      assertEquals(0, row.at("/scores/differing").asLong(), row.toString());
      JsonNode round = row.at("/rounds/0");
      assertTrue(round.get("jobSeconds").asDouble() > 0, row.toString());
      assertTrue(round.get("seconds").asDouble() > round.get("jobSeconds").asDouble());
    }
    String page = Files.readString(folder.resolve("out/pipeline.md"));
    assertTrue(page.contains("| bitbeam tag (ort) |"), page);
    try (Stream<Path> left = Files.list(folder.resolve("out"))) {
      assertEquals(2, left.count(), "only the result is left");
    }
    int programs = result.get("rows").size();
    Assumptions.assumeTrue(
        programs > 1, () -> "skipped the peers: " + result.get("omitted") + " (bitbeam.python)");
  }

  @Test
  void scoresThatDifferFailTheCommand() throws IOException {
    Cli run = bench("--backend", "ort,bit", "--tolerance", "0", "--python", "no-such-python");
    assertEquals(1, run.code(), run.out());
    assertTrue(run.err().contains("bitbeam tag (bit): "), run.err());
    assertTrue(run.err().contains("of 2,000 scores differ from those of bitbeam tag (ort)"));
    JsonNode result = new ObjectMapper().readTree(run.out());
    double largest = result.at("/rows/1/scores/largestDifference").asDouble();
    assertTrue(largest > 0 && largest < 1e-5, run.out());
    assertTrue(result.get("omitted").toString().contains("no-such-python"), run.out());
    assertEquals(2, bench("--rounds", "0").code(), "usage");
  }
}
