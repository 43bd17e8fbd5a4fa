package org.bitbeam.columns;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Batches as bytes, for transport between workers and for part files. Version 1, little-endian:
 *
 * <pre>
 * "BBEB", u8 version, i64 bytes of the rest, u32 CRC-32C of the rest; the rest:
 * origin: string file, string fingerprint, string dataset, i64 first entry
 * i32 entries, i32 number of columns, then for each column:
 *   string name, string description, string unit, type, values
 * string: i32 length, UTF-8
 * type:   u8 tag (0 to 10 numbers in the order of ColumnType.Primitive, 20 text, 21 list, 22 array, 23 record,
 *         24 optional, 25 variant), then element type (list, optional), i32 size and element type (array),
 *         i32 count and (name and) type of each (record, variant)
 * values: numbers in their width; text: i32 lengths, i32 bytes, bytes; list, optional: i32 counts, i32 number of
 *         elements, elements; array: elements; record: members; variant: i8 tags, i32 number and values of each
 *         alternative
 * </pre>
 *
 * Equal batches have equal bytes. Every length is checked against the bytes that are there before
 * anything is allocated. Safe for several threads.
 */
public final class EventBatchCodec {
  private static final int MAGIC = 0x42454242; // "BBEB", little-endian
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 4 + 1 + 8 + 4;
  private static final int MAX_DEPTH = 64;
  private static final int TEXT = 20;
  private static final int LIST = 21;
  private static final int ARRAY = 22;
  private static final int RECORD = 23;
  private static final int OPTIONAL = 24;
  private static final int VARIANT = 25;

  private EventBatchCodec() {}

  /** The bytes of a batch. */
  public static byte[] encode(EventBatch batch) {
    Writer out = new Writer();
    out.reserve(HEADER_BYTES);
    Origin origin = batch.origin();
    out.string(origin.file());
    out.string(origin.fingerprint());
    out.string(origin.dataset());
    out.reserve(16)
        .putLong(origin.firstEntry())
        .putInt(batch.entries())
        .putInt(batch.columns().size());
    for (int i = 0; i < batch.columns().size(); i++) {
      Schema.Field field = batch.schema().fields().get(i);
      out.string(field.name());
      out.string(field.description());
      out.string(field.unit());
      out.type(field.type());
      out.values(batch.columns().get(i));
    }
    return out.finish();
  }

  /**
   * The batch of bytes that {@link #encode} made.
   *
   * @throws BatchFormatException when they are not that
   */
  public static EventBatch decode(byte[] bytes) {
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEADER_BYTES || header.getInt() != MAGIC) {
      throw new BatchFormatException("not a batch of events: it does not begin with BBEB");
    }
    int version = header.get();
    if (version != VERSION) {
      throw new BatchFormatException("a batch of version " + version + "; version 1 can be read");
    }
    long length = header.getLong();
    if (length != bytes.length - HEADER_BYTES) {
      throw new BatchFormatException(
          "a batch of " + length + " bytes, but " + (bytes.length - HEADER_BYTES) + " are there");
    }
    int checksum = header.getInt();
    if (checksum != checksum(bytes, bytes.length)) {
      throw new BatchFormatException("the checksum of a batch is wrong: its bytes are damaged");
    }
    Reader in = new Reader(header);
    try {
      return in.batch();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new BatchFormatException("a batch contradicts itself: " + e.getMessage());
    }
  }

  private static int checksum(byte[] bytes, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, HEADER_BYTES, end - HEADER_BYTES);
    return (int) crc.getValue();
  }

  private static final class Writer {
    private ByteBuffer buffer = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

    ByteBuffer reserve(int more) {
      if (buffer.remaining() < more) {
        int least = Math.addExact(buffer.position(), more);
        int size = (int) Math.max(least, Math.min(Integer.MAX_VALUE - 16, 2L * buffer.capacity()));
        buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
      }
      if (buffer.position() == 0) {
        buffer.position(HEADER_BYTES);
      }
      return buffer;
    }

    byte[] finish() {
      int end = buffer.position();
      buffer.putInt(0, MAGIC).put(4, (byte) VERSION).putLong(5, end - HEADER_BYTES);
      buffer.putInt(13, checksum(buffer.array(), end));
      return java.util.Arrays.copyOf(buffer.array(), end);
    }

    void string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      reserve(4 + bytes.length).putInt(bytes.length).put(bytes);
    }

    void type(ColumnType type) {
      if (type instanceof ColumnType.Primitive primitive) {
        reserve(1).put((byte) primitive.ordinal());
      } else if (type instanceof ColumnType.Text) {
        reserve(1).put((byte) TEXT);
      } else if (type instanceof ColumnType.ListOf list) {
        reserve(1).put((byte) LIST);
        type(list.element());
      } else if (type instanceof ColumnType.ArrayOf array) {
        reserve(5).put((byte) ARRAY).putInt(array.size());
        type(array.element());
      } else if (type instanceof ColumnType.RecordOf record) {
        reserve(5).put((byte) RECORD).putInt(record.members().size());
        for (ColumnType.Member member : record.members()) {
          string(member.name());
          type(member.type());
        }
      } else if (type instanceof ColumnType.OptionalOf optional) {
        reserve(1).put((byte) OPTIONAL);
        type(optional.element());
      } else if (type instanceof ColumnType.VariantOf variant) {
        reserve(5).put((byte) VARIANT).putInt(variant.alternatives().size());
        variant.alternatives().forEach(this::type);
      }
    }

    void values(Column column) {
      int n = column.length();
      if (column instanceof BooleanColumn values) {
        ByteBuffer out = reserve(n);
        for (int i = 0; i < n; i++) {
          out.put((byte) (values.get(i) ? 1 : 0));
        }
      } else if (column instanceof ByteColumn values) {
        reserve(n).put(values.toArray());
      } else if (column instanceof ShortColumn values) {
        reserve(Math.multiplyExact(2, n)).asShortBuffer().put(values.toArray());
        advance(2 * n);
      } else if (column instanceof IntColumn values) {
        reserve(Math.multiplyExact(4, n)).asIntBuffer().put(values.toArray());
        advance(4 * n);
      } else if (column instanceof LongColumn values) {
        reserve(Math.multiplyExact(8, n)).asLongBuffer().put(values.toArray());
        advance(8 * n);
      } else if (column instanceof FloatColumn values) {
        reserve(Math.multiplyExact(4, n)).asFloatBuffer().put(values.toArray());
        advance(4 * n);
      } else if (column instanceof DoubleColumn values) {
        reserve(Math.multiplyExact(8, n)).asDoubleBuffer().put(values.toArray());
        advance(8 * n);
      } else if (column instanceof TextColumn text) {
        ByteBuffer lengths = reserve(Math.multiplyExact(4, n));
        for (int i = 0; i < n; i++) {
          lengths.putInt(text.byteLength(i));
        }
        byte[] bytes = new byte[text.totalBytes()];
        text.copyBytesTo(bytes, 0);
        reserve(Math.addExact(4, bytes.length)).putInt(bytes.length).put(bytes);
      } else if (column instanceof ListColumn list) {
        counts(list.elementOffsets());
        values(list.elements());
      } else if (column instanceof OptionalColumn optional) {
        counts(optional.elementOffsets());
        values(optional.elements());
      } else if (column instanceof ArrayColumn array) {
        values(array.content());
      } else if (column instanceof RecordColumn record) {
        record.members().forEach(this::values);
      } else if (column instanceof VariantColumn variant) {
        ByteBuffer tags = reserve(n);
        for (int i = 0; i < n; i++) {
          tags.put(variant.tag(i));
        }
        for (Column alternative : variant.alternatives()) {
          reserve(4).putInt(alternative.length());
          values(alternative);
        }
      }
    }

    private void counts(int[] offsets) {
      ByteBuffer out = reserve(Math.multiplyExact(4, offsets.length));
      for (int i = 1; i < offsets.length; i++) {
        out.putInt(offsets[i] - offsets[i - 1]);
      }
      out.putInt(offsets[offsets.length - 1]);
    }

    private void advance(int bytes) {
      buffer.position(buffer.position() + bytes);
    }
  }

  private static final class Reader {
    private final ByteBuffer in;

    Reader(ByteBuffer in) {
      this.in = in;
    }

    EventBatch batch() {
      Origin origin = new Origin(string(), string(), string(), i64());
      int entries = i32();
      int columns = count(1, "columns");
      List<Schema.Field> fields = new ArrayList<>();
      List<Column> values = new ArrayList<>();
      for (int i = 0; i < columns; i++) {
        String name = string();
        String description = string();
        String unit = string();
        ColumnType type = type(0);
        fields.add(new Schema.Field(name, type, description, unit));
        values.add(values(type, entries));
      }
      if (in.hasRemaining()) {
        throw new BatchFormatException(in.remaining() + " bytes follow after the last column");
      }
      return EventBatch.of(origin, new Schema(fields), values, entries);
    }

    private void need(long bytes, String what) {
      if (bytes < 0 || bytes > in.remaining()) {
        throw new BatchFormatException(
            what + " take " + bytes + " bytes, but only " + in.remaining() + " are left");
      }
    }

    private int i32() {
      need(4, "a number");
      return in.getInt();
    }

    private long i64() {
      need(8, "a number");
      return in.getLong();
    }

    private int count(int bytesEach, String what) {
      int count = i32();
      if (count < 0) {
        throw new BatchFormatException(count + " " + what);
      }
      need((long) count * bytesEach, count + " " + what);
      return count;
    }

    private String string() {
      byte[] bytes = new byte[count(1, "letters")];
      in.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private ColumnType type(int depth) {
      if (depth > MAX_DEPTH) {
        throw new BatchFormatException("a type is nested deeper than " + MAX_DEPTH);
      }
      need(1, "a type");
      int tag = in.get();
      if (tag >= 0 && tag < ColumnType.Primitive.values().length) {
        return ColumnType.Primitive.values()[tag];
      }
      switch (tag) {
        case TEXT -> {
          return new ColumnType.Text();
        }
        case LIST -> {
          return new ColumnType.ListOf(type(depth + 1));
        }
        case ARRAY -> {
          int size = i32();
          return new ColumnType.ArrayOf(type(depth + 1), size);
        }
        case RECORD -> {
          int members = count(5, "members");
          List<ColumnType.Member> list = new ArrayList<>();
          for (int i = 0; i < members; i++) {
            list.add(new ColumnType.Member(string(), type(depth + 1)));
          }
          return new ColumnType.RecordOf(list);
        }
        case OPTIONAL -> {
          return new ColumnType.OptionalOf(type(depth + 1));
        }
        case VARIANT -> {
          int alternatives = count(1, "alternatives");
          List<ColumnType> list = new ArrayList<>();
          for (int i = 0; i < alternatives; i++) {
            list.add(type(depth + 1));
          }
          return new ColumnType.VariantOf(list);
        }
        default -> throw new BatchFormatException("no type has the number " + tag);
      }
    }

    private Column values(ColumnType type, int n) {
      if (n < 0) {
        throw new BatchFormatException(n + " values");
      }
      if (type instanceof ColumnType.Primitive primitive) {
        return numbers(primitive, n);
      } else if (type instanceof ColumnType.Text) {
        int[] offsets = offsets(n);
        byte[] bytes = new byte[offsets[n]];
        need(bytes.length, "letters");
        in.get(bytes);
        return TextColumn.of(offsets, bytes);
      } else if (type instanceof ColumnType.ListOf list) {
        int[] offsets = offsets(n);
        return ListColumn.of(offsets, values(list.element(), offsets[n]));
      } else if (type instanceof ColumnType.OptionalOf optional) {
        int[] offsets = offsets(n);
        return OptionalColumn.of(offsets, values(optional.element(), offsets[n]));
      } else if (type instanceof ColumnType.ArrayOf array) {
        return ArrayColumn.of(
            array.size(), n, values(array.element(), Math.multiplyExact(array.size(), n)));
      } else if (type instanceof ColumnType.RecordOf record) {
        List<String> names = new ArrayList<>();
        List<Column> members = new ArrayList<>();
        for (ColumnType.Member member : record.members()) {
          names.add(member.name());
          members.add(values(member.type(), n));
        }
        return RecordColumn.of(names, members, n);
      } else {
        byte[] tags = new byte[checked(n, 1)];
        in.get(tags);
        List<Column> alternatives = new ArrayList<>();
        for (ColumnType alternative : ((ColumnType.VariantOf) type).alternatives()) {
          alternatives.add(values(alternative, i32()));
        }
        return VariantColumn.of(tags, alternatives);
      }
    }

    /** Counts of {@code n} lists and their sum, as offsets. */
    private int[] offsets(int n) {
      need(4L * n + 4, n + " lengths");
      int[] offsets = new int[n + 1];
      for (int i = 0; i < n; i++) {
        int count = in.getInt();
        if (count < 0) {
          throw new BatchFormatException("a list of " + count + " elements");
        }
        offsets[i + 1] = Math.addExact(offsets[i], count);
      }
      int total = in.getInt();
      if (total != offsets[n]) {
        throw new BatchFormatException(
            "lists of " + offsets[n] + " elements in all, but " + total + " are said");
      }
      return offsets;
    }

    private int checked(int n, int bytesEach) {
      need((long) n * bytesEach, n + " values");
      return n;
    }

    private Column numbers(ColumnType.Primitive type, int n) {
      boolean unsigned = type.isUnsigned();
      checked(n, type.bytes());
      int end = in.position() + n * type.bytes();
      Column column =
          switch (type) {
            case BOOL -> {
              boolean[] values = new boolean[n];
              for (int i = 0; i < n; i++) {
                values[i] = in.get() != 0;
              }
              yield BooleanColumn.of(values);
            }
            case INT8, UINT8 -> {
              byte[] values = new byte[n];
              in.get(values);
              yield unsigned ? ByteColumn.ofUnsigned(values) : ByteColumn.of(values);
            }
            case INT16, UINT16 -> {
              short[] values = new short[n];
              in.asShortBuffer().get(values);
              yield unsigned ? ShortColumn.ofUnsigned(values) : ShortColumn.of(values);
            }
            case INT32, UINT32 -> {
              int[] values = new int[n];
              in.asIntBuffer().get(values);
              yield unsigned ? IntColumn.ofUnsigned(values) : IntColumn.of(values);
            }
            case INT64, UINT64 -> {
              long[] values = new long[n];
              in.asLongBuffer().get(values);
              yield unsigned ? LongColumn.ofUnsigned(values) : LongColumn.of(values);
            }
            case FLOAT32 -> {
              float[] values = new float[n];
              in.asFloatBuffer().get(values);
              yield FloatColumn.of(values);
            }
            case FLOAT64 -> {
              double[] values = new double[n];
              in.asDoubleBuffer().get(values);
              yield DoubleColumn.of(values);
            }
          };
      in.position(end);
      return column;
    }
  }
}
