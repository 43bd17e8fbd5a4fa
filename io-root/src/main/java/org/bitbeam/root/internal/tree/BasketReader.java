package org.bitbeam.root.internal.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.file.Workspace;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.jspecify.annotations.Nullable;

/** Reads baskets: the record, its decompression, and where entries begin. */
final class BasketReader {
  private BasketReader() {}

  /**
   * A basket in memory.
   *
   * @param data decompressed bytes of the values, then possibly where they begin, then anything
   * @param dataBytes how many bytes the values have
   * @param payloadBytes how many bytes belong to the basket
   * @param keyBytes length of its key, which stored offsets count
   */
  record Loaded(Basket basket, byte[] data, int dataBytes, int payloadBytes, int keyBytes) {}

  /**
   * Reads and decompresses a basket.
   *
   * @param keep whether the result is to outlive the workspace
   */
  static Loaded load(Records records, String context, Basket basket, Workspace work, boolean keep)
      throws IOException {
    EmbeddedBasket embedded = basket.embedded();
    if (embedded != null) {
      int bytes = embedded.data().length;
      return new Loaded(basket, embedded.data(), bytes, bytes, embedded.keyBytes());
    }
    String where = context + ", basket of entry " + basket.firstEntry();
    byte[] raw = records.bytes(where, basket.position(), basket.storedBytes(), work);
    Cursor in = new Cursor(where, raw, 0, basket.storedBytes(), 0);
    KeyHeader key = KeyHeader.read(in);
    Records.checkLengths(where, key, basket.storedBytes());
    if (!key.className().equals("TBasket")) {
      throw in.malformed(
          "a basket was expected, but there is a record of class " + key.className());
    }
    int header = key.headerBytes();
    int version = in.u16();
    in.skip(4); // buffer size
    int sizeOrCapacity = in.i32();
    if (sizeOrCapacity < 0) {
      in.skip(1); // I/O bits; what they say shows in the payload
    }
    int entries = in.i32();
    int last = in.i32();
    if (entries != basket.entries()) {
      throw in.malformed(
          "the basket (version "
              + version
              + ") holds "
              + entries
              + " entries, but the branch says "
              + basket.entries());
    }
    byte[] payload = records.unpack(where, raw, key, work, keep);
    int dataBytes = last - header;
    int payloadBytes = key.objectBytes();
    if (dataBytes < 0 || dataBytes > payloadBytes) {
      throw in.malformed(
          "the values are said to end at " + last + ", the record at " + (payloadBytes + header));
    }
    return new Loaded(basket, payload, dataBytes, payloadBytes, header);
  }

  /**
   * Where entries begin, and after them where the last one ends; checked to ascend. Null when the
   * basket does not store it.
   *
   * @param memory gives room for so many numbers; asked only for as many as are there
   */
  static int @Nullable [] bounds(String context, Loaded loaded, IntFunction<int[]> memory) {
    Basket basket = loaded.basket();
    int entries = (int) basket.entries();
    EmbeddedBasket embedded = basket.embedded();
    if (embedded != null) {
      int[] offsets = embedded.offsets();
      if (offsets == null) {
        return null;
      }
      int[] room = memory.apply(entries + 1);
      System.arraycopy(offsets, 0, room, 0, entries);
      check(context, loaded, room, 0);
      return room;
    }
    int table = loaded.payloadBytes() - loaded.dataBytes();
    if (table < Integer.BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(loaded.data(), loaded.dataBytes(), table);
    int count = in.getInt();
    if (count < entries
        || count > in.remaining() / Integer.BYTES + 1
        || entries > in.remaining() / Integer.BYTES) {
      throw new RootFormatException(
          context
              + ", basket of entry "
              + basket.firstEntry()
              + ": offset table holds "
              + count
              + " numbers for "
              + entries
              + " entries, but only "
              + in.remaining()
              + " bytes are left");
    }
    int[] room = memory.apply(entries + 1);
    in.asIntBuffer().get(room, 0, entries);
    check(context, loaded, room, loaded.keyBytes());
    return room;
  }

  private static void check(String context, Loaded loaded, int[] bounds, int origin) {
    int entries = (int) loaded.basket().entries();
    int previous = 0;
    for (int i = 0; i <= entries; i++) {
      int offset = i < entries ? bounds[i] - origin : loaded.dataBytes();
      if (offset < previous || offset > loaded.dataBytes()) {
        throw new RootFormatException(
            context
                + ", entry "
                + (loaded.basket().firstEntry() + i)
                + ": it is said to begin at byte "
                + offset
                + " of its basket, expected "
                + previous
                + " to "
                + loaded.dataBytes());
      }
      bounds[i] = offset;
      previous = offset;
    }
  }
}
