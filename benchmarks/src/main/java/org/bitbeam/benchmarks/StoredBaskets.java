package org.bitbeam.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.codec.Decompressor;
import org.bitbeam.root.internal.file.KeyHeader;

/**
 * The compressed baskets that a read fetches, in memory: to time their decompression alone, the
 * part that every reader with the same library has in common.
 */
final class StoredBaskets {
  private final List<byte[]> records = new ArrayList<>();
  private final List<KeyHeader> keys = new ArrayList<>();
  private byte[] room = new byte[0];
  private boolean isOpen;

  private StoredBaskets() {}

  /** Reads columns once, and keeps the baskets that this asks the file for. */
  static StoredBaskets of(Path file, String tree, List<String> columns, long batch)
      throws IOException {
    StoredBaskets baskets = new StoredBaskets();
    try (RootFile root = RootFile.open(baskets.recording(ByteSource.ofFile(file)))) {
      Dataset dataset = root.dataset(tree);
      baskets.isOpen = true;
      Work.sum(dataset, columns, batch);
    }
    return baskets;
  }

  private ByteSource recording(ByteSource source) {
    return new ByteSource() {
      @Override
      public String name() {
        return source.name();
      }

      @Override
      public long size() throws IOException {
        return source.size();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        int at = target.position();
        source.readFully(position, target);
        if (isOpen) {
          byte[] record = new byte[target.position() - at];
          target.duplicate().position(at).get(record);
          keep(record);
        }
      }

      @Override
      public void close() throws IOException {
        source.close();
      }
    };
  }

  private void keep(byte[] record) {
    KeyHeader key = KeyHeader.read(new Cursor("record", record));
    if (key.className().equals("TBasket") && key.isCompressed()) {
      keys.add(key);
      records.add(record);
      room = new byte[Math.max(room.length, key.objectBytes())];
    }
  }

  /** Decompresses all of them, one after the other into the same memory. */
  Work.Totals decompress() {
    long bytes = 0;
    try (Decompressor decompressor = new Decompressor()) {
      for (int i = 0; i < keys.size(); i++) {
        KeyHeader key = keys.get(i);
        decompressor.decompress(
            "record", records.get(i), key.headerBytes(), room, key.objectBytes());
        bytes += key.objectBytes();
      }
    }
    return new Work.Totals(keys.size(), bytes, 0);
  }
}
