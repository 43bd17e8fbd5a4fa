package org.bitbeam.root.internal.ntuple;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.bytes.LittleOutput;
import org.bitbeam.root.internal.codec.Frames;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Headers, page lists and footers of real files, parsed and written again: the same bytes. */
class RewrittenEnvelopesTest {
  private static final Path RESOURCES = Path.of("src", "test", "resources");

  private static final String WITH_ATTRIBUTES = "ntuple_attributes.root";

  private static Stream<DynamicTest> tests(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              f ->
                  f.getFileName()
                      .toString()
                      .matches("(ntuple|ntpl|.*rntuple)(?!_unclosed).*\\.root"))
          .sorted()
          .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f)))
          .toList()
          .stream();
    }
  }

  @TestFactory
  Stream<DynamicTest> ofFilesWrittenForThisProject() throws IOException {
    return Stream.concat(tests(RESOURCES.resolve("written")), tests(RESOURCES.resolve("made")));
  }

  @TestFactory
  Stream<DynamicTest> ofOtherPeoplesFiles() throws IOException {
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"), "corpus", "root");
    Assumptions.assumeTrue(Files.exists(shared), () -> shared + " is not on this machine");
    return tests(shared);
  }

  private static void check(Path file) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      int ntuples = 0;
      for (Dataset dataset : root.openAll()) {
        if (dataset instanceof NtupleDataset ntuple) {
          ntuples++;
          check(file.getFileName().toString(), ntuple);
        }
      }
      assertTrue(ntuples > 0);
    }
  }

  private static void check(String file, NtupleDataset ntuple) throws IOException {
    Anchor anchor = ntuple.anchor();
    String where = ntuple.context();

    byte[] header = bytes(ntuple, anchor.header());
    Blobs.Envelope headerEnvelope =
        ntuple.blobs().envelope(where, Blobs.Kind.HEADER, anchor.header());
    LittleCursor in = headerEnvelope.in();
    Description.checkFeatures(in);
    LittleOutput out = new LittleOutput();
    String name = in.string();
    String description = in.string();
    String writer = in.string();
    NtupleCopy.Lists own = NtupleCopy.Lists.read(in);
    NtupleBuilder.writeHeader(out, name, description, writer, own);
    compare(file, "header", header, NtupleBuilder.envelope(Blobs.Kind.HEADER, out));

    byte[] footer = bytes(ntuple, anchor.footer());
    in = ntuple.blobs().envelope(where, Blobs.Kind.FOOTER, anchor.footer()).in();
    Description.checkFeatures(in);
    long checksum = in.i64();
    assertEquals(headerEnvelope.checksum(), checksum);
    LittleCursor.Frame record = in.record();
    NtupleCopy.Lists extension = NtupleCopy.Lists.read(in);
    in.leave(record);
    List<NtupleBuilder.Group> groups = new ArrayList<>();
    LittleCursor.Frame list = in.list(Long.BYTES);
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      long first = in.i64();
      long entries = in.i64();
      int clusters = in.i32();
      long length = in.i64();
      int stored = in.i32();
      long position = in.i64();
      groups.add(
          new NtupleBuilder.Group(
              first, entries, clusters, new NtupleBuilder.Part(position, stored, (int) length)));
      in.leave(frame);
    }
    in.leave(list);
    byte[] attributeSets = in.take(in.remaining());
    out = new LittleOutput();
    NtupleBuilder.writeFooter(out, checksum, extension, groups);
    if (attributeSets.length > 0) {
      // Format 1.0.1 has a list of attribute sets here; we write 1.0.0, which ends before it.
      ByteBuffer sets = ByteBuffer.wrap(attributeSets).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(-attributeSets.length, sets.getLong(0), file + ", attribute sets");
      assertEquals(file.equals(WITH_ATTRIBUTES) ? 2 : 0, sets.getInt(Long.BYTES), file);
      out.raw(attributeSets);
    }
    compare(file, "footer", footer, NtupleBuilder.envelope(Blobs.Kind.FOOTER, out));

    List<byte[]> columns = new ArrayList<>(own.columns());
    columns.addAll(extension.columns());
    PageListWriter pageLists = new PageListWriter(columns);
    for (int g = 0; g < groups.size(); g++) {
      NtupleBuilder.Part part = groups.get(g).pageList();
      Anchor.Location at = new Anchor.Location(part.position(), part.stored(), part.length());
      byte[] original = bytes(ntuple, at);
      PageList parsed =
          PageList.read(
              ntuple.blobs().envelope(where, Blobs.Kind.PAGE_LIST, at).in(),
              ntuple.description(),
              checksum,
              ReadLimits.DEFAULT);
      out = new LittleOutput();
      pageLists.write(out, checksum, parsed.clusters());
      compare(file, "page list " + g, original, NtupleBuilder.envelope(Blobs.Kind.PAGE_LIST, out));
    }
  }

  private static byte[] bytes(NtupleDataset ntuple, Anchor.Location at) throws IOException {
    byte[] stored = ntuple.blobs().bytes(ntuple.context(), at.position(), at.stored());
    return at.stored() == at.length()
        ? stored
        : Frames.decompress(ntuple.context(), stored, 0, stored.length, (int) at.length(), 40_000);
  }

  private static void compare(String file, String part, byte[] original, byte[] written) {
    int at = Arrays.mismatch(original, written);
    String found =
        at < 0
            ? "equal"
            : original.length
                + " bytes, written "
                + written.length
                + ", from byte "
                + at
                + " of "
                + "on other ones";
    assertEquals("equal", found, file + ", " + part + dump(original, written, at));
  }

  private static String dump(byte[] original, byte[] written, int at) {
    if (at < 0) {
      return "";
    }
    return ": "
        + java.util.HexFormat.of()
            .formatHex(original, Math.max(0, at - 16), Math.min(original.length, at + 48))
        + " / "
        + java.util.HexFormat.of()
            .formatHex(written, Math.max(0, at - 16), Math.min(written.length, at + 48));
  }
}
