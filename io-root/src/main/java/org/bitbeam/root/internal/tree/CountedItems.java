package org.bitbeam.root.internal.tree;

import java.util.function.Function;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;

/**
 * Arrays with a counter in the items of a split collection, whose lengths are in the branch of the
 * counter.
 *
 * @param readers of entries whose arrays have those sizes: a list an entry
 */
record CountedItems(ColumnType type, Function<ListColumn, ValueReader> readers)
    implements Interpretation {

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
    return new StreamedValues(type, () -> readers.apply(sizes));
  }
}
