package org.bitbeam.root.internal.ntuple;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.internal.codec.Compressor;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;

/** Collects the elements of a column in the current cluster and cuts them into pages. */
final class ColumnPages {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FIRST_ELEMENTS = 64;

  /** Keeps a NaN a NaN when its lower bits are cut off. */
  private static final int QUIET_BIT = 0x400000;

  private final String field;
  private final PhysicalColumn column;
  private final Encoding encoding;
  private final Compression compression;
  private final Compressor compressor;
  private final int capacity;
  private final int width;
  private final List<Page> pages = new ArrayList<>();
  private byte[] raw;
  private int elements;
  private long clusterElements;

  /** A page as it lies in the file, without its checksum. */
  record Page(byte[] bytes, int elements) {}

  /**
   * An empty cluster of a column.
   *
   * @param field name of the field, for messages
   * @param pageBytes most bytes of a page before compression
   */
  ColumnPages(
      String field,
      PhysicalColumn column,
      Encoding encoding,
      Compression compression,
      Compressor compressor,
      int pageBytes) {
    this.field = field;
    this.column = column;
    this.encoding = encoding;
    this.compression = compression;
    this.compressor = compressor;
    this.width = PageEncoder.width(encoding, column.bits());
    this.capacity = Math.max(1, pageBytes / width);
    this.raw = new byte[Math.min(FIRST_ELEMENTS, capacity) * width];
  }

  PhysicalColumn column() {
    return column;
  }

  /** Elements of the cluster so far. */
  long clusterElements() {
    return clusterElements;
  }

  /** Adds all numbers of a column. */
  void add(NumberColumn numbers) {
    int count = numbers.length();
    for (int from = 0; from < count; ) {
      int some = Math.min(capacity - elements, count - from);
      room(some);
      fill(numbers, from, some);
      added(some);
      from += some;
    }
  }

  /** Adds the bytes of all strings of a column. */
  void add(TextColumn texts) {
    for (int i = 0; i < texts.length(); i++) {
      byte[] bytes = texts.getBytes(i);
      for (int from = 0; from < bytes.length; ) {
        int some = Math.min(capacity - elements, bytes.length - from);
        room(some);
        System.arraycopy(bytes, from, raw, elements, some);
        added(some);
        from += some;
      }
    }
  }

  /** Adds where the items of an element end. */
  void addIndex(long end) {
    room(1);
    LONG.set(raw, elements * width, end);
    added(1);
  }

  /** Adds which alternative an element is, counted from 1, and where its value is. */
  void addSwitch(long index, int tag) {
    room(1);
    LONG.set(raw, elements * width, index);
    INT.set(raw, elements * width + Long.BYTES, tag);
    added(1);
  }

  private void room(int more) {
    int needed = (elements + more) * width;
    if (needed > raw.length) {
      long grown = Math.min((long) capacity * width, Math.max(needed, 2L * raw.length));
      raw = Arrays.copyOf(raw, (int) grown);
    }
  }

  private void added(int count) {
    elements += count;
    clusterElements += count;
    if (elements == capacity) {
      endPage();
    }
  }

  private void fill(NumberColumn numbers, int from, int count) {
    int at = elements * width;
    switch (encoding) {
      case BIT -> {
        BooleanColumn booleans = (BooleanColumn) numbers;
        for (int i = 0; i < count; i++) {
          raw[at + i] = (byte) (booleans.get(from + i) ? 1 : 0);
        }
      }
      case REAL16 -> {
        for (int i = 0; i < count; i++) {
          SHORT.set(raw, at + i * width, half((float) numbers.getDouble(from + i)));
        }
      }
      case REAL32_TRUNCATED -> {
        for (int i = 0; i < count; i++) {
          INT.set(raw, at + i * width, truncated((float) numbers.getDouble(from + i)));
        }
      }
      case REAL32_QUANTISED -> {
        for (int i = 0; i < count; i++) {
          INT.set(raw, at + i * width, quantised(numbers.getDouble(from + i)));
        }
      }
      default -> {
        if (numbers instanceof FloatColumn floats) {
          for (int i = 0; i < count; i++) {
            INT.set(raw, at + i * width, Float.floatToRawIntBits(floats.get(from + i)));
          }
        } else if (numbers instanceof DoubleColumn doubles) {
          for (int i = 0; i < count; i++) {
            LONG.set(raw, at + i * width, Double.doubleToRawLongBits(doubles.get(from + i)));
          }
        } else {
          fillIntegers(numbers, from, count, at);
        }
      }
    }
  }

  private void fillIntegers(NumberColumn numbers, int from, int count, int at) {
    for (int i = 0; i < count; i++) {
      long value = numbers.getLong(from + i);
      switch (width) {
        case 1 -> raw[at + i] = (byte) value;
        case Short.BYTES -> SHORT.set(raw, at + i * width, (short) value);
        case Integer.BYTES -> INT.set(raw, at + i * width, (int) value);
        default -> LONG.set(raw, at + i * width, value);
      }
    }
  }

  /** The nearest number of half precision (IEEE 754 binary16), ties to even. */
  static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int exponent = (bits >>> 23 & 0xff) - 127;
    int mantissa = bits & 0x7fffff;
    if (exponent > 15) {
      boolean isNaN = exponent == 128 && mantissa != 0;
      return (short) (sign | 0x7c00 | (isNaN ? 0x200 | mantissa >>> 13 : 0));
    }
    if (exponent < -25) {
      return (short) sign;
    }
    // Below 2^-14 the leading bit is stored too, and fewer of those behind it.
    boolean isSubnormal = exponent < -14;
    int cut = isSubnormal ? 13 + (-14 - exponent) : 13;
    int exact = isSubnormal ? mantissa | 0x800000 : mantissa | (exponent + 15) << 23;
    int kept = exact >>> cut;
    int rest = exact & ((1 << cut) - 1);
    int tie = 1 << (cut - 1);
    boolean up = rest > tie || (rest == tie && (kept & 1) == 1);
    return (short) (sign | (kept + (up ? 1 : 0)));
  }

  private int truncated(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (Float.isNaN(value) ? bits | QUIET_BIT : bits) >>> (Float.SIZE - column.bits());
  }

  private int quantised(double value) {
    if (!(value >= column.min() && value <= column.max())) {
      throw new IllegalArgumentException(
          "column "
              + field
              + ": "
              + value
              + " is outside of "
              + column.min()
              + " to "
              + column.max()
              + ", the range that it is to be stored in");
    }
    double largest = (1L << column.bits()) - 1;
    double scaled = (value - column.min()) * (largest / (column.max() - column.min()));
    return (int) (long) Math.min(largest, Math.floor(scaled + 0.5));
  }

  private void endPage() {
    byte[] page = PageEncoder.encode(encoding, column.bits(), raw, elements);
    byte[] packed = compressor.compress(page, 0, page.length, compression);
    pages.add(new Page(packed == null ? page : packed, elements));
    elements = 0;
  }

  /** The pages of the cluster; the next one begins. */
  List<Page> endCluster() {
    if (elements > 0) {
      endPage();
    }
    List<Page> result = List.copyOf(pages);
    pages.clear();
    clusterElements = 0;
    return result;
  }
}
