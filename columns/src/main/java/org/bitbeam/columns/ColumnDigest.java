package org.bitbeam.columns;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Facts and checksums of a column that any program can compute, whatever it reads it with. Records
 * are taken apart: every number or string inside is a part, which has its values, and an array of
 * offsets for every list, optional or string around them. Columns may come in pieces, entries in
 * order. Not safe for several threads.
 *
 * <p>Checksums are CRC-32: of the values as little-endian bytes in their own width (strings: their
 * bytes, one after the other), and of all offsets as 64-bit little-endian integers, level after
 * level from the outermost, each level from 0 on over all entries.
 */
public final class ColumnDigest {
  private final List<PartState> parts = new ArrayList<>();
  private int next;

  /**
   * What is known of one part.
   *
   * @param part path of the member inside of an entry, empty for a plain column
   * @param shape type with the lists around it, such as {@code list<float32>}
   * @param count number of values; of strings, for strings
   * @param sum of the finite values; null for strings and when beyond the range of a double
   * @param min smallest finite value; null for strings and when there is none
   * @param max largest finite value; null for strings and when there is none
   * @param nonfinite number of NaN and infinite values
   * @param crc32 of the values, 8 hexadecimal digits
   * @param offsetsCrc32 of the offsets, 8 hexadecimal digits
   */
  public record Part(
      String part,
      String shape,
      long count,
      @Nullable Double sum,
      @Nullable Number min,
      @Nullable Number max,
      long nonfinite,
      String crc32,
      String offsetsCrc32) {}

  /** Adds the entries of a column, which must be of the same type in every call. */
  public void add(Column column) {
    next = 0;
    visit(column, "", "", "", List.of());
  }

  /** The facts of all entries so far. */
  public List<Part> parts() {
    return parts.stream().map(PartState::facts).toList();
  }

  private void visit(Column column, String name, String before, String after, List<int[]> levels) {
    if (column instanceof NumberColumn numbers) {
      state(name, before + numbers.type().shape() + after).add(levels, numbers);
    } else if (column instanceof TextColumn text) {
      int[] offsets = new int[text.length() + 1];
      for (int i = 0; i < text.length(); i++) {
        offsets[i + 1] = offsets[i] + text.byteLength(i);
      }
      state(name, before + "string" + after).add(append(levels, offsets), text);
    } else if (column instanceof ListColumn list) {
      visit(
          list.elements(),
          name,
          before + "list<",
          ">" + after,
          append(levels, list.elementOffsets()));
    } else if (column instanceof OptionalColumn optional) {
      visit(
          optional.elements(),
          name,
          before + "optional<",
          ">" + after,
          append(levels, optional.elementOffsets()));
    } else if (column instanceof ArrayColumn array) {
      visit(array.content(), name, before + "array<", "," + array.size() + ">" + after, levels);
    } else if (column instanceof RecordColumn record) {
      for (int i = 0; i < record.names().size(); i++) {
        String member = record.names().get(i);
        visit(
            record.members().get(i),
            name.isEmpty() ? member : name + "." + member,
            before,
            after,
            levels);
      }
    } else if (column instanceof VariantColumn variant) {
      byte[] tags = new byte[variant.length()];
      for (int i = 0; i < tags.length; i++) {
        tags[i] = variant.tag(i);
      }
      state(name + "#", before + "int8" + after).add(levels, ByteColumn.of(tags));
      for (int a = 0; a < variant.alternatives().size(); a++) {
        int[] offsets = new int[tags.length + 1];
        for (int i = 0; i < tags.length; i++) {
          offsets[i + 1] = offsets[i] + (tags[i] == a ? 1 : 0);
        }
        visit(
            variant.alternatives().get(a),
            name + "#" + a,
            before + "variant<",
            ">" + after,
            append(levels, offsets));
      }
    }
  }

  private PartState state(String name, String shape) {
    if (next == parts.size()) {
      parts.add(new PartState(name, shape));
    }
    PartState state = parts.get(next++);
    if (!state.name.equals(name) || !state.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "a column of " + shape + " cannot continue one of " + state.shape);
    }
    return state;
  }

  private static List<int[]> append(List<int[]> levels, int[] offsets) {
    List<int[]> more = new ArrayList<>(levels);
    more.add(offsets);
    return more;
  }

  private static final class PartState {
    private static final int CHUNK = 1024;

    private final String name;
    private final String shape;
    private final CRC32 values = new CRC32();
    private final List<Level> levels = new ArrayList<>();
    private long count;
    private long nonfinite;
    private boolean isText;
    private BigInteger integerSum = BigInteger.ZERO;
    private double sum;
    private double compensation;
    private boolean isFloating;
    private @Nullable Number min;
    private @Nullable Number max;

    PartState(String name, String shape) {
      this.name = name;
      this.shape = shape;
    }

    void add(List<int[]> offsets, NumberColumn numbers) {
      addLevels(offsets);
      count += numbers.length();
      addBytes(numbers);
      isFloating = numbers.type().isFloating();
      if (isFloating) {
        addReals(numbers);
      } else {
        addIntegers(numbers);
      }
    }

    void add(List<int[]> offsets, TextColumn text) {
      addLevels(offsets);
      isText = true;
      count += text.length();
      byte[] bytes = new byte[text.totalBytes()];
      text.copyBytesTo(bytes, 0);
      values.update(bytes);
    }

    private void addLevels(List<int[]> offsets) {
      for (int i = 0; i < offsets.size(); i++) {
        if (i == levels.size()) {
          levels.add(new Level());
        }
        levels.get(i).add(offsets.get(i));
      }
    }

    private void addBytes(NumberColumn numbers) {
      int width = numbers.type().bytes();
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK * width).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < numbers.length(); i++) {
        if (numbers instanceof FloatColumn floats) {
          buffer.putInt(Float.floatToRawIntBits(floats.get(i)));
        } else if (numbers instanceof DoubleColumn doubles) {
          buffer.putLong(Double.doubleToRawLongBits(doubles.get(i)));
        } else {
          long value = numbers.getLong(i);
          switch (width) {
            case 1 -> buffer.put((byte) value);
            case 2 -> buffer.putShort((short) value);
            case 4 -> buffer.putInt((int) value);
            default -> buffer.putLong(value);
          }
        }
        if (!buffer.hasRemaining()) {
          values.update(buffer.flip());
          buffer.clear();
        }
      }
      values.update(buffer.flip());
    }

    private void addReals(NumberColumn numbers) {
      for (int i = 0; i < numbers.length(); i++) {
        double value = numbers.getDouble(i);
        if (!Double.isFinite(value)) {
          nonfinite++;
          continue;
        }
        // Neumaier's sum: the rounding error of every step is kept.
        double total = sum + value;
        compensation +=
            Math.abs(sum) >= Math.abs(value) ? (sum - total) + value : (value - total) + sum;
        sum = total;
        min = min == null || value < min.doubleValue() ? (Number) value : min;
        max = max == null || value > max.doubleValue() ? (Number) value : max;
      }
    }

    private void addIntegers(NumberColumn numbers) {
      boolean unsigned64 = numbers.type() == ColumnType.Primitive.UINT64;
      long high = 0;
      long low = 0;
      for (int i = 0; i < numbers.length(); i++) {
        long value = numbers.getLong(i);
        high += unsigned64 ? value >>> 32 : value >> 32;
        low += value & 0xffffffffL;
        Number exact =
            unsigned64 && value < 0 ? new BigInteger(Long.toUnsignedString(value)) : (Number) value;
        min = min == null || less(exact, min) ? exact : min;
        max = max == null || less(max, exact) ? exact : max;
      }
      integerSum =
          integerSum.add(BigInteger.valueOf(high).shiftLeft(32)).add(BigInteger.valueOf(low));
    }

    private static boolean less(Number a, Number b) {
      if (a instanceof Long x && b instanceof Long y) {
        return x < y;
      }
      return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) < 0;
    }

    Part facts() {
      Double total = isFloating ? sum + compensation : integerSum.doubleValue();
      long offsets = 0;
      for (Level level : levels) {
        offsets = Crc32.combine(offsets, level.crc(), level.bytes());
      }
      return new Part(
          name,
          shape,
          count,
          isText || !Double.isFinite(total) ? null : total,
          isText ? null : min,
          isText ? null : max,
          nonfinite,
          hex(values.getValue()),
          hex(offsets));
    }

    private static String hex(long crc) {
      return String.format(Locale.ROOT, "%08x", crc);
    }
  }

  /** Offsets of one level, which go on over all pieces. */
  private static final class Level {
    private final CRC32 crc = new CRC32();
    private long base;
    private long written;

    void add(int[] offsets) {
      ByteBuffer buffer =
          ByteBuffer.allocate(offsets.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = written == 0 ? 0 : 1; i < offsets.length; i++) {
        buffer.putLong(base + offsets[i]);
        written++;
      }
      base += offsets[offsets.length - 1];
      crc.update(buffer.flip());
    }

    long crc() {
      return crc.getValue();
    }

    long bytes() {
      return written * Long.BYTES;
    }
  }
}
