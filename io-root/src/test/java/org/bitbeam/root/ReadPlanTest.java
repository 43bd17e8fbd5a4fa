package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadPlanTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "written");

  @Test
  void piecesOfSerialisedPlansAreTheWholeDataset() throws Exception {
    for (String name :
        List.of("ntuple_cluster_groups.root", "tree_clusters_bytes.root", "tree_empty.root")) {
      try (RootFile file = RootFile.open(FOLDER.resolve(name))) {
        Dataset dataset = file.openAll().get(0);
        List<String> columns = dataset.schema().names();
        List<ReadPlan> plans = ReadPlan.of(file, dataset, columns, 1);
        assertEquals(dataset.clusters().size(), plans.size());
        assertTrue(ReadPlan.of(file, dataset, columns, Long.MAX_VALUE).size() <= 1);
        List<EventBatch> batches = new ArrayList<>();
        long entries = 0;
        for (ReadPlan plan : plans) {
          ReadPlan sent = throughBytes(plan);
          assertEquals(plan, sent);
          try (RootFile opened = RootFile.open(FOLDER.resolve(name))) {
            batches.add(sent.read(opened));
          }
          entries += sent.entries();
        }
        assertEquals(dataset.entries(), entries);
        if (!batches.isEmpty()) {
          assertEquals(
              dataset.read(columns, 0, dataset.entries()), EventBatch.concatenate(batches));
        }
      }
    }
  }

  @Test
  void changedFileIsRefused() throws IOException {
    try (RootFile file = RootFile.open(FOLDER.resolve("tree_chain_a.root"));
        RootFile other = RootFile.open(FOLDER.resolve("tree_chain_b.root"))) {
      Dataset tree = file.dataset("tree");
      ReadPlan plan = ReadPlan.of(file, tree, tree.schema().names(), 1_000_000).get(0);
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> plan.read(other));
      assertTrue(error.getMessage().contains("has changed"), error.getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> ReadPlan.of(file, tree, List.of("none"), 1));
    }
  }

  @Test
  void planOfWideTreeIsSmallAndItsDescriptionIsParsedOnce(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("wide.root");
    EventBatch batch = EventBatch.of(Origin.MEMORY, new Schema(List.of()), List.of(), 4);
    for (int i = 0; i < 1_500; i++) {
      batch =
          batch.with(
              Schema.Field.of("column" + i, ColumnType.Primitive.INT32),
              IntColumn.of(i, i + 1, i + 2, i + 3));
    }
    try (RootWriter writer = RootWriter.create(path)) {
      TreeOptions options = TreeOptions.DEFAULT.withBorders(List.of(2L, 4L));
      TreeWriter tree = writer.tree("Events", "", batch.schema(), options);
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    List<String> columns = List.of("column7", "column700", "column1499");
    try (RootFile file = RootFile.open(path)) {
      List<ReadPlan> plans = ReadPlan.of(file, file.dataset("Events"), columns, 1);
      assertEquals(2, plans.size());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(plans.get(1));
      }
      assertTrue(bytes.size() < 700 + path.toString().length(), bytes.size() + " bytes");
      try (CountingSource source = new CountingSource(ByteSource.ofFile(path), false);
          RootFile opened = RootFile.open(source)) {
        assertEquals(
            batch.select(columns).slice(0, 2).columns(), plans.get(0).read(opened).columns());
        long before = source.bytes();
        assertEquals(
            batch.select(columns).slice(2, 4).columns(), plans.get(1).read(opened).columns());
        assertTrue(source.bytes() - before < 1_000, source.bytes() - before + " bytes");
      }
    }
  }

  private static ReadPlan throughBytes(ReadPlan plan) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(plan);
    }
    assertTrue(bytes.size() < 2_000, bytes.size() + " bytes");
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (ReadPlan) in.readObject();
    }
  }
}
