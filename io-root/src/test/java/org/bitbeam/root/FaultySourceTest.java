package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What a source does wrong reaches the caller as an error, never as other values. */
class FaultySourceTest {
  private static final List<String> FILES =
      List.of("tree_codec_zlib1.root", "ntuple_same_pages.root");

  @Test
  void errorOfTheSourceReachesTheCallerWhereverItHappens() throws IOException {
    for (String file : FILES) {
      byte[] bytes = bytes(file);
      int reads = countReads(bytes);
      assertTrue(reads > 5, file + " is read at once");
      for (int failing = 0; failing < reads; failing++) {
        int at = failing;
        IOException error =
            assertThrows(
                IOException.class,
                () -> readAll(new Faulty(bytes, at, Fault.ERROR, 0)),
                file + ", read " + at);
        assertEquals("the disk is gone", error.getMessage());
      }
    }
  }

  @Test
  void endOfTheSourceWhereBytesWereExpectedIsAnError() throws IOException {
    for (String file : FILES) {
      byte[] bytes = bytes(file);
      int reads = countReads(bytes);
      for (int failing = 0; failing < reads; failing++) {
        int at = failing;
        assertThrows(
            EOFException.class,
            () -> readAll(new Faulty(bytes, at, Fault.SHORT, 0)),
            file + ", read " + at);
      }
    }
  }

  @Test
  void bitsThatFlipOnTheWayAreNoticedOrDoNoHarm() throws IOException {
    for (String file : FILES) {
      byte[] bytes = bytes(file);
      int reads = countReads(bytes);
      for (int failing = 0; failing < reads; failing++) {
        for (int seed = 0; seed < 20; seed++) {
          Damage.readAll(new Faulty(bytes, failing, Fault.FLIP, seed));
        }
      }
    }
  }

  @Test
  void delaysChangeNothingWhateverTheOrderInWhichThreadsGetTheirBytes() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (String file : FILES) {
        byte[] bytes = bytes(file);
        try (RootFile good = RootFile.open(ByteSource.ofBytes("good", bytes));
            RootFile slow = RootFile.open(new Slow(ByteSource.ofBytes("slow", bytes)))) {
          for (Dataset expected : good.openAll()) {
            List<String> names = expected.schema().names();
            Dataset dataset = slow.dataset(expected.path() + ";" + expected.cycle());
            assertEquals(
                expected.read(names, 0, expected.entries()).columns(),
                dataset.read(names, 0, expected.entries(), threads).columns());
          }
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A source whose reads take from 0 to 5 ms. */
  private record Slow(ByteSource good) implements ByteSource {
    @Override
    public String name() {
      return good.name();
    }

    @Override
    public long size() throws IOException {
      return good.size();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      LockSupport.parkNanos((position * 2_654_435_761L & 0xff) * 20_000);
      good.readFully(position, target);
    }

    @Override
    public void close() throws IOException {
      good.close();
    }
  }

  private static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(Path.of("src", "test", "resources", "written", file));
  }

  private static int countReads(byte[] bytes) throws IOException {
    Faulty source = new Faulty(bytes, -1, Fault.ERROR, 0);
    readAll(source);
    return source.reads.get();
  }

  private static void readAll(ByteSource source) throws IOException {
    try (RootFile file = RootFile.open(source)) {
      for (Dataset dataset : file.openAll()) {
        dataset.read(dataset.schema().names(), 0, dataset.entries());
      }
    }
  }

  private enum Fault {
    ERROR,
    SHORT,
    FLIP
  }

  /** A source whose n-th read goes wrong. */
  private static final class Faulty implements ByteSource {
    private final ByteSource good;
    private final int failing;
    private final Fault fault;
    private final Random random;
    private final AtomicInteger reads = new AtomicInteger();

    Faulty(byte[] bytes, int failing, Fault fault, long seed) {
      this.good = ByteSource.ofBytes("faulty", bytes);
      this.failing = failing;
      this.fault = fault;
      this.random = new Random(seed);
    }

    @Override
    public String name() {
      return good.name();
    }

    @Override
    public long size() throws IOException {
      return good.size();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      boolean fails = reads.getAndIncrement() == failing;
      if (fails && fault == Fault.ERROR) {
        throw new IOException("the disk is gone");
      }
      if (fails && fault == Fault.SHORT) {
        throw new EOFException("faulty: the file ends early");
      }
      int from = target.position();
      good.readFully(position, target);
      if (fails && target.position() > from) {
        int at = from + random.nextInt(target.position() - from);
        target.put(at, (byte) (target.get(at) ^ 1 << random.nextInt(8)));
      }
    }

    @Override
    public void close() throws IOException {
      good.close();
    }
  }
}
