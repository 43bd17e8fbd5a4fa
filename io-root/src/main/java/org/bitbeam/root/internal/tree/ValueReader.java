package org.bitbeam.root.internal.tree;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Reads values one after the other from streamed bytes and gathers them as a column. */
interface ValueReader {

  /** Type of the column. */
  ColumnType type();

  /** Reads one value with whatever header stands in front of it. */
  void read(Cursor in);

  /**
   * Reads the header that many values share where they are stored one after the other as a member
   * of a collection; returns the index after the last value, -1 when it is not said.
   */
  default int readSharedHeader(Cursor in) {
    return -1;
  }

  /** Reads one value behind a shared header. */
  default void readBody(Cursor in) {
    read(in);
  }

  /** Reads the values that a member has in the items of a collection which is stored by members. */
  default void readColumn(Cursor in, int count) {
    int end = readSharedHeader(in);
    for (int i = 0; i < count; i++) {
      readBody(in);
    }
    checkEnd(in, end);
  }

  /**
   * Adds the value that ROOT gives a member which the version of an object lacks: 0, an empty
   * string or collection, a null pointer.
   *
   * @param in where the object lies, for messages
   */
  void addDefault(Cursor in);

  /** The column of all values that were read. */
  Column column();

  /** Checks that something ended where its header said. */
  static void checkEnd(Cursor in, int end) {
    if (end >= 0 && in.position() != end) {
      throw in.malformed(
          "values end here, but their header says that they end "
              + (end - in.position())
              + " bytes on");
    }
  }

  /** Numbers. */
  final class NumberReader implements ValueReader {
    private final NumberFormat format;
    private byte[] stored = new byte[64];
    private int bytes;

    NumberReader(NumberFormat format) {
      this.format = format;
    }

    @Override
    public ColumnType type() {
      return format.type();
    }

    @Override
    public void read(Cursor in) {
      read(in, 1);
    }

    @Override
    public void readColumn(Cursor in, int count) {
      read(in, count);
    }

    /** The number that was read as the {@code index}-th, as an integer. */
    long integer(int index) {
      NumberFormat.Sink sink = format.sink(1);
      sink.append(stored, index * format.bytes(), 1);
      return sink.column().getLong(0);
    }

    NumberFormat format() {
      return format;
    }

    /** Reads several numbers. */
    void read(Cursor in, int count) {
      int from = in.position();
      in.skip((long) count * format.bytes());
      add(in.bytes(), from, in.position() - from);
    }

    /** Adds numbers in their stored form. */
    void add(byte[] source, int from, int length) {
      if (bytes > stored.length - length) {
        stored = Arrays.copyOf(stored, Math.max(Math.addExact(bytes, length), stored.length * 2));
      }
      System.arraycopy(source, from, stored, bytes, length);
      bytes += length;
    }

    @Override
    public void addDefault(Cursor in) {
      byte[] zero = new byte[format.bytes()];
      NumberFormat.Sink sink = format.sink(1);
      sink.append(zero, 0, 1);
      if (sink.column().getDouble(0) != 0) {
        throw new UnsupportedRootException(
            in.context() + ": an older object lacks a packed number that cannot be 0");
      }
      add(zero, 0, zero.length);
    }

    @Override
    public Column column() {
      int count = bytes / format.bytes();
      NumberFormat.Sink sink = format.sink(count);
      sink.append(stored, 0, count);
      return sink.column();
    }
  }

  /** Bits of TObject: behind those of a referenced object stands the number of its process. */
  final class BitsReader implements ValueReader {
    private final Ints values = new Ints();

    @Override
    public ColumnType type() {
      return ColumnType.Primitive.UINT32;
    }

    @Override
    public void read(Cursor in) {
      values.add(ObjectParts.readBits(in));
    }

    @Override
    public void addDefault(Cursor in) {
      values.add(0);
    }

    @Override
    public Column column() {
      return IntColumn.ofUnsigned(values.toArray());
    }
  }

  /** The values of an entry up to its end, without a number of items in front. */
  final class RestReader implements ValueReader {
    private final ValueReader item;
    private final Offsets offsets = new Offsets();
    private int items;

    RestReader(ValueReader item) {
      this.item = item;
    }

    @Override
    public ColumnType type() {
      return new ColumnType.ListOf(item.type());
    }

    @Override
    public void read(Cursor in) {
      if (in.remaining() > 0) {
        int end = item.readSharedHeader(in);
        while (in.remaining() > 0) {
          int start = in.position();
          item.readBody(in);
          if (in.position() == start) {
            throw in.malformed("items without bytes, so their number is not known");
          }
          items++;
        }
        checkEnd(in, end);
      }
      offsets.add(items);
    }

    @Override
    public void addDefault(Cursor in) {
      offsets.add(items);
    }

    @Override
    public Column column() {
      return ListColumn.of(offsets.toArray(), item.column());
    }
  }

  /** Strings with their length in front. */
  final class TextReader implements ValueReader {
    private final Header header;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Offsets offsets = new Offsets();

    /** What stands around a string. */
    enum Header {
      /** Only its length. */
      NONE,
      /** Byte count and version of {@code std::string}. */
      VERSION,
      /** Only its length, which is left out for an empty string (TLeafC). */
      NONE_OR_NOTHING,
      /** Only its length, always in 32 bits ({@code char*}). */
      LONG
    }

    TextReader(Header header) {
      this.header = header;
    }

    @Override
    public ColumnType type() {
      return new ColumnType.Text();
    }

    @Override
    public void read(Cursor in) {
      if (header == Header.NONE_OR_NOTHING && in.remaining() == 0) {
        offsets.add(bytes.size());
        return;
      }
      int end = readSharedHeader(in);
      readBody(in);
      checkEnd(in, end);
    }

    @Override
    public int readSharedHeader(Cursor in) {
      return header == Header.VERSION ? VersionHeader.read(in).end() : -1;
    }

    @Override
    public void readBody(Cursor in) {
      int length = header == Header.LONG ? in.count(1, "a string") : in.stringLength();
      bytes.write(in.bytes(), in.position(), length);
      in.skip(length);
      offsets.add(bytes.size());
    }

    @Override
    public void addDefault(Cursor in) {
      offsets.add(bytes.size());
    }

    @Override
    public Column column() {
      return TextColumn.of(offsets.toArray(), bytes.toByteArray());
    }
  }

  /** A growing array of offsets, which begins with 0. */
  final class Offsets {
    private final Ints values = new Ints();

    Offsets() {
      values.add(0);
    }

    void add(int offset) {
      values.add(offset);
    }

    int[] toArray() {
      return values.toArray();
    }
  }

  /** A growing array. */
  final class Ints {
    private int[] values = new int[16];
    private int count;

    void add(int value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = value;
    }

    /** How many there are. */
    int size() {
      return count;
    }

    int[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }
}
