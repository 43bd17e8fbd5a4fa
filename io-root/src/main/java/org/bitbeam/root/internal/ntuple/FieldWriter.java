package org.bitbeam.root.internal.ntuple;

import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;

/** Takes the values of a field apart into the columns of an ntuple. */
interface FieldWriter {
  int INDEX_BYTES = Long.BYTES;
  int SWITCH_BYTES = Long.BYTES + Integer.BYTES;

  /** Adds all elements of a column. */
  void add(Column column);

  /** Uncompressed bytes of elements {@code [from, to)}; those of two ranges add up. */
  long bytes(Column column, int from, int to);

  /** Numbers and booleans. */
  record Numbers(ColumnPages pages, int bytesEach) implements FieldWriter {
    @Override
    public void add(Column column) {
      pages.add((NumberColumn) column);
    }

    @Override
    public long bytes(Column column, int from, int to) {
      return (long) bytesEach * (to - from);
    }
  }

  /** Strings. */
  record Text(ColumnPages index, ColumnPages characters) implements FieldWriter {
    @Override
    public void add(Column column) {
      TextColumn texts = (TextColumn) column;
      long end = characters.clusterElements();
      for (int i = 0; i < texts.length(); i++) {
        end += texts.byteLength(i);
        index.addIndex(end);
      }
      characters.add(texts);
    }

    @Override
    public long bytes(Column column, int from, int to) {
      TextColumn texts = (TextColumn) column;
      long bytes = (long) INDEX_BYTES * (to - from);
      for (int i = from; i < to; i++) {
        bytes += texts.byteLength(i);
      }
      return bytes;
    }
  }

  /** Collections of any size. */
  final class Lists implements FieldWriter {
    private final ColumnPages index;
    private final FieldWriter item;
    private long end;

    Lists(ColumnPages index, FieldWriter item) {
      this.index = index;
      this.item = item;
    }

    @Override
    public void add(Column column) {
      ListColumn lists = (ListColumn) column;
      end = index.clusterElements() == 0 ? 0 : end;
      for (int i = 0; i < lists.length(); i++) {
        end += lists.count(i);
        index.addIndex(end);
      }
      item.add(lists.elements());
    }

    @Override
    public long bytes(Column column, int from, int to) {
      ListColumn lists = (ListColumn) column;
      return from == to
          ? 0
          : (long) INDEX_BYTES * (to - from)
              + item.bytes(lists.content(), lists.start(from), lists.end(to - 1));
    }
  }

  /** Values that may be missing: collections of none or one. */
  final class Optionals implements FieldWriter {
    private final ColumnPages index;
    private final FieldWriter item;
    private long end;

    Optionals(ColumnPages index, FieldWriter item) {
      this.index = index;
      this.item = item;
    }

    @Override
    public void add(Column column) {
      OptionalColumn optionals = (OptionalColumn) column;
      end = index.clusterElements() == 0 ? 0 : end;
      for (int i = 0; i < optionals.length(); i++) {
        end += optionals.isPresent(i) ? 1 : 0;
        index.addIndex(end);
      }
      item.add(optionals.elements());
    }

    @Override
    public long bytes(Column column, int from, int to) {
      OptionalColumn optionals = (OptionalColumn) column;
      return from == to
          ? 0
          : (long) INDEX_BYTES * (to - from)
              + item.bytes(
                  optionals.content(),
                  optionals.position(from),
                  optionals.position(to - 1) + (optionals.isPresent(to - 1) ? 1 : 0));
    }
  }

  /** Arrays of one size. */
  record Arrays(FieldWriter item) implements FieldWriter {
    @Override
    public void add(Column column) {
      item.add(((ArrayColumn) column).content());
    }

    @Override
    public long bytes(Column column, int from, int to) {
      ArrayColumn arrays = (ArrayColumn) column;
      return item.bytes(arrays.content(), from * arrays.size(), to * arrays.size());
    }
  }

  /** Members side by side. */
  record Records(List<FieldWriter> members) implements FieldWriter {
    @Override
    public void add(Column column) {
      List<Column> columns = ((RecordColumn) column).members();
      for (int i = 0; i < members.size(); i++) {
        members.get(i).add(columns.get(i));
      }
    }

    @Override
    public long bytes(Column column, int from, int to) {
      List<Column> columns = ((RecordColumn) column).members();
      long bytes = 0;
      for (int i = 0; i < members.size(); i++) {
        bytes += members.get(i).bytes(columns.get(i), from, to);
      }
      return bytes;
    }
  }

  /** One of several alternatives. */
  final class Variants implements FieldWriter {
    private final ColumnPages switches;
    private final List<FieldWriter> alternatives;
    private final long[] counts;

    Variants(ColumnPages switches, List<FieldWriter> alternatives) {
      this.switches = switches;
      this.alternatives = alternatives;
      this.counts = new long[alternatives.size()];
    }

    @Override
    public void add(Column column) {
      VariantColumn variants = (VariantColumn) column;
      if (switches.clusterElements() == 0) {
        java.util.Arrays.fill(counts, 0);
      }
      for (int i = 0; i < variants.length(); i++) {
        int tag = variants.tag(i);
        switches.addSwitch(tag < 0 ? 0 : counts[tag]++, tag + 1);
      }
      for (int a = 0; a < alternatives.size(); a++) {
        alternatives.get(a).add(variants.alternatives().get(a));
      }
    }

    @Override
    public long bytes(Column column, int from, int to) {
      VariantColumn variants = ((VariantColumn) column).slice(from, to);
      long bytes = (long) SWITCH_BYTES * (to - from);
      for (int a = 0; a < alternatives.size(); a++) {
        Column values = variants.alternatives().get(a);
        bytes += alternatives.get(a).bytes(values, 0, values.length());
      }
      return bytes;
    }
  }
}
