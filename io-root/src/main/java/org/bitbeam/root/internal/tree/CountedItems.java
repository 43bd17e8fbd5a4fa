package org.bitbeam.root.internal.tree;

import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Arrays with a counter in the items of a split collection: for each item a byte that says whether
 * numbers follow, then as many as the branch of the counter says for that item.
 */
record CountedItems(NumberFormat format) implements Interpretation {

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(new ColumnType.ListOf(format.type()));
  }

  @Override
  public int entryBytes() {
    return VARIABLE;
  }

  @Override
  public int itemBytes() {
    return 0;
  }

  @Override
  public boolean keepsBlocks() {
    return true;
  }

  @Override
  public Target target(String context, int entries) {
    throw new IllegalStateException(context + ": the lengths of its arrays are not known");
  }

  /**
   * The interpretation of a read.
   *
   * @param sizes of the arrays: a list an entry that is read
   */
  Interpretation withSizes(ListColumn sizes) {
    return new OfSizes(format, sizes, type());
  }

  private record OfSizes(NumberFormat format, ListColumn sizes, ColumnType type)
      implements Interpretation.OfAllBlocks {
    @Override
    public int entryBytes() {
      return VARIABLE;
    }

    @Override
    public int itemBytes() {
      return 0;
    }

    @Override
    public Column read(String context, List<Block> blocks) {
      ValueReader.NumberReader numbers = new ValueReader.NumberReader(format);
      ValueReader.Offsets items = new ValueReader.Offsets();
      ValueReader.Offsets entries = new ValueReader.Offsets();
      int entry = 0;
      int item = 0;
      int count = 0;
      for (Block block : blocks) {
        for (int i = 0; i < block.entries(); i++, entry++) {
          Cursor in = block.entry(context, i);
          for (int end = item + sizeOfEntry(in, entry); item < end; item++) {
            count = Math.addExact(count, readArray(in, numbers, item));
            items.add(count);
          }
          if (in.remaining() != 0) {
            throw in.malformed(in.remaining() + " bytes are left after the last array");
          }
          entries.add(item);
        }
      }
      return ListColumn.of(entries.toArray(), ListColumn.of(items.toArray(), numbers.column()));
    }

    private int sizeOfEntry(Cursor in, int entry) {
      if (entry >= sizes.length()) {
        throw in.malformed("no counter says how long its arrays are");
      }
      return sizes.count(entry);
    }

    private int readArray(Cursor in, ValueReader.NumberReader numbers, int item) {
      long size = sizes.content() instanceof NumberColumn counts ? counts.getLong(item) : -1;
      if (in.u8() == 0) {
        return 0;
      }
      if (size < 0 || size > in.remaining()) {
        throw in.malformed(
            "an array of " + size + " values, but only " + in.remaining() + " bytes are left");
      }
      numbers.read(in, (int) size);
      return (int) size;
    }
  }
}
