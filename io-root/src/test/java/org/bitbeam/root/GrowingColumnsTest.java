package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room for values is guessed from the baskets so far; wrong guesses must not show. */
class GrowingColumnsTest {
  private static final int ENTRIES = 6_000;
  private static final int CLUSTER = 1_000;

  /** Lists whose length depends on the cluster: none, one, very many, few. */
  private static EventBatch lists() {
    int[] lengths = {0, 1, 700, 0, 3, 500};
    int[] offsets = new int[ENTRIES + 1];
    for (int i = 0; i < ENTRIES; i++) {
      offsets[i + 1] = offsets[i] + lengths[i / CLUSTER];
    }
    float[] values = new float[offsets[ENTRIES]];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 8_191;
    }
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("x", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32)),
                Schema.Field.of("i", ColumnType.Primitive.FLOAT32)));
    float[] numbers = new float[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      numbers[i] = i;
    }
    return EventBatch.of(
        Origin.MEMORY,
        schema,
        List.of(ListColumn.of(offsets, FloatColumn.of(values)), FloatColumn.of(numbers)),
        ENTRIES);
  }

  @Test
  void unevenBasketsReadBackInAnyRange(@TempDir Path folder) throws Exception {
    EventBatch lists = lists();
    List<Long> borders = List.of(1_000L, 2_000L, 3_000L, 4_000L, 5_000L, 6_000L);
    Path path = folder.resolve("uneven.root");
    try (RootWriter writer = RootWriter.create(path)) {
      TreeWriter tree =
          writer.tree("tree", "", lists.schema(), TreeOptions.DEFAULT.withBorders(borders));
      tree.write(lists);
      tree.finish();
      NtupleWriter ntuple =
          writer.ntuple("ntuple", "", lists.schema(), NtupleOptions.DEFAULT.withBorders(borders));
      ntuple.write(lists);
      ntuple.finish();
      writer.commit();
    }
    int[][] ranges = {
      {0, ENTRIES}, {0, 1}, {999, 3_001}, {1_500, 2_500}, {2_500, 2_600}, {5_999, ENTRIES}
    };
    try (RootFile file = RootFile.open(path)) {
      for (Dataset dataset : file.openAll()) {
        for (int[] range : ranges) {
          assertEquals(
              lists.slice(range[0], range[1]).columns(),
              dataset.read(lists.schema().names(), range[0], range[1]).columns(),
              dataset.path() + " from " + range[0]);
        }
      }
    }
  }
}
