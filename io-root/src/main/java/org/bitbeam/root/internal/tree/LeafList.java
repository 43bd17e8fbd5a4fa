package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.RecordColumn;

/** Several leaves in one branch, stored one after the other, entry by entry, without padding. */
record LeafList(List<String> names, List<FixedNumbers> leaves)
    implements Interpretation.OfAllBlocks {

  @Override
  public ColumnType type() {
    List<ColumnType.Member> members = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      members.add(new ColumnType.Member(names.get(i), leaves.get(i).type()));
    }
    return new ColumnType.RecordOf(members);
  }

  @Override
  public int entryBytes() {
    int bytes = 0;
    for (FixedNumbers leaf : leaves) {
      bytes = Math.addExact(bytes, leaf.entryBytes());
    }
    return bytes;
  }

  @Override
  public int itemBytes() {
    return 0;
  }

  @Override
  public Column read(String context, List<Block> blocks) {
    int entries = Interpretation.entries(blocks);
    List<Column> columns = new ArrayList<>();
    int at = 0;
    for (FixedNumbers leaf : leaves) {
      int each = FixedNumbers.product(leaf.dimensions());
      NumberFormat.Sink numbers = leaf.format().sink(Math.multiplyExact(entries, each));
      for (Block block : blocks) {
        for (int i = 0; i < block.entries(); i++) {
          numbers.append(block.data(), block.start(i) + at, each);
        }
      }
      columns.add(FixedNumbers.nest(numbers.column(), leaf.dimensions()));
      at += leaf.entryBytes();
    }
    return RecordColumn.of(names, columns, entries);
  }
}
