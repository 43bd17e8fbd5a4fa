package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.jspecify.annotations.Nullable;

/** How one number is stored: plainly in its own width, or packed. */
interface NumberFormat {

  /** Type of the values. */
  Primitive type();

  /** Stored bytes of one number. */
  int bytes();

  /** A target with room for {@code count} numbers, which grows when there are more. */
  Sink sink(int count);

  /** Takes stored bytes, gives a column. */
  interface Sink {
    /** Appends {@code count} numbers that are stored in {@code data} from {@code at} on. */
    void append(byte[] data, int at, int count);

    /** Says how many numbers there will probably be; room for them may be made at once. */
    void expect(long total);

    /** The column of all numbers. */
    NumberColumn column();
  }

  /**
   * The format of a packed type by the title of its leaf or member; null when {@code typeName} is
   * neither {@code Float16_t} nor {@code Double32_t}.
   */
  static @Nullable NumberFormat packed(String typeName, String title) {
    return switch (typeName) {
      case "Float16_t" -> PackedNumbers.of(false, title);
      case "Double32_t" -> PackedNumbers.of(true, title);
      default -> null;
    };
  }

  /** The format of a member by ROOT's code of its type and its title; null for other types. */
  static @Nullable NumberFormat of(int type, String title) {
    Primitive primitive =
        switch (type) {
          case StreamerTypes.CHAR -> Primitive.INT8;
          case StreamerTypes.UCHAR -> Primitive.UINT8;
          case StreamerTypes.BOOL -> Primitive.BOOL;
          case StreamerTypes.SHORT -> Primitive.INT16;
          case StreamerTypes.USHORT -> Primitive.UINT16;
          case StreamerTypes.INT, StreamerTypes.COUNTER -> Primitive.INT32;
          case StreamerTypes.UINT, StreamerTypes.BITS -> Primitive.UINT32;
          case StreamerTypes.LONG, StreamerTypes.LONG64 -> Primitive.INT64;
          case StreamerTypes.ULONG, StreamerTypes.ULONG64 -> Primitive.UINT64;
          case StreamerTypes.FLOAT -> Primitive.FLOAT32;
          case StreamerTypes.DOUBLE -> Primitive.FLOAT64;
          default -> null;
        };
    if (primitive != null) {
      return plain(primitive);
    }
    return switch (type) {
      case StreamerTypes.FLOAT16 -> PackedNumbers.of(false, title);
      case StreamerTypes.DOUBLE32 -> PackedNumbers.of(true, title);
      default -> null;
    };
  }

  /**
   * The size of an array that has to grow. What is expected follows from the file, so that beyond
   * four million numbers only so much is believed of it as has been seen already.
   *
   * @param capacity present size
   * @param needed least new size
   * @param expected probable size in the end
   */
  static int grown(int capacity, int needed, long expected) {
    long believed = Math.max(8L * capacity, 1 << 22);
    return (int) Math.max(needed, Math.min(Math.min(expected, believed), Integer.MAX_VALUE - 8));
  }

  /** Numbers in their own width, big-endian. */
  static NumberFormat plain(Primitive type) {
    return new Plain(type);
  }

  /** Numbers in their own width, big-endian. */
  record Plain(Primitive type) implements NumberFormat {
    @Override
    public int bytes() {
      return type.bytes();
    }

    @Override
    public Sink sink(int count) {
      return new Numbers(type, count);
    }
  }
}
