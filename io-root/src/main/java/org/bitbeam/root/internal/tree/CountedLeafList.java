package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Several leaves in one branch, of which some are arrays whose length is the value of an earlier
 * one.
 */
record CountedLeafList(List<Leaf> leaves) implements Interpretation.OfAllBlocks {

  /**
   * One of the leaves.
   *
   * @param numbers format and fixed dimensions of an item
   * @param counter position of the leaf with its length, -1 for one item
   */
  record Leaf(String name, FixedNumbers numbers, int counter) {
    ColumnType type() {
      return counter < 0 ? numbers.type() : new ColumnType.ListOf(numbers.type());
    }
  }

  @Override
  public ColumnType type() {
    return new ColumnType.RecordOf(
        leaves.stream().map(leaf -> new ColumnType.Member(leaf.name(), leaf.type())).toList());
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
  public Column read(String context, List<Block> blocks) {
    int size = leaves.size();
    List<ValueReader.NumberReader> readers = new ArrayList<>();
    int[] each = new int[size];
    int[][] offsets = new int[size][Interpretation.entries(blocks) + 1];
    for (int k = 0; k < size; k++) {
      readers.add(new ValueReader.NumberReader(leaves.get(k).numbers().format()));
      each[k] = FixedNumbers.product(leaves.get(k).numbers().dimensions());
    }
    int entry = 0;
    for (Block block : blocks) {
      for (int i = 0; i < block.entries(); i++, entry++) {
        Cursor in = block.entry(context, i);
        for (int k = 0; k < size; k++) {
          int counter = leaves.get(k).counter();
          long items = counter < 0 ? 1 : readers.get(counter).integer(entry);
          if (items < 0 || items > in.remaining()) {
            throw in.malformed(
                leaves.get(k).name()
                    + " is said to have "
                    + items
                    + " items, but only "
                    + in.remaining()
                    + " bytes are left");
          }
          readers.get(k).read(in, Math.multiplyExact((int) items, each[k]));
          offsets[k][entry + 1] = offsets[k][entry] + (int) items;
        }
        if (in.remaining() != 0) {
          throw in.malformed(in.remaining() + " bytes are left after the last leaf");
        }
      }
    }
    List<String> names = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < size; k++) {
      Leaf leaf = leaves.get(k);
      Column column = FixedNumbers.nest(readers.get(k).column(), leaf.numbers().dimensions());
      names.add(leaf.name());
      columns.add(leaf.counter() < 0 ? column : ListColumn.of(offsets[k], column));
    }
    return RecordColumn.of(names, columns, entry);
  }
}
