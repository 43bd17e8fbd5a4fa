package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectiveReadTest {
  @TempDir Path folder;

  /** Counts what is read of a file in memory. */
  private static final class CountedSource implements ByteSource {
    private final ByteSource source;
    private long bytes;

    CountedSource(Path file) throws IOException {
      this.source = ByteSource.ofBytes(file.toString(), Files.readAllBytes(file));
    }

    @Override
    public String name() {
      return source.name();
    }

    @Override
    public long size() throws IOException {
      return source.size();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      bytes += target.remaining();
      source.readFully(position, target);
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }

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
    CountedSource source = new CountedSource(file);
    try (RootFile root = RootFile.open(source)) {
      Dataset events = root.dataset("Events");
      assertEquals(4, events.clusters().size());
      long opened = source.bytes;
      ColumnInfo column =
          events.columns().stream().filter(c -> c.name().equals("float64_3")).findFirst().get();
      events.read(List.of("float64_3"), 1_000, 2_000);
      assertEquals(column.storedBytes() / 4, source.bytes - opened);
      events.read(List.of("float64_3"), 0, 4_000);
      assertTrue(source.bytes - opened <= 2 * column.storedBytes());
      assertTrue(opened < source.size() / 4, opened + " of " + source.size() + " bytes to open");
    }
  }
}
