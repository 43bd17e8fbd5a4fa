package org.bitbeam.root.internal.tree;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;

/**
 * Any number of numbers (or of fixed arrays of them) an entry, possibly behind a header.
 *
 * @param header what stands in front of the numbers of each entry
 */
record JaggedNumbers(NumberFormat format, List<Integer> dimensions, Header header)
    implements Interpretation {

  /** What stands in front of the numbers of an entry. */
  enum Header {
    /** Nothing. */
    NONE(0),
    /** A byte: 1 when an array follows, 0 when the pointer was null. */
    PRESENCE(1),
    /** Byte count and version of a collection, and the number of its items in 32 bits. */
    COLLECTION(10);

    private final int bytes;

    Header(int bytes) {
      this.bytes = bytes;
    }
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(FixedNumbers.nest(format.type(), dimensions));
  }

  @Override
  public int entryBytes() {
    return VARIABLE;
  }

  @Override
  public int itemBytes() {
    return header == Header.NONE
        ? Math.multiplyExact(format.bytes(), FixedNumbers.product(dimensions))
        : 0;
  }

  @Override
  public boolean keepsBlocks() {
    return false;
  }

  @Override
  public Target target(String context, int entries) {
    return new JaggedTarget(context, entries);
  }

  private final class JaggedTarget implements Target {
    private final String context;
    private final int entries;
    private final int each = FixedNumbers.product(dimensions);
    private final int item = Math.multiplyExact(format.bytes(), each);
    private final NumberFormat.Sink numbers = format.sink(0);
    private int[] offsets = new int[1];
    private int added;

    JaggedTarget(String context, int entries) {
      this.context = context;
      this.entries = entries;
    }

    @Override
    public void add(Block block) {
      int before = offsets[added];
      int needed = added + block.entries() + 1;
      if (needed > offsets.length) {
        offsets = Arrays.copyOf(offsets, NumberFormat.grown(offsets.length, needed, entries + 1L));
      }
      if (header == Header.NONE && Integer.bitCount(item) == 1) {
        addOffsets(context, block, item, offsets, added);
      } else {
        for (int i = 0; i < block.entries(); i++) {
          offsets[added + i + 1] =
              Math.addExact(offsets[added + i], items(context, block, i, item));
        }
      }
      added += block.entries();
      int items = offsets[added] - before;
      numbers.expect((long) (1.02 * offsets[added] / added * entries * each));
      if (header == Header.NONE) {
        numbers.append(block.data(), block.start(0), Math.multiplyExact(items, each));
      } else {
        numbers.append(withoutHeaders(block), 0, Math.multiplyExact(items, each));
      }
    }

    @Override
    public Column column() {
      int[] all = offsets.length == added + 1 ? offsets : Arrays.copyOf(offsets, added + 1);
      return ListColumn.of(all, FixedNumbers.nest(numbers.column(), dimensions));
    }
  }

  /** The same as item by item for sizes that are a power of two, without a division each. */
  private void addOffsets(String context, Block block, int item, int[] offsets, int at) {
    int shift = Integer.numberOfTrailingZeros(item);
    int first = block.start(0);
    int base = offsets[at];
    int odd = 0;
    for (int i = 0; i < block.entries(); i++) {
      int bytes = block.end(i) - first;
      odd |= bytes;
      offsets[at + 1 + i] = base + (bytes >> shift);
    }
    if ((odd & item - 1) != 0 || base > Integer.MAX_VALUE - (block.bytes() >> shift)) {
      for (int i = 0; i < block.entries(); i++) {
        items(context, block, i, item);
      }
      throw new ArithmeticException("more than 2^31 items");
    }
  }

  private int items(String context, Block block, int entry, int itemBytes) {
    int bytes = block.end(entry) - block.start(entry) - header.bytes;
    if (bytes < 0 || (itemBytes == 0 ? bytes != 0 : bytes % itemBytes != 0)) {
      throw Interpretation.malformed(
          context,
          block,
          entry,
          (bytes + header.bytes)
              + " bytes are not a whole number of items of "
              + itemBytes
              + " bytes");
    }
    int items = itemBytes == 0 ? 0 : bytes / itemBytes;
    if (header == Header.COLLECTION) {
      int claimed = ByteBuffer.wrap(block.data()).getInt(block.start(entry) + 6);
      if (claimed != items) {
        throw Interpretation.malformed(
            context,
            block,
            entry,
            "the collection says " + claimed + " items, but " + items + " are stored");
      }
    } else if (header == Header.PRESENCE && block.data()[block.start(entry)] == 0 && items != 0) {
      throw Interpretation.malformed(
          context, block, entry, items + " items are stored behind a null pointer");
    }
    return items;
  }

  private byte[] withoutHeaders(Block block) {
    byte[] compact = new byte[block.bytes() - block.entries() * header.bytes];
    int to = 0;
    for (int i = 0; i < block.entries(); i++) {
      int from = block.start(i) + header.bytes;
      int length = block.end(i) - from;
      System.arraycopy(block.data(), from, compact, to, length);
      to += length;
    }
    return compact;
  }
}
