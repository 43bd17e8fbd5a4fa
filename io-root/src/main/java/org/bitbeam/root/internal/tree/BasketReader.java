package org.bitbeam.root.internal.tree;

import java.io.IOException;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.jspecify.annotations.Nullable;

/** Reads baskets: the record, its decompression, and where entries begin. */
final class BasketReader {
  private BasketReader() {}

  /**
   * A basket in memory.
   *
   * @param keyBytes length of its key, which ROOT counts as part of positions
   * @param data decompressed bytes of the values
   * @param dataBytes how many of them there are
   * @param offsets where each entry begins in {@code data}; null when none are stored
   */
  record Loaded(
      Basket basket, int keyBytes, byte[] data, int dataBytes, int @Nullable [] offsets) {}

  static Loaded load(Records records, String context, Basket basket) throws IOException {
    EmbeddedBasket embedded = basket.embedded();
    if (embedded != null) {
      return new Loaded(
          basket, embedded.keyBytes(), embedded.data(), embedded.data().length, embedded.offsets());
    }
    String where = context + ", basket of entry " + basket.firstEntry();
    byte[] raw = records.bytes(where, basket.position(), basket.storedBytes());
    Cursor in = new Cursor(where, raw);
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
    byte[] payload = records.unpack(where, raw, key);
    int dataBytes = last - header;
    if (dataBytes < 0 || dataBytes > payload.length) {
      throw in.malformed(
          "the values are said to end at " + last + ", the record at " + (payload.length + header));
    }
    return new Loaded(
        basket, header, payload, dataBytes, offsets(where, payload, dataBytes, header, entries));
  }

  private static int @Nullable [] offsets(
      String where, byte[] payload, int dataBytes, int header, int entries) {
    if (payload.length - dataBytes < 4) {
      return null;
    }
    Cursor in = new Cursor(where, payload, dataBytes, payload.length, header);
    int count = in.i32();
    if (count < entries
        || count > in.remaining() / Integer.BYTES + 1
        || entries > in.remaining() / 4) {
      throw in.malformed(
          "offset table holds "
              + count
              + " numbers for "
              + entries
              + " entries, but only "
              + in.remaining()
              + " bytes are left");
    }
    int[] offsets = new int[entries];
    for (int i = 0; i < entries; i++) {
      offsets[i] = in.i32() - header;
    }
    return offsets;
  }

  /** The first {@code count} offsets and the end of the data, checked to ascend. */
  static int[] bounds(String context, Loaded loaded, int[] offsets) {
    int entries = (int) loaded.basket().entries();
    int[] bounds = new int[entries + 1];
    int previous = 0;
    for (int i = 0; i <= entries; i++) {
      int offset = i < entries ? offsets[i] : loaded.dataBytes();
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
    return bounds;
  }
}
