package org.bitbeam.root.internal.tree;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.NumberColumn;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of type {@code Float16_t} or {@code Double32_t}, stored in fewer bits than they have in
 * memory: as an integer over a range, with a short mantissa, or in single precision. Which one is
 * said by brackets in a title, such as {@code [-10,10,16]} or {@code [0,0,8]}.
 *
 * @param type of the values
 * @param how they are stored
 * @param min value of the integer 0, for a range
 * @param factor integers in one unit, for a range
 * @param mantissa bits of a short mantissa
 */
record PackedNumbers(Primitive type, How how, double min, double factor, int mantissa)
    implements NumberFormat {

  /** The three ways of packing. */
  enum How {
    RANGE(4),
    SHORT_MANTISSA(3),
    SINGLE(4);

    private final int bytes;

    How(int bytes) {
      this.bytes = bytes;
    }
  }

  private static final int DEFAULT_MANTISSA = 12;
  private static final int FEWEST_BITS = 2;
  private static final int MOST_BITS = 32;
  private static final int BITS_OF_SINGLE = 15;

  /** The packing that a title describes. */
  static PackedNumbers of(boolean isDouble, String title) {
    Primitive type = isDouble ? Primitive.FLOAT64 : Primitive.FLOAT32;
    int bits = 0;
    String[] range = range(title);
    if (range != null) {
      bits = range.length > 2 ? bits(range[2]) : MOST_BITS;
      double min = bound(range[0]);
      double max = bound(range[1]);
      if (min < max) {
        double steps = bits < MOST_BITS ? 1L << bits : 0xffffffffL;
        return new PackedNumbers(type, How.RANGE, min, steps / (max - min), 0);
      }
    }
    boolean isShort = range != null && bits < BITS_OF_SINGLE;
    if (isDouble && !isShort) {
      return new PackedNumbers(type, How.SINGLE, 0, 0, 0);
    }
    return new PackedNumbers(type, How.SHORT_MANTISSA, 0, 0, isShort ? bits : DEFAULT_MANTISSA);
  }

  /** The parts of the first or second pair of brackets, whichever has commas. */
  private static String @Nullable [] range(String title) {
    int from = 0;
    for (int i = 0; i < 2; i++) {
      int open = title.indexOf('[', from);
      int close = open < 0 ? -1 : title.indexOf(']', open);
      if (close < 0) {
        return null;
      }
      String[] parts = title.substring(open + 1, close).split(",", -1);
      if (parts.length > 1) {
        return parts;
      }
      from = close;
    }
    return null;
  }

  private static int bits(String text) {
    try {
      int bits = Integer.parseInt(text.trim());
      return bits < FEWEST_BITS || bits > MOST_BITS ? MOST_BITS : bits;
    } catch (NumberFormatException e) {
      return MOST_BITS;
    }
  }

  private static double bound(String text) {
    String clean = text.toLowerCase(Locale.ROOT).replace(" ", "");
    if (clean.contains("pi")) {
      double value = Math.PI;
      if (clean.contains("2pi") || clean.contains("2*pi") || clean.contains("twopi")) {
        value = 2 * Math.PI;
      } else if (clean.contains("pi/2")) {
        value = Math.PI / 2;
      } else if (clean.contains("pi/4")) {
        value = Math.PI / 4;
      }
      return clean.contains("-") ? -value : value;
    }
    try {
      return Double.parseDouble(clean);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  @Override
  public int bytes() {
    return how.bytes;
  }

  @Override
  public Sink sink(int count) {
    return new PackedSink(count);
  }

  private double value(ByteBuffer in, int at) {
    return switch (how) {
      case SINGLE -> in.getFloat(at);
      case RANGE -> (in.getInt(at) & 0xffffffffL) / factor + min;
      case SHORT_MANTISSA -> {
        int exponent = in.get(at) & 0xff;
        int stored = in.getShort(at + 1) & 0xffff;
        int bits = exponent << 23 | (stored & (1 << (mantissa + 1)) - 1) << (23 - mantissa);
        float value = Float.intBitsToFloat(bits);
        yield (stored & 1 << (mantissa + 1)) != 0 ? -value : value;
      }
    };
  }

  private final class PackedSink implements Sink {
    private float[] floats;
    private double[] doubles;
    private int count;
    private long expected;

    PackedSink(int capacity) {
      floats = new float[type == Primitive.FLOAT32 ? capacity : 0];
      doubles = new double[type == Primitive.FLOAT64 ? capacity : 0];
    }

    @Override
    public void expect(long total) {
      expected = total;
    }

    private void resize(int size) {
      if (type == Primitive.FLOAT32) {
        floats = Arrays.copyOf(floats, size);
      } else {
        doubles = Arrays.copyOf(doubles, size);
      }
    }

    @Override
    public void append(byte[] data, int at, int n) {
      int capacity = Math.max(floats.length, doubles.length);
      if (n > capacity - count) {
        resize(NumberFormat.grown(capacity, Math.addExact(count, n), expected));
      }
      ByteBuffer in = ByteBuffer.wrap(data);
      int width = how.bytes;
      if (type == Primitive.FLOAT32) {
        for (int i = 0; i < n; i++) {
          floats[count + i] = (float) value(in, at + i * width);
        }
      } else {
        for (int i = 0; i < n; i++) {
          doubles[count + i] = value(in, at + i * width);
        }
      }
      count += n;
    }

    @Override
    public NumberColumn column() {
      if (count < Math.max(floats.length, doubles.length)) {
        resize(count);
      }
      return type == Primitive.FLOAT32 ? FloatColumn.of(floats) : DoubleColumn.of(doubles);
    }
  }
}
