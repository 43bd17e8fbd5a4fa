package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.bitbeam.beam.Ledger;
import org.junit.jupiter.api.Test;

class EntrySampleTest {
  private static Ledger.Entry file(int number, long entries) {
    return new Ledger.Entry(
        "job", 1, "in" + number, "", entries, entries, 0, "out" + number, 1, "", Map.of());
  }

  private static List<Ledger.Entry> files(List<Long> entries) {
    List<Ledger.Entry> files = new ArrayList<>();
    for (long count : entries) {
      files.add(file(files.size(), count));
    }
    return files;
  }

  @Test
  void aFewEntriesAreAllTaken() {
    EntrySample sample = EntrySample.of(files(List.of(10L, 0L, 20L)), 50_000);
    assertEquals(30, sample.entries());
    assertEquals("all 30 entries", sample.describe("entries"));
  }

  @Test
  void manyEntriesAreSampledEvenly() {
    EntrySample sample = EntrySample.of(files(List.of(1_000_000L, 3_000_000L)), 50_000);
    assertEquals(50_000, sample.entries());
    assertEquals("50,000 of 4,000,000 entries, evenly spaced", sample.describe("entries"));
    List<EntrySample.Range> ranges = sample.ranges();
    assertEquals(50, ranges.size());
    // 12.5 steps of 80,000 entries fit into the first file.
    assertEquals(13, ranges.stream().filter(range -> range.file().input().equals("in0")).count());
    assertEquals(40_000, ranges.get(13).first());
  }

  @Property(tries = 300)
  void rangesAreBoundedDisjointAndInTheirFiles(
      @ForAll @Size(min = 1, max = 200) List<@LongRange(min = 0, max = 1L << 50) Long> entries) {
    List<Ledger.Entry> files = files(entries);
    EntrySample sample = EntrySample.of(files, 50_000);
    assertTrue(sample.entries() <= 50_000);
    assertTrue(sample.total() <= 50_000 || sample.ranges().size() == 50);
    String last = "";
    long end = 0;
    for (EntrySample.Range range : sample.ranges()) {
      assertTrue(0 <= range.first() && range.first() <= range.end());
      assertTrue(range.end() <= range.file().entriesWritten());
      assertTrue(!range.file().input().equals(last) || range.first() >= end, "they overlap");
      last = range.file().input();
      end = range.end();
    }
    assertEquals(sample, EntrySample.of(files, 50_000));
  }
}
