package org.bitbeam.root.internal.tree;

import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;

/** One number or a fixed array of numbers an entry. */
record FixedNumbers(NumberFormat format, List<Integer> dimensions) implements Interpretation {

  static FixedNumbers of(Primitive type) {
    return new FixedNumbers(NumberFormat.plain(type), List.of());
  }

  @Override
  public ColumnType type() {
    return nest(format.type(), dimensions);
  }

  @Override
  public int entryBytes() {
    return Math.multiplyExact(format.bytes(), product(dimensions));
  }

  @Override
  public int itemBytes() {
    return 0;
  }

  @Override
  public boolean keepsBlocks() {
    return false;
  }

  @Override
  public Target target(String context, int entries) {
    int each = product(dimensions);
    NumberFormat.Sink numbers = format.sink(0);
    numbers.expect((long) entries * each);
    return new Target() {
      @Override
      public void add(Block block) {
        numbers.append(block.data(), block.start(0), Math.multiplyExact(block.entries(), each));
      }

      @Override
      public Column column() {
        return nest(numbers.column(), dimensions);
      }
    };
  }

  static int product(List<Integer> dimensions) {
    int product = 1;
    for (int dimension : dimensions) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }

  static ColumnType nest(ColumnType element, List<Integer> dimensions) {
    ColumnType type = element;
    for (int i = dimensions.size() - 1; i >= 0; i--) {
      type = new ColumnType.ArrayOf(type, dimensions.get(i));
    }
    return type;
  }

  static Column nest(Column values, List<Integer> dimensions) {
    Column column = values;
    for (int i = dimensions.size() - 1; i >= 0; i--) {
      int size = dimensions.get(i);
      int length = size == 0 ? 0 : column.length() / size;
      column = ArrayColumn.of(size, length, column);
    }
    return column;
  }
}
