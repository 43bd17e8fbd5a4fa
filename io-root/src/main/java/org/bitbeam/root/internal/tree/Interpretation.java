package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.RootFormatException;

/** How the bytes of a branch become a column. */
interface Interpretation {
  /** Stands for "every entry may have another size". */
  int VARIABLE = -1;

  /** Type of the column. */
  ColumnType type();

  /** Bytes of every entry, or {@link #VARIABLE}. */
  int entryBytes();

  /**
   * Bytes of one item where an entry is nothing but a number of items, so that its offsets follow
   * from a counter; 0 where they do not.
   */
  int itemBytes();

  /** Takes the blocks of a read one after the other. */
  interface Target {
    /** Adds a block. */
    void add(Block block);

    /** The column of all entries that were added. */
    Column column();
  }

  /**
   * A target for a read.
   *
   * @param context file, tree and branch, for messages
   * @param entries that will be added
   */
  Target target(String context, int entries);

  /** Whether a target needs the bytes of a block after it was added. */
  boolean keepsBlocks();

  /** Interpretations that see all blocks at once. */
  interface OfAllBlocks extends Interpretation {
    /** The column of all entries of the blocks. */
    Column read(String context, List<Block> blocks);

    @Override
    default boolean keepsBlocks() {
      return true;
    }

    @Override
    default Target target(String context, int entries) {
      List<Block> blocks = new ArrayList<>();
      return new Target() {
        @Override
        public void add(Block block) {
          blocks.add(block);
        }

        @Override
        public Column column() {
          return read(context, blocks);
        }
      };
    }
  }

  /** Number of entries in the blocks. */
  static int entries(List<Block> blocks) {
    int entries = 0;
    for (Block block : blocks) {
      entries += block.entries();
    }
    return entries;
  }

  /** An error that names the entry. */
  static RootFormatException malformed(String context, Block block, int entry, String what) {
    return new RootFormatException(
        context + ", entry " + (block.firstEntry() + entry) + ": " + what);
  }
}
