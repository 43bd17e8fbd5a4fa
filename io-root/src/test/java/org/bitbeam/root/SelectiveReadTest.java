package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectiveReadTest {
  @TempDir Path folder;

  @Test
  void onlyTheBasketsOfTheChosenColumnsAndEntriesAreRead() throws IOException {
    EventBatch batch = new WritableBatches(8).everyKind(4_000);
    Path file = folder.resolve("x.root");
    try (RootWriter writer = RootWriter.create(file)) {
      TreeWriter tree =
          writer.tree(
              "Events",
              "",
              batch.schema(),
              TreeOptions.DEFAULT
                  .withBorders(List.of(1_000L, 2_000L, 3_000L, 4_000L))
                  .withCompression(Compression.NONE));
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    CountingSource source = new CountingSource(ByteSource.ofFile(file), false);
    try (RootFile root = RootFile.open(source)) {
      Dataset events = root.dataset("Events");
      assertEquals(4, events.clusters().size());
      long opened = source.bytes();
      ColumnInfo column =
          events.columns().stream().filter(c -> c.name().equals("float64_3")).findFirst().get();
      events.read(List.of("float64_3"), 1_000, 2_000);
      assertEquals(column.storedBytes() / 4, source.bytes() - opened);
      events.read(List.of("float64_3"), 0, 4_000);
      assertTrue(source.bytes() - opened <= 2 * column.storedBytes());
      assertTrue(opened < source.size() / 4, opened + " of " + source.size() + " bytes to open");
    }
  }
}
