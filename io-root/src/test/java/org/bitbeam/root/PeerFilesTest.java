package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Leaves files in {@code target/peer-files} for uproot and ROOT to look at (tools/peer_checks.py).
 */
class PeerFilesTest {
  private static final Path FOLDER = Path.of("target", "peer-files");

  @ParameterizedTest
  @ValueSource(strings = {"none", "zlib:1", "lz4:4", "lzma:1", "zstd:5"})
  void everyKindOfColumn(String codec) throws IOException {
    Files.createDirectories(FOLDER);
    EventBatch batch = new WritableBatches(11).everyKind(333);
    Path file = FOLDER.resolve("every_kind_" + codec.replace(':', '_') + ".root");
    Compression compression = Compression.parse(codec);
    try (RootWriter writer = RootWriter.create(file, "every kind", compression)) {
      TreeWriter tree =
          writer.tree(
              "folder/Events",
              "events",
              batch.schema(),
              TreeOptions.DEFAULT.withCompression(compression).withClusterBytes(30_000));
      tree.write(batch);
      tree.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(file)) {
      assertEquals(333, root.dataset("folder/Events").entries());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tree_arrays",
        "tree_codec_lz4",
        "tree_codec_lzma",
        "tree_codec_none",
        "tree_codec_zlib1",
        "tree_embedded_baskets",
        "tree_generated_offsets",
        "tree_vectors",
        "tree_wide"
      })
  void copies(String name) throws IOException {
    Files.createDirectories(FOLDER);
    Path original = Path.of("src/test/resources/written", name + ".root");
    Path copy = FOLDER.resolve("copy_" + name + ".root");
    try (RootFile root = RootFile.open(original);
        RootWriter writer = RootWriter.create(copy)) {
      TreeWriter tree = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
      tree.copy(List.of(root.dataset("tree")), branch -> true);
      tree.finish();
      writer.commit();
    }
    try (RootFile a = RootFile.open(original);
        RootFile b = RootFile.open(copy)) {
      assertEquals(a.dataset("tree").schema(), b.dataset("tree").schema());
    }
  }
}
