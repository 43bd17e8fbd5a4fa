package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers stored in fewer bits, against what ROOT reads from them ({@code made/make_reals.py}). */
class RealsTest {
  private static final int ENTRIES = 120;

  @TempDir Path folder;

  private static Map<String, RealStorage> storages(String kind) {
    Map<String, RealStorage> storages = new LinkedHashMap<>();
    storages.put("cut", new RealStorage.Truncated(kind.equals("tree") ? 14 : 18));
    storages.put("most", new RealStorage.Truncated(kind.equals("tree") ? 23 : 31));
    storages.put("few", new RealStorage.Quantised(4, -12, 12));
    storages.put("range", new RealStorage.Quantised(17, -10.5, 10.5));
    storages.put("wide", new RealStorage.Quantised(32, -1000, 3000));
    storages.put(
        "half",
        kind.equals("tree") ? new RealStorage.Quantised(2, -20, 20) : new RealStorage.Half());
    return storages;
  }

  /** Columns of floats, and of doubles with a 2 behind the name. */
  static EventBatch batch() {
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (String name : storages("tree").keySet()) {
      double[] values = new double[ENTRIES];
      float[] floats = new float[ENTRIES];
      for (int i = 0; i < ENTRIES; i++) {
        // Sizes from 10 down to 3e-6, both signs.
        values[i] = StrictMath.sin(i) * (i % 3 == 0 ? 10 : StrictMath.pow(10, -i / 24.0));
        floats[i] = (float) values[i];
      }
      columns.add(FloatColumn.of(floats));
      columns.add(DoubleColumn.of(values));
      fields.add(Schema.Field.of(name, columns.get(columns.size() - 2).type()));
      fields.add(Schema.Field.of(name + "2", columns.get(columns.size() - 1).type()));
    }
    return EventBatch.of(Origin.MEMORY, new Schema(fields), columns, ENTRIES);
  }

  static void write(Path file, String kind, EventBatch batch) throws IOException {
    Map<String, RealStorage> storages = storages(kind);
    for (String name : List.copyOf(storages.keySet())) {
      storages.put(name + "2", storages.get(name));
    }
    try (RootWriter writer = RootWriter.create(file)) {
      DatasetWriter out =
          kind.equals("tree")
              ? writer.tree(
                  "Events",
                  "",
                  batch.schema(),
                  TreeOptions.DEFAULT.withClusterBytes(1500).withReals(storages))
              : writer.ntuple(
                  "Events",
                  "",
                  batch.schema(),
                  NtupleOptions.DEFAULT
                      .withClusterBytes(1500)
                      .withClustersPerGroup(2)
                      .withReals(storages));
      out.write(batch);
      out.finish();
      writer.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tree", "ntuple"})
  void everyBitIsAsRootReadsIt(String kind) throws IOException {
    Path file = folder.resolve("reals.root");
    EventBatch batch = batch();
    write(file, kind, batch);
    JsonNode expected =
        new ObjectMapper().readTree(MadeFiles.FOLDER.resolve("reals.json").toFile()).get(kind);
    try (RootFile root = RootFile.open(file)) {
      Dataset events = root.dataset("Events");
      assertTrue(events.clusters().size() > 2);
      EventBatch back = events.read(batch.schema().names(), 0, ENTRIES);
      for (Map.Entry<String, RealStorage> storage : storages(kind).entrySet()) {
        for (String name : List.of(storage.getKey(), storage.getKey() + "2")) {
          NumberColumn original = (NumberColumn) batch.column(name);
          NumberColumn read = (NumberColumn) back.column(name);
          assertEquals(original.type(), read.type());
          for (int i = 0; i < ENTRIES; i++) {
            double value = original.getDouble(i);
            assertEquals(
                Double.doubleToRawLongBits(expected.get(name).get(i).asDouble()),
                Double.doubleToRawLongBits(read.getDouble(i)),
                kind + " " + name + ", entry " + i);
            assertEquals(value, read.getDouble(i), step(storage.getValue(), kind, value), name);
          }
        }
      }
    }
  }

  /** The distance of neighbouring numbers of that storage. */
  private static double step(RealStorage storage, String kind, double value) {
    double size = Math.abs(value);
    if (storage instanceof RealStorage.Quantised q) {
      // ROOT's trees count 2^bits steps, its ntuples one fewer.
      double steps = Math.scalb(1.0, q.bits()) - (kind.equals("tree") && q.bits() < 32 ? 0 : 1);
      return (q.max() - q.min()) / steps + Math.ulp((float) size);
    }
    int mantissa = storage instanceof RealStorage.Truncated t ? t.bits() - 9 : 10;
    double smallest = storage instanceof RealStorage.Half ? Math.scalb(1.0, -24) : 0;
    return Math.max(smallest, Math.scalb(size, -mantissa));
  }

  @Test
  void treesHaveNoHalfPrecision() {
    assertThrows(
        UnsupportedRootException.class,
        () -> {
          try (RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
            EventBatch batch = batch().select(List.of("half"));
            TreeOptions options =
                TreeOptions.DEFAULT.withReals(Map.of("half", new RealStorage.Half()));
            writer.tree("Events", "", batch.schema(), options).write(batch);
          }
        });
  }
}
