package org.bitbeam.columns;

/**
 * Numbers or booleans. {@code getLong} and {@code getDouble} convert any kind; the kinds give their
 * own primitive type for tight loops. Values of unsigned types lie in the signed type of their
 * width; {@code getLong} and {@code getDouble} widen them right (a {@code uint64} above 2^63 is
 * negative in {@code getLong} only).
 */
public sealed interface NumberColumn extends Column
    permits BooleanColumn,
        ByteColumn,
        ShortColumn,
        IntColumn,
        LongColumn,
        FloatColumn,
        DoubleColumn {

  @Override
  ColumnType.Primitive type();

  /** Value of entry {@code index} as an integer; floats are truncated towards zero. */
  long getLong(int index);

  /** Value of entry {@code index} as a double; integers beyond 2^53 are rounded. */
  double getDouble(int index);

  @Override
  NumberColumn slice(int from, int to);
}
