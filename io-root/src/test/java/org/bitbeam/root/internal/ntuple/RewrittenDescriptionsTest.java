package org.bitbeam.root.internal.ntuple;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.NtupleWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers and extensions that ROOT wrote, read and written again: the same bytes. */
class RewrittenDescriptionsTest {
  @TempDir Path folder;

  /** The lists of the header and of the extension. */
  private static List<byte[]> lists(NtupleDataset ntuple) throws IOException {
    String context = ntuple.context();
    Anchor anchor = ntuple.anchor();
    LittleCursor header = ntuple.blobs().envelope(context, Blobs.Kind.HEADER, anchor.header()).in();
    header.i64();
    header.string();
    header.string();
    header.string();
    LittleCursor footer = ntuple.blobs().envelope(context, Blobs.Kind.FOOTER, anchor.footer()).in();
    footer.i64();
    footer.i64();
    footer.record();
    return List.of(header.take(header.remaining()), footer.take(footer.remaining()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ntuple_cluster_groups",
        "ntuple_extended",
        "ntuple_merged_encodings",
        "ntuple_primitives_split",
        "ntuple_primitives_unsplit",
        "ntuple_reals_uncompressed",
        "ntuple_stl",
        "ntuple_streamer_field",
        "ntuple_untyped"
      })
  void everyByteOfADescriptionComesBack(String name) throws IOException {
    Path original = Path.of("src/test/resources/written", name + ".root");
    Path copy = folder.resolve("copy.root");
    try (RootFile root = RootFile.open(original);
        RootWriter writer = RootWriter.create(copy, "", Compression.ZSTD)) {
      NtupleDataset source = (NtupleDataset) root.openAll().get(0);
      NtupleWriter out =
          writer.ntuple(source.path(), "", new Schema(List.of()), NtupleOptions.DEFAULT);
      out.copy(List.of(source), field -> true);
      out.finish();
      writer.commit();
      try (RootFile again = RootFile.open(copy)) {
        NtupleDataset written = (NtupleDataset) again.dataset(source.path());
        List<byte[]> before = lists(source);
        List<byte[]> after = lists(written);
        assertTrue(before.get(0).length > 100);
        for (int i = 0; i < before.size(); i++) {
          assertArrayEquals(before.get(i), after.get(i), name);
        }
        List<PageList.Cluster> a = source.allClusters();
        List<PageList.Cluster> b = written.allClusters();
        assertEquals(a.size(), b.size());
        for (int c = 0; c < a.size(); c++) {
          assertEquals(a.get(c).columns().size(), b.get(c).columns().size());
          for (int column = 0; column < a.get(c).columns().size(); column++) {
            PageList.Pages x = a.get(c).columns().get(column);
            PageList.Pages y = b.get(c).columns().get(column);
            assertEquals(x.isSuppressed(), y.isSuppressed());
            assertEquals(x.compression(), y.compression());
            assertArrayEquals(x.firstElements(), y.firstElements());
            assertArrayEquals(x.stored(), y.stored());
            assertArrayEquals(x.hasChecksum(), y.hasChecksum());
          }
        }
      }
    }
  }
}
