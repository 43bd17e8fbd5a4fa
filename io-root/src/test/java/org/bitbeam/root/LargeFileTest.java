package org.bitbeam.root;

import static org.bitbeam.root.MadeFiles.list;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Files beyond 2 and 4 GiB, with holes instead of most of their bytes. */
class LargeFileTest {
  private static final Path PEERS = Path.of("target", "peer-files");

  /** A file of ROOT of which only the written parts are there ({@code made/make_large.py}). */
  private static final class WithHoles implements ByteSource {
    private final TreeMap<Long, byte[]> parts = new TreeMap<>();
    private final long size;

    WithHoles(Path path) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(path));
      size = in.getLong();
      while (in.hasRemaining()) {
        long position = in.getLong();
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        parts.put(position, bytes);
      }
    }

    @Override
    public String name() {
      return "large_root.root";
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      if (position + target.remaining() > size) {
        throw new EOFException();
      }
      while (target.hasRemaining()) {
        Map.Entry<Long, byte[]> part = parts.floorEntry(position);
        byte[] bytes = part == null ? new byte[0] : part.getValue();
        long inside = part == null ? 0 : position - part.getKey();
        target.put(inside < bytes.length ? bytes[(int) inside] : 0);
        position++;
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void filesOfRootBehind4Gib() throws IOException {
    try (RootFile file = RootFile.open(new WithHoles(MadeFiles.FOLDER.resolve("large_root.bin")))) {
      assertTrue(file.size() > 5_000_000_000L);
      EventBatch tree = file.dataset("tree").read(List.of("x", "n", "v"), 0, 30);
      assertEquals(list(30, i -> i + 0.5), Values.all(tree.column("x")));
      assertEquals(list(30, i -> list(i % 4, k -> 10.0 * i + k)), Values.all(tree.column("v")));
      EventBatch ntuple = file.dataset("ntuple").read(List.of("i", "v"), 0, 20);
      assertEquals(list(20, i -> (long) i), Values.all(ntuple.column("i")));
      assertEquals(list(20, i -> list(i % 3, k -> i + 0.25 * k)), Values.all(ntuple.column("v")));
    }
  }

  @Test
  void oursBehind4Gib() throws IOException {
    Files.createDirectories(PEERS);
    Assumptions.assumeTrue(
        Files.getFileStore(PEERS).getUsableSpace() > 12_000_000_000L,
        "skipped: the disk has no room for a large file, should it not support holes");
    Path path = PEERS.resolve("large_ours.root");
    EventBatch trees = new WritableBatches(21).everyKind(120);
    EventBatch ntuples = new NtupleBatches(22).withoutVariants(120);
    long[] gaps = {2_200_000_000L, 10_000, 2_500_000_000L};
    try (RootWriter writer = RootWriter.create(path)) {
      TreeWriter tree =
          writer.tree("tree", "", trees.schema(), TreeOptions.DEFAULT.withClusterBytes(1));
      NtupleWriter ntuple =
          writer.ntuple(
              "ntuple",
              "",
              ntuples.schema(),
              NtupleOptions.DEFAULT.withClusterBytes(1).withClustersPerGroup(2));
      for (int i = 0; i < gaps.length; i++) {
        tree.write(trees.slice(i * 40, (i + 1) * 40));
        ntuple.write(ntuples.slice(i * 40, (i + 1) * 40));
        writer.leaveGap(gaps[i]);
      }
      tree.finish();
      ntuple.finish();
      writer.commit();
    }
    assertTrue(Files.size(path) > 4_700_000_000L);
    try (RootFile file = RootFile.open(path)) {
      Dataset tree = file.dataset("tree");
      assertTrue(tree.clusters().size() >= 3, tree.clusters().toString());
      checkSame(trees, tree);
      checkSame(ntuples, file.dataset("ntuple"));
    }
    copiesAreRefusedOrRight(path, trees);
  }

  /** Baskets with keys of 64 bits are copied to any position. */
  private static void copiesAreRefusedOrRight(Path path, EventBatch trees) throws IOException {
    Path copy = PEERS.resolve("large_copy.root");
    try (RootFile file = RootFile.open(path);
        RootWriter writer = RootWriter.create(copy)) {
      TreeWriter tree =
          writer.tree("tree", "", new org.bitbeam.columns.Schema(List.of()), TreeOptions.DEFAULT);
      tree.copy(List.of(file.dataset("tree")), branch -> true);
      tree.finish();
      writer.commit();
    }
    try (RootFile file = RootFile.open(copy)) {
      assertTrue(file.size() < 10_000_000);
      checkSame(trees, file.dataset("tree"));
    }
  }

  private static void checkSame(EventBatch expected, Dataset dataset) throws IOException {
    List<String> names = expected.schema().names();
    EventBatch back = dataset.read(names, 0, dataset.entries());
    IntStream.range(0, names.size())
        .forEach(
            i -> assertEquals(expected.columns().get(i), back.column(names.get(i)), names.get(i)));
  }
}
