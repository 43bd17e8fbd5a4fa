package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bitbeam.root.Compression;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.tree.Basket;
import org.jspecify.annotations.Nullable;

/** Writes baskets: new ones, and copies of others' byte for byte. */
final class Baskets {
  private static final int TAIL_BYTES = 19;
  private static final int BUFFER_SIZE = 32000;
  private static final long DIRECTORY = 100;
  private static final int SEEK_OFFSET = 18;
  private static final int GENERATE_OFFSETS_FLAG = 80;

  private final FileBuilder file;
  private final String tree;

  /** Of the position of the directory in a long key, what ROOT adds to numbers of processes. */
  private static final long FIRST_PROCESS = 0xffffL << 48;

  Baskets(FileBuilder file, String tree) {
    this.file = file;
    this.tree = tree;
  }

  /**
   * Writes a basket.
   *
   * @param offsets where each entry begins in {@code data}, null for entries of one size
   */
  void write(
      BasketList list,
      String branch,
      Output data,
      int @Nullable [] offsets,
      int entries,
      Compression compression)
      throws IOException {
    int size = offsets != null ? entries + 1 : data.size() / Math.max(1, entries);
    write(
        list, branch, true, data.array(), data.size(), offsets, entries, size, false, compression);
  }

  private void write(
      BasketList list,
      String branch,
      boolean large,
      byte[] data,
      int dataBytes,
      int @Nullable [] offsets,
      int entries,
      int sizeOrCapacity,
      boolean generateOffsets,
      Compression compression)
      throws IOException {
    int tail = generateOffsets ? TAIL_BYTES + 1 : TAIL_BYTES;
    int keyBytes = KeyHeader.bytesFor(large, "TBasket", branch, tree) + tail;
    Output payload = new Output(dataBytes + (offsets == null ? 0 : 4 * entries + 8));
    payload.raw(data, 0, dataBytes);
    if (offsets != null) {
      payload.i32(entries + 1);
      for (int i = 0; i < entries; i++) {
        payload.i32(offsets[i] + keyBytes);
      }
      payload.i32(0);
    }
    byte[] packed = file.compressor().compress(payload.array(), 0, payload.size(), compression);
    int bodyBytes = packed == null ? payload.size() : packed.length;
    Output key =
        FileBuilder.key(
            large,
            keyBytes + bodyBytes,
            payload.size(),
            0,
            file.position(),
            DIRECTORY,
            "TBasket",
            branch,
            tree,
            tail);
    key.i16(3).i32(BUFFER_SIZE);
    if (generateOffsets) {
      key.i32(-Math.max(1, sizeOrCapacity)).u8(1);
    } else {
      key.i32(sizeOrCapacity);
    }
    key.i32(entries).i32(keyBytes + dataBytes).u8(generateOffsets ? GENERATE_OFFSETS_FLAG : 0);
    long position = file.append(key.array(), 0, key.size());
    if (packed == null) {
      file.append(payload.array(), 0, payload.size());
    } else {
      file.append(packed, 0, packed.length);
    }
    list.add(entries, position, keyBytes + bodyBytes, keyBytes + payload.size());
  }

  /** Copies a basket: its compressed bytes stay as they are, only its position changes. */
  void copy(BasketList list, String context, String branch, Records from, Basket basket)
      throws IOException {
    EmbeddedBasket embedded = basket.embedded();
    if (embedded != null) {
      int[] offsets = embedded.offsets();
      int entries = embedded.entries();
      int size = offsets != null ? entries + 1 : embedded.data().length / Math.max(1, entries);
      // References between objects count the key's bytes, so it keeps its length where it can.
      int tail = embedded.generateOffsets() ? TAIL_BYTES + 1 : TAIL_BYTES;
      boolean small =
          KeyHeader.bytesFor(false, "TBasket", branch, tree) + tail == embedded.keyBytes()
              && file.position() <= Integer.MAX_VALUE;
      write(
          list,
          branch,
          !small,
          embedded.data(),
          embedded.data().length,
          offsets,
          entries,
          size,
          embedded.generateOffsets(),
          file.compression());
      return;
    }
    byte[] record = from.bytes(context, basket.position(), basket.storedBytes());
    KeyHeader key = KeyHeader.read(new Cursor(context, record));
    Records.checkLengths(context, key, basket.storedBytes());
    long position = file.position();
    ByteBuffer patched = ByteBuffer.wrap(record);
    if (key.version() > 1000) {
      long processes = patched.getLong(SEEK_OFFSET + 8) & FIRST_PROCESS;
      patched.putLong(SEEK_OFFSET, position).putLong(SEEK_OFFSET + 8, processes | DIRECTORY);
    } else if (position <= Integer.MAX_VALUE) {
      patched.putInt(SEEK_OFFSET, (int) position).putInt(SEEK_OFFSET + 4, (int) DIRECTORY);
    } else {
      throw new UnsupportedRootException(
          context
              + ": the basket of entry "
              + basket.firstEntry()
              + " has a 32-bit key and cannot be copied behind 2 GiB; read and write the column instead");
    }
    file.append(record, 0, record.length);
    list.add(basket.entries(), position, record.length, key.headerBytes() + key.objectBytes());
  }
}
