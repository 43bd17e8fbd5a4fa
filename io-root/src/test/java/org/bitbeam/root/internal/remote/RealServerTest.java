package org.bitbeam.root.internal.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bitbeam.columns.ColumnDigest;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ByteSource.Part;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Files over root:// and http:// from a real xrootd server are what they are locally. */
class RealServerTest {
  private static final Path WRITTEN = Path.of("src", "test", "resources", "written");
  private static final String LARGE = "large.bin";

  @TempDir static Path folder;
  private static XrootdServer server;
  private static byte[] large;

  @BeforeAll
  static void start() throws Exception {
    large = new byte[9_000_001];
    new Random(13).nextBytes(large);
    List<Path> files = new ArrayList<>(goodFiles());
    files.add(Files.write(folder.resolve(LARGE), large));
    files.add(Files.write(folder.resolve("empty.bin"), new byte[0]));
    server = XrootdServer.start(files);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  private static List<Path> goodFiles() throws IOException {
    try (Stream<Path> files = Files.list(WRITTEN)) {
      return files
          .filter(f -> f.toString().endsWith(".root"))
          .filter(f -> !f.getFileName().toString().startsWith("bad_"))
          .sorted()
          .toList();
    }
  }

  private static List<String> addresses(String file) {
    return List.of(server.rootAddress(file), server.webAddress(file));
  }

  @TestFactory
  Stream<DynamicTest> everyColumnHasTheSameChecksumAsLocally() throws IOException {
    return goodFiles().stream()
        .map(
            file ->
                dynamicTest(
                    file.getFileName().toString(),
                    () -> {
                      List<String> expected;
                      try (RootFile local = RootFile.open(file)) {
                        expected = checksums(local);
                      }
                      for (String address : addresses(file.getFileName().toString())) {
                        try (RootFile remote = RootFile.open(address)) {
                          assertEquals(expected, checksums(remote), address);
                        }
                      }
                    }));
  }

  /** All values of all columns, and all objects. */
  static List<String> checksums(RootFile root) throws IOException {
    List<String> found = new ArrayList<>();
    found.add(root.fingerprint() + " " + root.keys());
    for (Dataset data : root.openAll()) {
      List<ColumnInfo> infos = data.columns();
      for (int i = 0; i < infos.size(); i++) {
        if (infos.get(i).type().isPresent()) {
          ColumnDigest digest = new ColumnDigest();
          for (Dataset.Cluster cluster : data.clusters()) {
            digest.add(data.read(i, cluster.first(), cluster.end()));
          }
          found.add(infos.get(i).name() + " " + digest.parts());
        }
      }
    }
    return found;
  }

  @Test
  void vectoredReadsEqualPlainReads() throws IOException {
    for (String address : addresses(LARGE)) {
      try (ByteSource source = ByteSource.open(address, RemoteOptions.DEFAULT)) {
        assertEquals(large.length, source.size());
        Random random = new Random(4);
        for (int round = 0; round < 30; round++) {
          List<Part> parts = new ArrayList<>();
          int count = 1 + random.nextInt(round < 5 ? 1500 : 40);
          for (int i = 0; i < count; i++) {
            int length = random.nextInt(random.nextInt(20) == 0 ? 3_000_000 / count + 1 : 3_000);
            int position = random.nextInt(large.length - length + 1);
            parts.add(new Part(position, ByteBuffer.allocate(length)));
          }
          source.readVectored(parts);
          for (Part part : parts) {
            check(part.position(), part.target());
          }
        }
        ByteBuffer all = ByteBuffer.allocateDirect(large.length);
        source.readFully(0, all);
        check(0, all);
        assertThrows(
            EOFException.class, () -> source.readFully(large.length - 3, ByteBuffer.allocate(4)));
      }
    }
  }

  private static void check(long position, ByteBuffer target) {
    assertEquals(0, target.remaining());
    target.flip();
    assertEquals(ByteBuffer.wrap(large, (int) position, target.remaining()), target);
  }

  @Test
  void missingFilesAndEmptyOnesAreSaidSo() throws IOException {
    for (String address : addresses("nowhere.root")) {
      NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> RootFile.open(address));
      assertTrue(e.getMessage().contains("nowhere.root"), e.getMessage());
    }
    for (String address : addresses("empty.bin")) {
      try (ByteSource source = ByteSource.open(address, RemoteOptions.DEFAULT)) {
        assertEquals(0, source.size());
      }
    }
  }

  @Test
  void aFileThatChangesIsRefused() throws IOException {
    for (int i = 0; i < 2; i++) {
      byte[] content = new byte[1 << 20];
      Files.write(server.stored("changing.bin"), content);
      String address = addresses("changing.bin").get(i);
      try (ByteSource source = RemoteFiles.open(address, RemoteOptions.DEFAULT, pause -> {})) {
        source.readFully(300_000, ByteBuffer.allocate(100_000));
        Files.write(server.stored("changing.bin"), new byte[content.length - 1]);
        if (i == 0) {
          continue; // xrootd keeps serving the open file; see FakeXrootdTest for reconnections
        }
        IOException e =
            assertThrows(
                IOException.class, () -> source.readFully(400_000, ByteBuffer.allocate(100_000)));
        assertTrue(e.getMessage().contains("changed on the server"), e.getMessage());
      }
    }
  }
}
