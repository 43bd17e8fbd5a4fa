package org.bitbeam.root.internal.tree;

import java.util.List;
import java.util.function.Supplier;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.internal.bytes.Cursor;

/** Values that have to be read one after the other, such as strings and nested collections. */
record StreamedValues(ColumnType type, Supplier<ValueReader> readers)
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
    ValueReader reader = readers.get();
    for (Block block : blocks) {
      for (int i = 0; i < block.entries(); i++) {
        Cursor in = block.entry(context, i);
        reader.read(in);
        if (in.remaining() != 0) {
          throw in.malformed(in.remaining() + " bytes are left after the value");
        }
      }
    }
    return reader.column();
  }
}
