package org.bitbeam.root.internal.tree;

import java.nio.ByteBuffer;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.ByteColumn;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.ShortColumn;

/** A growing array of numbers of one type, filled from big-endian bytes in bulk. */
final class Numbers implements NumberFormat.Sink {
  private final Primitive type;
  private final Object array;
  private final int capacity;
  private int count;

  /** Room for exactly {@code capacity} numbers. */
  Numbers(Primitive type, int capacity) {
    this.type = type;
    this.capacity = capacity;
    this.array =
        switch (type) {
          case BOOL -> new boolean[capacity];
          case INT8, UINT8 -> new byte[capacity];
          case INT16, UINT16 -> new short[capacity];
          case INT32, UINT32 -> new int[capacity];
          case INT64, UINT64 -> new long[capacity];
          case FLOAT32 -> new float[capacity];
          case FLOAT64 -> new double[capacity];
        };
  }

  /** Appends {@code n} numbers that lie in {@code bytes} from {@code at} on. */
  @Override
  public void append(byte[] bytes, int at, int n) {
    switch (type) {
      case BOOL -> {
        boolean[] out = (boolean[]) array;
        for (int i = 0; i < n; i++) {
          out[count + i] = bytes[at + i] != 0;
        }
      }
      case INT8, UINT8 -> System.arraycopy(bytes, at, (byte[]) array, count, n);
      case INT16, UINT16 -> wrap(bytes, at, n).asShortBuffer().get((short[]) array, count, n);
      case INT32, UINT32 -> wrap(bytes, at, n).asIntBuffer().get((int[]) array, count, n);
      case INT64, UINT64 -> wrap(bytes, at, n).asLongBuffer().get((long[]) array, count, n);
      case FLOAT32 -> wrap(bytes, at, n).asFloatBuffer().get((float[]) array, count, n);
      case FLOAT64 -> wrap(bytes, at, n).asDoubleBuffer().get((double[]) array, count, n);
    }
    count += n;
  }

  private ByteBuffer wrap(byte[] bytes, int at, int n) {
    return ByteBuffer.wrap(bytes, at, n * type.bytes()).slice();
  }

  /** The column of all numbers, which must be as many as there is room. */
  @Override
  public NumberColumn column() {
    if (count != capacity) {
      throw new IllegalStateException(count + " numbers of " + capacity);
    }
    return switch (type) {
      case BOOL -> BooleanColumn.of((boolean[]) array);
      case INT8 -> ByteColumn.of((byte[]) array);
      case UINT8 -> ByteColumn.ofUnsigned((byte[]) array);
      case INT16 -> ShortColumn.of((short[]) array);
      case UINT16 -> ShortColumn.ofUnsigned((short[]) array);
      case INT32 -> IntColumn.of((int[]) array);
      case UINT32 -> IntColumn.ofUnsigned((int[]) array);
      case INT64 -> LongColumn.of((long[]) array);
      case UINT64 -> LongColumn.ofUnsigned((long[]) array);
      case FLOAT32 -> FloatColumn.of((float[]) array);
      case FLOAT64 -> DoubleColumn.of((double[]) array);
    };
  }
}
