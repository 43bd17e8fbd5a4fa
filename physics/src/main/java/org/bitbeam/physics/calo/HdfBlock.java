package org.bitbeam.physics.calo;

import io.jhdf.checksum.JenkinsLookup3HashLittle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Blocks of HDF5 files with their checksums: superblock version 2, object headers version 2, group
 * of links (HDF5 file format specification 3.0). Addresses and lengths have 8 bytes.
 */
final class HdfBlock {
  static final int DATASPACE = 0x01;
  static final int DATATYPE = 0x03;
  static final int FILL_VALUE = 0x05;
  static final int DATA_LAYOUT = 0x08;
  static final int FILTERS = 0x0B;
  static final int SUPERBLOCK_BYTES = 48;

  private static final int LINK_INFO = 0x02;
  private static final int LINK = 0x06;
  private static final int GROUP_INFO = 0x0A;
  private static final long UNDEFINED = -1;

  private HdfBlock() {}

  /** A link of a group. */
  record Link(String name, long address) {}

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A block of so many bytes that begins with a signature and ends with a checksum. */
  static ByteBuffer of(String signature, int bytes) {
    return buffer(bytes).put(signature.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Puts the checksum of what is there in the last 4 bytes; ready to be written. */
  static ByteBuffer complete(ByteBuffer block) {
    if (block.remaining() != 4) {
      throw new IllegalStateException(block.remaining() + " bytes left for a checksum");
    }
    ByteBuffer before = block.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip();
    block.putInt(JenkinsLookup3HashLittle.hash(before));
    return block.flip();
  }

  /** A message of an object header. */
  static byte[] message(int type, byte[] body) {
    return buffer(4 + body.length)
        .put((byte) type)
        .putShort((short) body.length)
        .put((byte) 0)
        .put(body)
        .array();
  }

  /** Appends an object header; returns its address. */
  static long objectHeader(FileChannel channel, byte[]... messages) throws IOException {
    int bytes = 0;
    for (byte[] message : messages) {
      bytes += message.length;
    }
    long address = channel.position();
    ByteBuffer header = of("OHDR", 4 + 2 + 4 + bytes + 4);
    header.put((byte) 2).put((byte) 2).putInt(bytes); // version; the size has 4 bytes
    for (byte[] message : messages) {
      header.put(message);
    }
    HdfRows.append(channel, complete(header));
    return address;
  }

  /** Appends a group of data sets; returns its address. */
  static long group(FileChannel channel, List<Link> links) throws IOException {
    byte[][] messages = new byte[2 + links.size()][];
    messages[0] =
        message(
            LINK_INFO, buffer(18).put(new byte[2]).putLong(UNDEFINED).putLong(UNDEFINED).array());
    messages[1] = message(GROUP_INFO, new byte[2]);
    for (int i = 0; i < links.size(); i++) {
      byte[] name = links.get(i).name().getBytes(StandardCharsets.US_ASCII);
      messages[2 + i] =
          message(
              LINK,
              buffer(3 + name.length + 8)
                  .put((byte) 1)
                  .put((byte) 0)
                  .put((byte) name.length)
                  .put(name)
                  .putLong(links.get(i).address())
                  .array());
    }
    return objectHeader(channel, messages);
  }

  /** The block at the beginning of a file of so many bytes. */
  static ByteBuffer superblock(long fileBytes, long rootGroup) {
    ByteBuffer block = of("\211HDF\r\n\032\n", SUPERBLOCK_BYTES);
    block.put(new byte[] {2, 8, 8, 0});
    block.putLong(0).putLong(UNDEFINED).putLong(fileBytes).putLong(rootGroup);
    return complete(block);
  }
}
