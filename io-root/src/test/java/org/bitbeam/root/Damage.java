package org.bitbeam.root;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages bytes by a seed, and reads whatever can be read of the result. */
final class Damage {
  /** Small enough that a claim of a huge size is refused where it is made. */
  static final ReadLimits LIMITS = new ReadLimits(32L << 20, 32L << 20, 40_000, 100, 1_000_000);

  private Damage() {}

  /** A damaged copy: a few bits, a cut, a length of ff or 7f bytes, or a piece from elsewhere. */
  static byte[] damage(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int kind = random.nextInt(8);
    if (kind == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(bytes.length);
      switch (kind) {
        case 1, 2, 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 4 -> bytes[at] = (byte) random.nextInt();
        case 5 -> fill(bytes, at, random, (byte) 0xff);
        case 6 -> fill(bytes, at, random, (byte) 0);
        default -> {
          int length = 1 + random.nextInt(16);
          int from = random.nextInt(bytes.length);
          length = Math.min(length, bytes.length - Math.max(at, from));
          System.arraycopy(good, from, bytes, at, length);
        }
      }
    }
    return bytes;
  }

  private static void fill(byte[] bytes, int at, Random random, byte value) {
    int width = 1 << random.nextInt(4);
    Arrays.fill(bytes, at, Math.min(bytes.length, at + width), value);
    if (value != 0 && random.nextBoolean()) {
      bytes[at] = 0x7f;
    }
  }

  /** Reads all datasets and columns; fails on anything but a polite refusal. */
  static void readAll(ByteSource source) throws IOException {
    try (RootFile root = RootFile.open(source, LIMITS)) {
      readAll(root);
    } catch (RootFormatException | UnsupportedRootException e) {
      assertPolite(e);
    }
  }

  /** The same for a file that is walked from record to record. */
  static void recoverAll(ByteSource source) throws IOException {
    try (RootFile root = RootFile.recover(source, LIMITS)) {
      readAll(root);
    } catch (RootFormatException | UnsupportedRootException e) {
      assertPolite(e);
    }
  }

  private static void readAll(RootFile root) throws IOException {
    List<KeyInfo> keys = root.datasets();
    for (KeyInfo key : keys.subList(0, Math.min(20, keys.size()))) {
      try {
        readAll(root.dataset(key.path() + ";" + key.cycle()));
      } catch (RootFormatException | UnsupportedRootException e) {
        assertPolite(e);
      } catch (IllegalArgumentException e) {
        if (!String.valueOf(e.getMessage()).startsWith("no tree")) {
          throw e;
        }
      }
    }
    for (KeyInfo key : root.keys().subList(0, Math.min(50, root.keys().size()))) {
      if (!keys.contains(key)) {
        try {
          root.object(key.path() + ";" + key.cycle());
        } catch (RootFormatException | UnsupportedRootException e) {
          assertPolite(e);
        } catch (IllegalArgumentException e) {
          if (!String.valueOf(e.getMessage()).startsWith("no object")) {
            throw e;
          }
        }
      }
    }
    readTogether(root);
  }

  /** Trees with the friends that they name, as friends of another file's tree, and as a union. */
  private static void readTogether(RootFile root) throws IOException {
    List<Dataset> opened = new ArrayList<>();
    List<KeyInfo> keys = root.datasets();
    for (KeyInfo key : keys.subList(0, Math.min(5, keys.size()))) {
      try {
        Dataset dataset = root.dataset(key.path() + ";" + key.cycle());
        opened.add(dataset);
        if (!dataset.links().friends().isEmpty()) {
          try (Friends files = new Friends(good("friends_other.root"))) {
            readAll(root.datasetWithFriends(key.path() + ";" + key.cycle(), files));
          }
        }
      } catch (RootFormatException | UnsupportedRootException e) {
        assertPolite(e);
      }
    }
    if (keys.stream().anyMatch(key -> key.path().equals("folder/keyed"))) {
      try (RootFile main = good("friends_main.root")) {
        readAll(main.datasetWithFriends("main", new Friends(root)));
      } catch (RootFormatException | UnsupportedRootException e) {
        assertPolite(e);
      }
    }
    if (opened.size() > 1) {
      try {
        readAll(Dataset.union(opened));
      } catch (RootFormatException | UnsupportedRootException e) {
        assertPolite(e);
      }
    }
  }

  private static RootFile good(String name) throws IOException {
    return RootFile.open(MadeFiles.FOLDER.resolve(name));
  }

  /** One file, whatever the name. */
  private record Friends(RootFile file) implements FriendFiles {
    @Override
    public RootFile open(String name) {
      return file;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static void readAll(Dataset dataset) throws IOException {
    dataset.schema();
    List<ColumnInfo> infos = dataset.columns();
    long entries = Math.min(dataset.entries(), 5_000);
    try {
      dataset.clusters();
    } catch (RootFormatException | UnsupportedRootException e) {
      assertPolite(e);
    }
    for (int i = 0; i < Math.min(60, infos.size()); i++) {
      try {
        dataset.read(i, 0, entries);
      } catch (RootFormatException | UnsupportedRootException e) {
        assertPolite(e);
      } catch (EOFException e) {
        throw e;
      }
    }
  }

  /** An error has to say something. */
  static void assertPolite(RuntimeException e) {
    if (e.getMessage() == null || e.getMessage().length() < 15) {
      throw new AssertionError("an error without a sentence", e);
    }
  }
}
