package org.bitbeam.root.internal.streamer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.file.FileHeader;
import org.bitbeam.root.internal.file.Records;
import org.junit.jupiter.api.Test;

/** Records of trees that ROOT wrote, read and written again: the same bytes. */
class RewrittenTreesTest {

  @Test
  void everyByteOfATreeComesBack() throws IOException {
    int trees = 0;
    for (String folder : List.of("written", "made")) {
      try (Stream<Path> files = Files.list(Path.of("src/test/resources", folder))) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          // Trees of files that were not closed have no key; uproot's are not written as ROOT does.
          if (name.endsWith(".root")
              && !name.startsWith("bad_")
              && !name.startsWith("uproot_")
              && !name.contains("unclosed")) {
            trees += rewrite(file);
          }
        }
      }
    }
    assertTrue(trees >= 20, trees + " trees");
  }

  private static int rewrite(Path file) throws IOException {
    int trees = 0;
    try (ByteSource source = ByteSource.ofFile(file)) {
      FileHeader header = FileHeader.read(source);
      Records records = new Records(source, header.end(), ReadLimits.DEFAULT);
      ClassCatalog classes =
          new ClassCatalog(
              StreamerInfoReader.read(
                  records.payload("classes", header.infoPosition(), header.infoBytes()),
                  ReadLimits.DEFAULT));
      for (Directories.Entry entry : Directories.list(records, header)) {
        if (!entry.key().className().equals("TTree")) {
          continue;
        }
        Cursor in = records.payload("tree", entry.key().position(), entry.key().storedBytes());
        byte[] expected = Arrays.copyOfRange(in.bytes(), in.position(), in.end());
        int origin = in.recordPosition();
        Object tree =
            new ObjectReader(classes, ReadLimits.DEFAULT).read(in, entry.key().className());
        if (tree instanceof StreamedObject object && !holdsBaskets(object)) {
          Output out = new Output(expected.length);
          new ObjectWriter(out, origin).write(object);
          assertArrayEquals(
              expected, Arrays.copyOf(out.array(), out.size()), file + ": " + entry.path());
          trees++;
        }
      }
    }
    return trees;
  }

  /** Baskets inside of a tree's record are read but never written there; indices neither. */
  private static boolean holdsBaskets(StreamedObject branchOrTree) {
    return branchOrTree.get("fTreeIndex") != null
        || (branchOrTree.get("fBranchRef") instanceof StreamedObject references
            && holdsBaskets(references))
        || branchOrTree.list("fBaskets").stream().anyMatch(b -> b != null)
        || (branchOrTree.className().equals("TBranchClones")
            && branchOrTree.get("fBranchCount") instanceof StreamedObject counter
            && holdsBaskets(counter))
        || branchOrTree.list("fBranches").stream()
            .anyMatch(b -> b instanceof StreamedObject branch && holdsBaskets(branch));
  }
}
