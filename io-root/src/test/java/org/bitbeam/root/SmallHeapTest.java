package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files with three times as many bytes of values as there is memory are written and read batch by
 * batch. Runs in the build's run with a heap of 256 MiB.
 */
class SmallHeapTest {
  private static final long HEAP = 256L << 20;
  private static final int ROWS = 100_000;
  private static final int ITEMS = 30;
  private static final long BYTES_OF_BATCH = (long) ROWS * (Long.BYTES + ITEMS * Float.BYTES);
  private static final int BATCHES = (int) (3 * HEAP / BYTES_OF_BATCH) + 1;
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Schema.Field.of("id", ColumnType.Primitive.INT64),
              Schema.Field.of("v", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32))));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tree", "ntuple"})
  void filesLargerThanTheHeapAreReadInBatches(String kind) throws IOException {
    Assumptions.assumeTrue(
        Runtime.getRuntime().maxMemory() <= HEAP, "skipped: only with a heap of 256 MiB");
    Path file = folder.resolve(kind + ".root");
    try (RootWriter writer = RootWriter.create(file)) {
      DatasetWriter out =
          kind.equals("tree")
              ? writer.tree("Events", "", SCHEMA, TreeOptions.DEFAULT)
              : writer.ntuple(
                  "Events", "", SCHEMA, NtupleOptions.DEFAULT.withClusterBytes(16 << 20));
      for (int b = 0; b < BATCHES; b++) {
        out.write(batch(b));
      }
      out.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      assertEquals((long) BATCHES * ROWS, events.entries());
      assertTrue(events.clusters().size() > 20, events.clusters().toString());
      long values = 0;
      for (Dataset.Cluster cluster : events.clusters()) {
        EventBatch batch = events.read(List.of("id", "v"), cluster.first(), cluster.end());
        LongColumn ids = (LongColumn) batch.column("id");
        ListColumn lists = (ListColumn) batch.column("v");
        FloatColumn items = (FloatColumn) lists.elements();
        for (int i = 0; i < batch.entries(); i++) {
          if (ids.get(i) != cluster.first() + i || lists.count(i) != ITEMS) {
            throw new AssertionError("entry " + (cluster.first() + i) + " is " + ids.get(i));
          }
        }
        for (int i = 0; i < items.length(); i++) {
          values += (long) items.get(i);
        }
      }
      long expected = 0;
      for (int b = 0; b < BATCHES; b++) {
        expected += (long) ROWS * ITEMS * b;
      }
      assertEquals(expected, values);
    }
  }

  /** Numbers that take hardly any room when compressed. */
  private static EventBatch batch(int number) {
    long[] ids = new long[ROWS];
    Arrays.setAll(ids, i -> (long) number * ROWS + i);
    int[] offsets = new int[ROWS + 1];
    Arrays.setAll(offsets, i -> i * ITEMS);
    float[] items = new float[ROWS * ITEMS];
    Arrays.fill(items, number);
    ListColumn lists = ListColumn.of(offsets, FloatColumn.of(items));
    return EventBatch.of(Origin.MEMORY, SCHEMA, List.of(LongColumn.of(ids), lists), ROWS);
  }
}
