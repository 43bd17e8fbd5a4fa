package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.ByteColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.ShortColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;
import org.bitbeam.root.internal.tree.StreamedField;

/** The kinds of fields. Each takes its own columns and the readers of the fields inside of it. */
final class FieldReaders {
  private FieldReaders() {}

  /** Numbers and booleans: one column. */
  record Numbers(String field, Primitive type, List<PhysicalColumn> columns)
      implements FieldReader {
    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      return values(source, List.of(new Span(cluster, from, to, total)));
    }

    @Override
    public Column read(PageSource source, List<Span> spans) throws IOException {
      long bytes = 0;
      for (Span span : spans) {
        bytes += (span.to() - span.from() + 1) * type.bytes();
      }
      boolean atOnce = bytes >= 0 && bytes <= source.records().limits().maxColumnBytes();
      return atOnce ? values(source, spans) : FieldReader.super.read(source, spans);
    }

    private Column values(PageSource source, List<Span> spans) throws IOException {
      int n = 0;
      for (Span span : spans) {
        n += source.length(field, span.cluster(), span.from(), span.to(), type.bytes());
      }
      switch (type) {
        case BOOL -> {
          boolean[] values = new boolean[n];
          decode(
              source,
              spans,
              c -> (p, skip, count, at) -> PageDecoder.bits(p, skip, count, values, at));
          return BooleanColumn.of(values);
        }
        case INT8, UINT8 -> {
          byte[] values = new byte[n];
          decode(
              source,
              spans,
              c -> (p, skip, count, at) -> PageDecoder.bytes(p, skip, count, values, at));
          return type.isUnsigned() ? ByteColumn.ofUnsigned(values) : ByteColumn.of(values);
        }
        case INT16, UINT16 -> {
          short[] values = new short[n];
          decode(
              source,
              spans,
              c ->
                  (p, skip, count, at) ->
                      PageDecoder.shorts(encoding(c), p, skip, count, values, at));
          return type.isUnsigned() ? ShortColumn.ofUnsigned(values) : ShortColumn.of(values);
        }
        case INT32, UINT32 -> {
          int[] values = new int[n];
          decode(
              source,
              spans,
              c ->
                  (p, skip, count, at) ->
                      PageDecoder.ints(encoding(c), p, skip, count, values, at));
          return type.isUnsigned() ? IntColumn.ofUnsigned(values) : IntColumn.of(values);
        }
        case INT64, UINT64 -> {
          long[] values = new long[n];
          decode(
              source,
              spans,
              c ->
                  (p, skip, count, at) ->
                      PageDecoder.longs(encoding(c), p, skip, count, values, at));
          return type.isUnsigned() ? LongColumn.ofUnsigned(values) : LongColumn.of(values);
        }
        case FLOAT32 -> {
          float[] values = new float[n];
          decode(
              source,
              spans,
              c -> (p, skip, count, at) -> PageDecoder.floats(c, p, skip, count, values, at));
          return FloatColumn.of(values);
        }
        case FLOAT64 -> {
          double[] values = new double[n];
          decode(
              source,
              spans,
              c -> (p, skip, count, at) -> PageDecoder.doubles(c, p, skip, count, values, at));
          return DoubleColumn.of(values);
        }
      }
      throw new AssertionError(type);
    }

    private void decode(PageSource source, List<Span> spans, PageSource.DecoderOf decoders)
        throws IOException {
      int done = 0;
      for (Span span : spans) {
        int start = done;
        source.read(
            field,
            columns,
            span.cluster(),
            span.from(),
            span.to(),
            span.total(),
            c -> {
              PageSource.Decoder decoder = decoders.of(c);
              return (page, skip, count, at) -> decoder.decode(page, skip, count, start + at);
            });
        done += (int) (span.to() - span.from());
      }
    }
  }

  private static Encoding encoding(PhysicalColumn column) {
    Encoding encoding = column.encoding();
    if (encoding == null) {
      throw new IllegalArgumentException("column " + column.id() + " of unknown encoding");
    }
    return encoding;
  }

  /**
   * Where the items of elements {@code [from, to)} lie.
   *
   * @param first number of the first item in the cluster
   * @param offsets of the items of each element from there on, and their end
   * @param total items of all elements in the cluster, -1 when that is not known
   */
  record Ranges(long first, int[] offsets, long total) {
    long end() {
      return first + offsets[offsets.length - 1];
    }

    static Ranges read(
        String field,
        List<PhysicalColumn> index,
        PageSource source,
        PageList.Cluster cluster,
        long from,
        long to,
        long total)
        throws IOException {
      int n = source.length(field, cluster, from, to, Long.BYTES);
      if (n == 0) {
        return new Ranges(0, new int[1], from == 0 && total == 0 ? 0 : -1);
      }
      // Elements are the ends of their items; the one before says where the first begins.
      int before = from > 0 ? 1 : 0;
      long[] ends = new long[n + before];
      source.read(
          field,
          index,
          cluster,
          from - before,
          to,
          total,
          c ->
              (page, skip, count, at) ->
                  PageDecoder.indices(encoding(c), page, skip, count, ends, at));
      long first = before > 0 ? ends[0] : 0;
      int[] offsets = new int[n + 1];
      long previous = first;
      for (int i = 0; i < n; i++) {
        long end = ends[i + before];
        if (end < previous || first < 0 || end - first > Integer.MAX_VALUE - 1) {
          throw source.malformed(
              field,
              cluster,
              "element "
                  + (from + i)
                  + " ends at item "
                  + end
                  + ", expected "
                  + previous
                  + " or more");
        }
        offsets[i + 1] = (int) (end - first);
        previous = end;
      }
      return new Ranges(first, offsets, to == total ? previous : -1);
    }
  }

  /** Strings: where they end, and their characters. */
  record Text(String field, List<PhysicalColumn> index, List<PhysicalColumn> characters)
      implements FieldReader {
    @Override
    public ColumnType type() {
      return new ColumnType.Text();
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      Ranges ranges = Ranges.read(field, index, source, cluster, from, to, total);
      byte[] bytes =
          new byte[source.length(field, cluster, ranges.first(), ranges.end(), Byte.BYTES)];
      source.read(
          field,
          characters,
          cluster,
          ranges.first(),
          ranges.end(),
          ranges.total(),
          c -> (page, skip, count, at) -> PageDecoder.bytes(page, skip, count, bytes, at));
      return TextColumn.of(ranges.offsets(), bytes);
    }
  }

  /** Whole objects as ROOT's streamers write them. */
  record Streamed(String field, Text bytes, StreamedField objects) implements FieldReader {
    @Override
    public ColumnType type() {
      return objects.type();
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      if (!(bytes.read(source, cluster, from, to, total) instanceof TextColumn stored)) {
        throw new IllegalStateException("a column of bytes was expected");
      }
      return objects.read(source.where(field, cluster), from, stored);
    }
  }

  /** How many items each element of a collection has. */
  record Cardinality(String field, Primitive type, List<PhysicalColumn> index)
      implements FieldReader {
    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      int[] offsets = Ranges.read(field, index, source, cluster, from, to, total).offsets();
      int n = offsets.length - 1;
      if (type == Primitive.UINT32) {
        int[] counts = new int[n];
        for (int i = 0; i < n; i++) {
          counts[i] = offsets[i + 1] - offsets[i];
        }
        return IntColumn.ofUnsigned(counts);
      }
      long[] counts = new long[n];
      for (int i = 0; i < n; i++) {
        counts[i] = offsets[i + 1] - offsets[i];
      }
      return LongColumn.ofUnsigned(counts);
    }
  }

  /** Collections of any size; optional values are collections of none or one. */
  record Collection(String field, List<PhysicalColumn> index, FieldReader item, boolean isOptional)
      implements FieldReader {
    @Override
    public ColumnType type() {
      return isOptional
          ? new ColumnType.OptionalOf(item.type())
          : new ColumnType.ListOf(item.type());
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      Ranges ranges = Ranges.read(field, index, source, cluster, from, to, total);
      Column items = item.read(source, cluster, ranges.first(), ranges.end(), ranges.total());
      if (!isOptional) {
        return ListColumn.of(ranges.offsets(), items);
      }
      int[] offsets = ranges.offsets();
      for (int i = 0; i + 1 < offsets.length; i++) {
        if (offsets[i + 1] - offsets[i] > 1) {
          throw source.malformed(
              field, cluster, "optional element " + (from + i) + " has several values");
        }
      }
      return OptionalColumn.of(offsets, items);
    }

    @Override
    public Column read(PageSource source, List<Span> spans) throws IOException {
      if (isOptional || spans.size() == 1) {
        return FieldReader.super.read(source, spans);
      }
      List<Ranges> ranges = new ArrayList<>();
      List<Span> items = new ArrayList<>();
      int n = 0;
      for (Span span : spans) {
        Ranges of =
            Ranges.read(field, index, source, span.cluster(), span.from(), span.to(), span.total());
        ranges.add(of);
        items.add(new Span(span.cluster(), of.first(), of.end(), of.total()));
        n = Math.addExact(n, of.offsets().length - 1);
      }
      int[] offsets = new int[n + 1];
      int at = 0;
      for (Ranges of : ranges) {
        int first = offsets[at];
        for (int i = 1; i < of.offsets().length; i++) {
          offsets[++at] = Math.addExact(first, of.offsets()[i]);
        }
      }
      return ListColumn.of(offsets, item.read(source, items));
    }
  }

  /** Fixed arrays. */
  record FixedArray(String field, FieldReader item, int size) implements FieldReader {
    @Override
    public ColumnType type() {
      return new ColumnType.ArrayOf(item.type(), size);
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      int n = source.length(field, cluster, from, to, 1);
      if (to > Long.MAX_VALUE / size || total > Long.MAX_VALUE / size) {
        throw source.malformed(field, cluster, total + " arrays of " + size + " values");
      }
      return ArrayColumn.of(
          size,
          n,
          item.read(source, cluster, from * size, to * size, total < 0 ? -1 : total * size));
    }
  }

  /** Members side by side; those of a base class count as members of the class. */
  record Record(String field, List<Member> members) implements FieldReader {
    /** A member or a base class. */
    record Member(String name, FieldReader reader, boolean isBase) {}

    @Override
    public ColumnType type() {
      List<ColumnType.Member> types = new ArrayList<>();
      for (Member member : members) {
        if (member.isBase() && member.reader().type() instanceof ColumnType.RecordOf base) {
          types.addAll(base.members());
        } else {
          types.add(new ColumnType.Member(member.name(), member.reader().type()));
        }
      }
      return new ColumnType.RecordOf(types);
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      int n = source.length(field, cluster, from, to, 1);
      List<String> names = new ArrayList<>();
      List<Column> columns = new ArrayList<>();
      for (Member member : members) {
        Column column = member.reader().read(source, cluster, from, to, total);
        if (member.isBase() && column instanceof RecordColumn base) {
          names.addAll(base.names());
          columns.addAll(base.members());
        } else {
          names.add(member.name());
          columns.add(column);
        }
      }
      return RecordColumn.of(names, columns, n);
    }
  }

  /** One of several alternatives. */
  record Variant(String field, List<PhysicalColumn> switches, List<FieldReader> alternatives)
      implements FieldReader {
    @Override
    public ColumnType type() {
      return new ColumnType.VariantOf(alternatives.stream().map(FieldReader::type).toList());
    }

    @Override
    public Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
        throws IOException {
      int n = source.length(field, cluster, from, to, Long.BYTES + Integer.BYTES);
      long[] indices = new long[n];
      int[] stored = new int[n];
      source.read(
          field,
          switches,
          cluster,
          from,
          to,
          total,
          c ->
              (page, skip, count, at) ->
                  PageDecoder.switches(page, skip, count, indices, stored, at));
      byte[] tags = new byte[n];
      long[] first = new long[alternatives.size()];
      long[] end = new long[alternatives.size()];
      for (int i = 0; i < n; i++) {
        int tag = stored[i] - 1;
        if (tag < -1 || tag >= first.length) {
          throw source.malformed(
              field,
              cluster,
              "element " + (from + i) + " is alternative " + stored[i] + " of " + first.length);
        }
        tags[i] = (byte) tag;
        if (tag >= 0) {
          if (end[tag] == 0) {
            first[tag] = indices[i];
            end[tag] = indices[i];
          }
          if (indices[i] != end[tag] || indices[i] < 0) {
            throw source.malformed(
                field,
                cluster,
                "element "
                    + (from + i)
                    + " is value "
                    + indices[i]
                    + " of its alternative, expected "
                    + end[tag]);
          }
          end[tag]++;
        }
      }
      List<Column> columns = new ArrayList<>();
      for (int a = 0; a < first.length; a++) {
        columns.add(alternatives.get(a).read(source, cluster, first[a], end[a], -1));
      }
      return VariantColumn.of(tags, columns);
    }
  }
}
