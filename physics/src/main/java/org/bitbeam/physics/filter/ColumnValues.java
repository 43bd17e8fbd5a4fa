package org.bitbeam.physics.filter;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.AbstractList;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.TextColumn;

/** The values of a column as CEL knows them: bool, int, double, string, and lists of these. */
@FunctionalInterface
interface ColumnValues {

  /** The value of an entry. Lists are views, made when they are asked for. */
  Object get(int index);

  /** CEL's type of a column; empty for records, optional values and variants. */
  static Optional<CelType> typeOf(ColumnType type) {
    if (type instanceof ColumnType.Primitive primitive) {
      return Optional.of(
          primitive == ColumnType.Primitive.BOOL
              ? SimpleType.BOOL
              : primitive.isFloating() ? SimpleType.DOUBLE : SimpleType.INT);
    } else if (type instanceof ColumnType.Text) {
      return Optional.of(SimpleType.STRING);
    } else if (type instanceof ColumnType.ListOf list) {
      return typeOf(list.element()).map(ListType::create);
    } else if (type instanceof ColumnType.ArrayOf array) {
      return typeOf(array.element()).map(ListType::create);
    }
    return Optional.empty();
  }

  /** The values of a column that has a {@link #typeOf type}. */
  static ColumnValues of(Column column) {
    if (column instanceof BooleanColumn booleans) {
      return booleans::get;
    } else if (column instanceof NumberColumn numbers) {
      if (numbers.type().isFloating()) {
        return numbers::getDouble;
      }
      return numbers.type() == ColumnType.Primitive.UINT64
          ? index -> signed(numbers.getLong(index))
          : numbers::getLong;
    } else if (column instanceof TextColumn texts) {
      return texts::get;
    } else if (column instanceof ListColumn lists) {
      ColumnValues elements = of(lists.content());
      return index -> new Elements(elements, lists.start(index), lists.count(index));
    } else if (column instanceof ArrayColumn arrays) {
      ColumnValues elements = of(arrays.content());
      return index -> new Elements(elements, index * arrays.size(), arrays.size());
    }
    throw new IllegalArgumentException("no filter knows " + column.type().shape());
  }

  private static long signed(long value) {
    if (value < 0) {
      throw new ArithmeticException(
          "the value " + Long.toUnsignedString(value) + " is beyond the integers of a filter");
    }
    return value;
  }

  /** Some consecutive elements. */
  final class Elements extends AbstractList<Object> implements RandomAccess {
    private final ColumnValues all;
    private final int from;
    private final int size;

    Elements(ColumnValues all, int from, int size) {
      this.all = all;
      this.from = from;
      this.size = size;
    }

    @Override
    public Object get(int index) {
      return all.get(from + Objects.checkIndex(index, size));
    }

    @Override
    public int size() {
      return size;
    }
  }
}
