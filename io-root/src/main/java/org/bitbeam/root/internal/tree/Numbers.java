package org.bitbeam.root.internal.tree;

import java.nio.ByteBuffer;
import java.util.Arrays;
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
  private Object array;
  private int capacity;
  private int count;
  private long expected;

  /** Room for {@code capacity} numbers. */
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

  @Override
  public void expect(long total) {
    expected = total;
  }

  /** Appends {@code n} numbers that lie in {@code bytes} from {@code at} on. */
  @Override
  public void append(byte[] bytes, int at, int n) {
    if (n > capacity - count) {
      resize(NumberFormat.grown(capacity, Math.addExact(count, n), expected));
    }
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

  private void resize(int size) {
    capacity = size;
    array =
        switch (type) {
          case BOOL -> Arrays.copyOf((boolean[]) array, size);
          case INT8, UINT8 -> Arrays.copyOf((byte[]) array, size);
          case INT16, UINT16 -> Arrays.copyOf((short[]) array, size);
          case INT32, UINT32 -> Arrays.copyOf((int[]) array, size);
          case INT64, UINT64 -> Arrays.copyOf((long[]) array, size);
          case FLOAT32 -> Arrays.copyOf((float[]) array, size);
          case FLOAT64 -> Arrays.copyOf((double[]) array, size);
        };
  }

  private ByteBuffer wrap(byte[] bytes, int at, int n) {
    return ByteBuffer.wrap(bytes, at, n * type.bytes()).slice();
  }

  @Override
  public NumberColumn column() {
    // A little room may stay behind the values; more would keep memory for nothing.
    if (capacity - count > count >> 4) {
      resize(count);
    }
    return (NumberColumn) all().slice(0, count);
  }

  private NumberColumn all() {
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
