package org.bitbeam.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters of energy in a folder as Linux has it; few machines let anybody read the real ones. */
class EnergyTest {
  @TempDir Path folder;

  private Path counter(String zone, long microjoules) throws IOException {
    Path counter = Files.createDirectories(folder.resolve(zone)).resolve("energy_uj");
    return Files.writeString(counter, microjoules + "\n");
  }

  /** Four passes, after which a counter stands elsewhere. */
  private static Contestant fourPasses(Path counter, long microjoules) {
    return new Contestant() {
      @Override
      public String name() {
        return "four";
      }

      @Override
      public long pass() {
        return 1;
      }

      @Override
      public int passes(int caller, long nanoseconds) {
        try {
          Files.writeString(counter, microjoules + "\n");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return 4;
      }
    };
  }

  @Test
  void packagesAreSummedAndTheirPartsAreNot() throws Exception {
    Path first = counter("intel-rapl:0", 5_000_000);
    counter("intel-rapl:1", 7_000_000);
    counter("intel-rapl:0:0", 1_000_000);
    Energy energy = Energy.find(folder);
    assertEquals(2, energy.counters().size());
    assertEquals(0.5, energy.joulesOfPass(fourPasses(first, 7_000_000), 0.01), 1e-9);
  }

  @Test
  void aCounterThatBeganAnewGivesNoNumber() throws Exception {
    Path only = counter("intel-rapl:0", 5_000_000);
    double joules = Energy.find(folder).joulesOfPass(fourPasses(only, 1_000), 0.01);
    assertTrue(Double.isNaN(joules), joules + " J");
  }

  @Test
  void withoutCountersNothingIsReadable() {
    assertFalse(Energy.find(folder).readable());
    assertFalse(Energy.find(folder.resolve("absent")).readable());
  }

  @Test
  void joulesHaveAColumnWhereTheyWereRead() {
    for (double joules : new double[] {12.5, Double.NaN}) {
      StudyResult.Row row =
          new StudyResult.Row(
              "network",
              1,
              1,
              0,
              2,
              0,
              Map.of("2 bit", 4L),
              8,
              Map.of(),
              List.of(new StudyResult.Time(Study.BIT, 1, 1, 0.25, joules)),
              List.of());
      String page =
          StudyPages.of(new StudyResult(Map.of(), new StudyResult.Peaks(10, 20, 5), List.of(row)))
              .getOrDefault("study.md", "");
      assertEquals(Double.isFinite(joules), page.contains("J / 1,000 on bit"), page);
      assertEquals(Double.isFinite(joules), page.contains("| 12.5"), page);
    }
  }
}
