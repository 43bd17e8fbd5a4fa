package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Randomly damaged files never end in anything but a polite refusal. System property {@code
 * bitbeam.fuzz.inputs} (default 20,000), {@code bitbeam.fuzz.seed} and {@code bitbeam.fuzz.first}
 * (number of the first input, default 0) set how many and which. Time is that of the processor, so
 * that a loaded machine fails nobody.
 */
class MutationFuzzTest {
  private static final int FILES = 28;
  private static final int PROGRESS = 20_000;
  private static final int SLOW_MILLISECONDS = 4_000;

  @Test
  void randomlyDamagedFilesAreReadOrRefusedPolitely() throws IOException {
    int inputs = Integer.getInteger("bitbeam.fuzz.inputs", 20_000);
    long seed = Long.getLong("bitbeam.fuzz.seed", 20_26L);
    int first = Integer.getInteger("bitbeam.fuzz.first", 0);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Path> files = smallFiles();
    List<byte[]> contents = new ArrayList<>();
    for (Path file : files) {
      contents.add(Files.readAllBytes(file));
    }
    for (int i = first; i < first + inputs; i++) {
      int which = i % files.size();
      Random random = new Random(seed * 1_000_003 + i);
      byte[] bytes = Damage.damage(contents.get(which), random);
      if (i % PROGRESS == 0 && inputs > PROGRESS) {
        System.out.println("seed " + seed + ", input " + i); // a dead JVM leaves a trace
      }
      long start = threads.getCurrentThreadCpuTime();
      try {
        Damage.readAll(ByteSource.ofBytes("fuzz", bytes));
        if (i % 8 == 0) {
          Damage.recoverAll(ByteSource.ofBytes("fuzz", bytes));
        }
      } catch (Throwable e) {
        throw new AssertionError(
            files.get(which).getFileName() + ", seed " + seed + ", input " + i, e);
      }
      long took = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;
      int input = i;
      assertTrue(
          took < SLOW_MILLISECONDS,
          () -> files.get(which) + ", seed " + seed + ", input " + input + " took " + took + " ms");
    }
  }

  /** The smallest good files of the corpus of each kind. */
  private static List<Path> smallFiles() throws IOException {
    ReferenceFacts facts = ReferenceFacts.written();
    List<Path> files = new ArrayList<>();
    for (String name : facts.files()) {
      if (!name.contains("multiblock")) {
        files.add(facts.folder().resolve(name));
      }
    }
    files.sort(
        Comparator.comparingLong((Path file) -> file.toFile().length())
            .thenComparing(Path::toString));
    List<Path> chosen = new ArrayList<>(files.subList(0, Math.min(FILES, files.size())));
    // Uncompressed, so that damage reaches descriptions and values.
    Path made = Path.of("src", "test", "resources", "made");
    chosen.add(made.resolve("more.root"));
    chosen.add(made.resolve("ntuple_more.root"));
    chosen.add(made.resolve("ntuple_small_keys.root"));
    chosen.add(made.resolve("objects.root"));
    for (String name :
        List.of(
            "pointers.root",
            "old_style.root",
            "ntuple_streamed.root",
            "more_objects.root",
            "friends_main.root",
            "friends_other.root",
            "rare.root",
            "counted.root",
            "versions.root")) {
      chosen.add(made.resolve(name));
    }
    chosen.add(facts.folder().resolve("tree_codec_none.root"));
    return chosen;
  }
}
