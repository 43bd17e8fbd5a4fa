package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sound files are refused by the limits that they are beyond, and read within them. */
class ReadLimitsTest {
  private static final int ENTRIES = 100_000;
  private static final ReadLimits LARGE = new ReadLimits(1 << 26, 1 << 26, 40_000, 100, 1_000_000);

  @TempDir Path folder;

  /** A column of zeros, whose 800 kB take some hundred bytes. */
  private Path zeros(String kind, Compression compression) throws IOException {
    Schema schema = new Schema(List.of(Schema.Field.of("zero", ColumnType.Primitive.INT64)));
    EventBatch batch =
        EventBatch.of(Origin.MEMORY, schema, List.of(LongColumn.of(new long[ENTRIES])), ENTRIES);
    Path file = folder.resolve(kind + ".root");
    try (RootWriter writer = RootWriter.create(file, "", compression)) {
      DatasetWriter out =
          kind.equals("tree")
              ? writer.tree("Events", "", schema, TreeOptions.DEFAULT.withCompression(compression))
              : writer.ntuple(
                  "Events", "", schema, NtupleOptions.DEFAULT.withCompression(compression));
      out.write(batch);
      out.finish();
      writer.commit();
    }
    return file;
  }

  private static EventBatch read(Path file, ReadLimits limits) throws IOException {
    try (RootFile root = RootFile.open(ByteSource.ofFile(file), limits)) {
      return root.dataset("Events").read(List.of("zero"), 0, ENTRIES);
    }
  }

  @ParameterizedTest
  @CsvSource({"tree,zlib:1", "tree,zstd:1", "tree,lz4:4", "tree,lzma:1", "ntuple,zstd:5"})
  void blocksThatBecomeMoreThanTheRatioAreRefused(String kind, String codec) throws IOException {
    Path file = zeros(kind, Compression.parse(codec));
    assertEquals(ENTRIES, read(file, LARGE).entries());
    ReadLimits strict = new ReadLimits(1 << 26, 1 << 26, 50, 100, 1_000_000);
    RootFormatException refused = assertThrows(RootFormatException.class, () -> read(file, strict));
    assertTrue(refused.getMessage().contains("50"), refused.getMessage());
    assertTrue(refused.getMessage().contains(file.getFileName().toString()), refused.getMessage());
  }

  @Test
  void plansAreReadWithinTheRatioToo() throws IOException {
    Path file = zeros("tree", Compression.ZSTD);
    ReadPlan plan;
    try (RootFile root = RootFile.open(file)) {
      plan = ReadPlan.of(root, root.dataset("Events"), List.of("zero"), 1 << 20).get(0);
    }
    ReadLimits strict = new ReadLimits(1 << 26, 1 << 26, 50, 100, 1_000_000);
    assertThrows(
        RootFormatException.class,
        () -> {
          try (PlanReader reader = plan.open(ByteSource.ofFile(file), strict)) {
            reader.read(0, ENTRIES);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"tree", "ntuple"})
  void recordsAndColumnsBeyondTheLimitAreRefused(String kind) throws IOException {
    Path file = zeros(kind, Compression.ZSTD);
    RuntimeException record =
        assertThrows(
            RootFormatException.class,
            () -> read(file, new ReadLimits(10_000, 1 << 26, 40_000, 100, 1_000_000)));
    assertTrue(record.getMessage().contains("10000"), record.getMessage());
    RuntimeException column = // which fewer entries are not
        assertThrows(
            UnsupportedRootException.class,
            () -> read(file, new ReadLimits(1 << 26, 10_000, 40_000, 100, 1_000_000)));
    assertTrue(column.getMessage().contains("10000"), column.getMessage());
  }
}
