package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Columns that nobody could read: they are listed with the reason, the others have their values,
 * and a copy is whole. Made from files of ROOT in which a description is made unknown; in the copy
 * it is made known again.
 */
class UnknownKindsTest {
  private static final Path TREE = MadeFiles.FOLDER.resolve("more.root");
  private static final Path NTUPLE = MadeFiles.FOLDER.resolve("ntuple_more.root");

  /** A class in the descriptions, with the length of its name before it. */
  private static final String KNOWN = "\7MoreHit";

  private static final String UNKNOWN = "\7MoreHat";

  /** The name of a field, behind the 16 bits of its structure and 16 bits of flags. */
  private static final String FIELD = "\2\0\0\0vd";

  private static final int STRUCTURE = -4;

  @TempDir Path folder;

  @Test
  void branchesOfAClassThatIsNotDescribed() throws IOException {
    byte[] bytes = Files.readAllBytes(TREE);
    assertEquals(2, replace(bytes, KNOWN, UNKNOWN)); // also as the type of a member
    Path unknown = Files.write(folder.resolve("unknown.root"), bytes);
    Path copy = folder.resolve("copy.root");
    try (RootFile original = RootFile.open(TREE);
        RootFile root = RootFile.open(unknown);
        RootWriter writer = RootWriter.create(copy, "", Compression.NONE)) {
      Dataset tree = root.dataset("tree");
      check(original.dataset("tree"), tree, Set.of("vvh", "mvh"), "MoreHit");
      TreeWriter out = writer.tree("tree", "", new Schema(List.of()), TreeOptions.DEFAULT);
      out.copy(List.of(tree), branch -> true);
      out.finish();
      writer.commit();
    }
    try (RootFile root = RootFile.open(unknown);
        RootFile copied = RootFile.open(copy)) {
      List<byte[]> before = RawBaskets.of(root, "tree");
      List<byte[]> after = RawBaskets.of(copied, "tree");
      assertEquals(before.size(), after.size());
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), after.get(i));
      }
    }
    bytes = Files.readAllBytes(copy);
    assertEquals(2, replace(bytes, UNKNOWN, KNOWN));
    try (RootFile original = RootFile.open(TREE);
        RootFile mended = RootFile.open(ByteSource.ofBytes("mended", bytes))) {
      check(original.dataset("tree"), mended.dataset("tree"), Set.of(), "");
    }
  }

  @Test
  void fieldsOfAStructureThatALaterFormatMayHave() throws IOException {
    byte[] bytes = Files.readAllBytes(NTUPLE);
    byte known = structure(bytes, (byte) 0x77);
    Path unknown = Files.write(folder.resolve("unknown.root"), bytes);
    Path copy = folder.resolve("copy.root");
    try (RootFile original = RootFile.open(NTUPLE);
        RootFile root = RootFile.open(unknown);
        RootWriter writer = RootWriter.create(copy, "", Compression.NONE)) {
      Dataset ntuple = root.dataset("ntuple");
      check(original.dataset("ntuple"), ntuple, Set.of("vd"), "structure");
      NtupleOptions options = NtupleOptions.DEFAULT.withCompression(Compression.NONE);
      NtupleWriter out = writer.ntuple("ntuple", "", new Schema(List.of()), options);
      out.copy(List.of(ntuple), field -> true);
      out.finish();
      writer.commit();
    }
    bytes = Files.readAllBytes(copy);
    assertEquals(0x77, structure(bytes, known));
    try (RootFile original = RootFile.open(NTUPLE);
        RootFile mended = RootFile.open(ByteSource.ofBytes("mended", bytes))) {
      check(original.dataset("ntuple"), mended.dataset("ntuple"), Set.of(), "");
    }
  }

  @Test
  void anNtupleWithAFeatureFlagIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(NTUPLE);
    List<ResealedNtupleTest.Envelope> envelopes = ResealedNtupleTest.envelopes(bytes);
    bytes[envelopes.get(0).at() + Long.BYTES] = 4;
    ResealedNtupleTest.seal(bytes, envelopes);
    try (RootFile root = RootFile.open(ByteSource.ofBytes("flagged", bytes))) {
      String error =
          assertThrows(UnsupportedRootException.class, () -> root.dataset("ntuple")).getMessage();
      assertTrue(error.contains("feature flags 4"), error);
    }
  }

  private static void check(Dataset original, Dataset found, Set<String> unknown, String why)
      throws IOException {
    assertEquals(
        original.columns().stream().map(ColumnInfo::name).toList(),
        found.columns().stream().map(ColumnInfo::name).toList());
    assertEquals(original.entries(), found.entries());
    Set<String> unreadable = new HashSet<>();
    for (int i = 0; i < found.columns().size(); i++) {
      ColumnInfo info = found.columns().get(i);
      int column = i;
      if (info.type().isEmpty()) {
        unreadable.add(info.name());
        assertTrue(info.whyUnreadable().contains(why), info.whyUnreadable());
        assertThrows(UnsupportedRootException.class, () -> found.read(column, 0, found.entries()));
      } else {
        assertEquals(
            Values.all(original.read(i, 0, original.entries())),
            Values.all(found.read(i, 0, found.entries())),
            info.name());
      }
    }
    assertEquals(unknown, unreadable);
  }

  /** Sets the structure of the field; returns what it was. */
  private static byte structure(byte[] bytes, byte structure) {
    List<ResealedNtupleTest.Envelope> envelopes = ResealedNtupleTest.envelopes(bytes);
    int at = text(bytes).indexOf(FIELD, envelopes.get(0).at()) + STRUCTURE;
    byte before = bytes[at];
    bytes[at] = structure;
    ResealedNtupleTest.seal(bytes, envelopes);
    return before;
  }

  private static int replace(byte[] bytes, String from, String to) {
    String text = text(bytes);
    int found = 0;
    for (int at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + 1)) {
      byte[] other = to.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(other, 0, bytes, at, other.length);
      found++;
    }
    return found;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
