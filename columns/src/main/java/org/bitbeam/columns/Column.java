package org.bitbeam.columns;

/**
 * A column of values, one an entry: an immutable view of primitive arrays. Columns are equal when
 * their types and values are (floats by their bits), whatever arrays lie beneath. Safe to share
 * between threads.
 *
 * <p>Constructors take arrays without copying: who passes one in must not change it any more.
 */
public sealed interface Column
    permits NumberColumn,
        TextColumn,
        ListColumn,
        ArrayColumn,
        RecordColumn,
        OptionalColumn,
        VariantColumn {

  /** The type of the values. */
  ColumnType type();

  /** Number of entries. */
  int length();

  /**
   * Entries {@code [from, to)}; shares the arrays.
   *
   * @throws IndexOutOfBoundsException when the range is not inside of the column
   */
  Column slice(int from, int to);
}
