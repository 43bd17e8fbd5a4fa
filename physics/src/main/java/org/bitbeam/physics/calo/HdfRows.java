package org.bitbeam.physics.calo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * A data set of HDF5 of shape (rows, columns) that is written while its rows come: chunks of whole
 * rows, each shuffled and deflated and appended to the file when it is full, then the index of the
 * chunks and the data set's header (HDF5 file format specification 3.0: data layout message version
 * 4, fixed array index). In memory are one chunk and 12 bytes for each that was written.
 */
final class HdfRows {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int DEFLATE_LEVEL = 4;
  private static final int SHUFFLE = 2;
  private static final int DEFLATE = 1;
  private static final int FIXED_ARRAY = 3;
  private static final int FILTERED_CHUNKS = 1;
  private static final int INDEX_HEADER_BYTES = 28;

  private final String context;
  private final FileChannel channel;
  private final long rows;
  private final int columns;
  private final int numberBytes;
  private final int rowsPerChunk;
  private final ByteBuffer chunk;
  private final byte[] shuffled;
  private long[] addresses = new long[16];
  private int[] sizes = new int[16];
  private int chunks;
  private long written;

  /**
   * A data set that will have so many rows.
   *
   * @param numberBytes 4 for float32, 8 for float64
   */
  HdfRows(String context, FileChannel channel, long rows, int columns, int numberBytes) {
    this.context = context;
    this.channel = channel;
    this.rows = rows;
    this.columns = columns;
    this.numberBytes = numberBytes;
    int rowBytes = Math.multiplyExact(columns, numberBytes);
    this.rowsPerChunk = (int) Math.max(1, Math.min(rows, CHUNK_BYTES / rowBytes));
    this.chunk =
        ByteBuffer.allocate(Math.multiplyExact(rowsPerChunk, rowBytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    this.shuffled = new byte[chunk.capacity()];
  }

  /** Appends a row: {@code columns} numbers from {@code at} on. */
  void add(double[] numbers, int at) throws IOException {
    if (written == rows) {
      throw new IllegalStateException(context + ": all " + rows + " rows are written");
    }
    for (int i = at; i < at + columns; i++) {
      if (numberBytes == Float.BYTES) {
        chunk.putFloat((float) numbers[i]);
      } else {
        chunk.putDouble(numbers[i]);
      }
    }
    written++;
    if (!chunk.hasRemaining()) {
      endChunk();
    }
  }

  private void endChunk() throws IOException {
    // Chunks have all rows; those behind the last one of the data set are zero.
    Arrays.fill(chunk.array(), chunk.position(), chunk.capacity(), (byte) 0);
    int numbers = shuffled.length / numberBytes;
    for (int i = 0; i < numbers; i++) {
      for (int b = 0; b < numberBytes; b++) {
        shuffled[b * numbers + i] = chunk.array()[i * numberBytes + b];
      }
    }
    if (chunks == sizes.length) {
      sizes = Arrays.copyOf(sizes, 2 * chunks);
      addresses = Arrays.copyOf(addresses, 2 * chunks);
    }
    addresses[chunks] = channel.position();
    Deflater deflater = new Deflater(DEFLATE_LEVEL);
    try {
      deflater.setInput(shuffled);
      deflater.finish();
      byte[] part = new byte[1 << 16];
      while (!deflater.finished()) {
        append(channel, ByteBuffer.wrap(part, 0, deflater.deflate(part)));
      }
    } finally {
      deflater.end();
    }
    sizes[chunks] = (int) (channel.position() - addresses[chunks]);
    chunks++;
    chunk.clear();
  }

  /** Writes all of the buffer at the end of the file. */
  static void append(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Writes what is left, the index and the header.
   *
   * @return the address of the header
   * @throws IllegalStateException when rows are missing
   */
  long finish() throws IOException {
    if (written != rows) {
      throw new IllegalStateException(context + ": " + written + " of " + rows + " rows");
    }
    if (chunk.position() > 0) {
      endChunk();
    }
    // As the HDF5 library: one byte more than the size of a chunk without filters needs.
    int sizeBytes = Math.min(8, 1 + (floorLog2(chunk.capacity()) + 8) / 8);
    int entryBytes = 8 + sizeBytes + 4;
    int pageBits = Math.max(10, floorLog2(chunks) + 1); // all entries on one page
    long index = channel.position();
    long entries = index + INDEX_HEADER_BYTES;
    ByteBuffer header = HdfBlock.of("FAHD", INDEX_HEADER_BYTES);
    header.put((byte) 0).put((byte) FILTERED_CHUNKS).put((byte) entryBytes).put((byte) pageBits);
    header.putLong(chunks).putLong(entries);
    append(channel, HdfBlock.complete(header));
    ByteBuffer block =
        HdfBlock.of("FADB", Math.addExact(14 + 4, Math.multiplyExact(chunks, entryBytes)));
    block.put((byte) 0).put((byte) FILTERED_CHUNKS).putLong(index);
    for (int i = 0; i < chunks; i++) {
      block.putLong(addresses[i]);
      putNumber(block, sizes[i], sizeBytes);
      block.putInt(0); // no filter was left out
    }
    append(channel, HdfBlock.complete(block));
    return HdfBlock.objectHeader(
        channel,
        HdfBlock.message(HdfBlock.DATASPACE, dataspace()),
        HdfBlock.message(HdfBlock.DATATYPE, datatype()),
        // No fill value: space is allocated as chunks come, and filled only if a value were set.
        HdfBlock.message(HdfBlock.FILL_VALUE, new byte[] {3, 3 | 2 << 2}),
        HdfBlock.message(HdfBlock.DATA_LAYOUT, layout(pageBits, index)),
        HdfBlock.message(HdfBlock.FILTERS, filters()));
  }

  private static int floorLog2(int number) {
    return 31 - Integer.numberOfLeadingZeros(number);
  }

  private byte[] dataspace() {
    return HdfBlock.buffer(20)
        .put(new byte[] {2, 2, 0, 1}) // version, two dimensions, no maximum, simple
        .putLong(rows)
        .putLong(columns)
        .array();
  }

  private byte[] datatype() {
    boolean single = numberBytes == Float.BYTES;
    return HdfBlock.buffer(20)
        .put((byte) 0x11) // version 1, floating point
        .put(new byte[] {0x20, (byte) (8 * numberBytes - 1), 0}) // leading 1 implied; sign bit
        .putInt(numberBytes)
        .putShort((short) 0)
        .putShort((short) (8 * numberBytes))
        .put((byte) (single ? 23 : 52))
        .put((byte) (single ? 8 : 11))
        .put((byte) 0)
        .put((byte) (single ? 23 : 52))
        .putInt(single ? 127 : 1023)
        .array();
  }

  private byte[] layout(int pageBits, long index) {
    int[] dimensions = {rowsPerChunk, columns, numberBytes};
    // The HDF5 library insists on the fewest bytes that hold all of them.
    int dimensionBytes =
        (floorLog2(Math.max(rowsPerChunk, Math.max(columns, numberBytes))) + 8) / 8;
    ByteBuffer layout = HdfBlock.buffer(15 + 3 * dimensionBytes);
    layout.put(new byte[] {4, 2, 0, 3, (byte) dimensionBytes}); // version, chunked, flags, rank
    for (int dimension : dimensions) {
      putNumber(layout, dimension, dimensionBytes);
    }
    return layout.put((byte) FIXED_ARRAY).put((byte) pageBits).putLong(index).array();
  }

  private static void putNumber(ByteBuffer target, int number, int bytes) {
    for (int b = 0; b < bytes; b++) {
      target.put((byte) (b < 4 ? number >>> 8 * b : 0));
    }
  }

  private byte[] filters() {
    return HdfBlock.buffer(22)
        .put(new byte[] {2, 2}) // version, number of filters
        .putShort((short) SHUFFLE)
        .putShort((short) 0)
        .putShort((short) 1)
        .putInt(numberBytes)
        .putShort((short) DEFLATE)
        .putShort((short) 0)
        .putShort((short) 1)
        .putInt(DEFLATE_LEVEL)
        .array();
  }
}
