package org.bitbeam.root.internal.tree;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Reads values one after the other from streamed bytes and gathers them as a column. */
interface ValueReader {

  /** Type of the column. */
  ColumnType type();

  /** Reads one value. */
  void read(Cursor in);

  /** The column of all values that were read. */
  Column column();

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

    /** Reads several numbers. */
    void read(Cursor in, int count) {
      int length = Math.multiplyExact(count, format.bytes());
      int from = in.position();
      in.skip(length);
      if (bytes > stored.length - length) {
        stored = Arrays.copyOf(stored, Math.max(Math.addExact(bytes, length), stored.length * 2));
      }
      System.arraycopy(in.bytes(), from, stored, bytes, length);
      bytes += length;
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
    private static final int IS_REFERENCED = 0x10;

    private int[] values = new int[16];
    private int count;

    @Override
    public ColumnType type() {
      return ColumnType.Primitive.UINT32;
    }

    @Override
    public void read(Cursor in) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      int bits = in.i32();
      if ((bits & IS_REFERENCED) != 0) {
        in.skip(2);
      }
      values[count++] = bits;
    }

    @Override
    public Column column() {
      return IntColumn.ofUnsigned(Arrays.copyOf(values, count));
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
      while (in.remaining() > 0) {
        item.read(in);
        items++;
      }
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
      NONE_OR_NOTHING
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
      if (header == Header.VERSION) {
        VersionHeader.read(in);
      }
      int length = in.stringLength();
      bytes.write(in.bytes(), in.position(), length);
      in.skip(length);
      offsets.add(bytes.size());
    }

    @Override
    public Column column() {
      return TextColumn.of(offsets.toArray(), bytes.toByteArray());
    }
  }

  /**
   * Collections with their number of items in front; the outermost one of an entry has a version
   * header.
   */
  final class ListReader implements ValueReader {
    private final ValueReader item;
    private final boolean hasHeader;
    private final Offsets offsets = new Offsets();
    private int items;

    ListReader(ValueReader item, boolean hasHeader) {
      this.item = item;
      this.hasHeader = hasHeader;
    }

    @Override
    public ColumnType type() {
      return new ColumnType.ListOf(item.type());
    }

    @Override
    public void read(Cursor in) {
      int end = hasHeader ? VersionHeader.read(in).end() : -1;
      int count = in.count(1, "a collection");
      if (item instanceof NumberReader numbers) {
        numbers.read(in, count);
      } else {
        for (int i = 0; i < count; i++) {
          item.read(in);
        }
      }
      items = Math.addExact(items, count);
      offsets.add(items);
      if (end >= 0 && in.position() != end) {
        throw in.malformed("a collection of " + count + " items ends elsewhere than it says");
      }
    }

    @Override
    public Column column() {
      return ListColumn.of(offsets.toArray(), item.column());
    }
  }

  /** A growing array of offsets, which begins with 0. */
  final class Offsets {
    private int[] values = new int[16];
    private int count = 1;

    void add(int offset) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = offset;
    }

    int[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }

  /** Makes a reader for a C++ type, null for types that cannot be read. */
  static @org.jspecify.annotations.Nullable Supplier<ValueReader> of(
      CppType type, boolean outermost) {
    ColumnType.Primitive primitive = type.primitive();
    if (primitive != null) {
      return () -> new NumberReader(NumberFormat.plain(primitive));
    }
    if (type.isText()) {
      return () -> new TextReader(TextReader.Header.NONE);
    }
    if (type.isSequence()) {
      Supplier<ValueReader> item = of(type.arguments().get(0), false);
      return item == null ? null : () -> new ListReader(item.get(), outermost);
    }
    return null;
  }
}
