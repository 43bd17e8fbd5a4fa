package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/**
 * Datasets one after the other as one. It has the columns that all of them have with the same type.
 * The origin of a batch is the dataset of its first entry.
 */
final class ChainedDataset implements Dataset {
  private final List<Dataset> parts;
  private final long[] ends;
  private final List<ColumnInfo> columns;

  private ChainedDataset(List<Dataset> parts, long[] ends, List<ColumnInfo> columns) {
    this.parts = parts;
    this.ends = ends;
    this.columns = columns;
  }

  static ChainedDataset of(List<? extends Dataset> datasets) {
    if (datasets.isEmpty()) {
      throw new IllegalArgumentException("a chain needs at least one dataset");
    }
    List<Dataset> parts = List.copyOf(datasets);
    long[] ends = new long[parts.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end = Math.addExact(end, parts.get(i).entries());
      ends[i] = end;
    }
    List<ColumnInfo> columns = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ColumnInfo info : parts.get(0).columns()) {
      if (seen.add(info.name()) && info.type().isPresent()) {
        ColumnInfo joined = info;
        for (Dataset part : parts.subList(1, parts.size())) {
          joined = joined == null ? null : joined(joined, info.type().get(), part);
        }
        if (joined != null) {
          columns.add(joined);
        }
      }
    }
    return new ChainedDataset(parts, ends, List.copyOf(columns));
  }

  private static @org.jspecify.annotations.Nullable ColumnInfo joined(
      ColumnInfo info, ColumnType type, Dataset part) {
    for (ColumnInfo other : part.columns()) {
      if (other.name().equals(info.name())) {
        return other.type().filter(type::equals).isEmpty()
            ? null
            : new ColumnInfo(
                info.name(),
                info.rootType(),
                info.title(),
                info.type(),
                "",
                info.storedBytes() + other.storedBytes(),
                info.objectBytes() + other.objectBytes(),
                info.pieces() + other.pieces());
      }
    }
    return null;
  }

  @Override
  public String path() {
    return parts.get(0).path();
  }

  @Override
  public int cycle() {
    return parts.get(0).cycle();
  }

  @Override
  public String className() {
    return parts.get(0).className();
  }

  @Override
  public String title() {
    return parts.get(0).title();
  }

  @Override
  public long entries() {
    return ends[ends.length - 1];
  }

  @Override
  public DatasetLinks links() {
    return DatasetLinks.NONE;
  }

  @Override
  public List<ColumnInfo> columns() {
    return columns;
  }

  @Override
  public Schema schema() {
    Schema first = parts.get(0).schema();
    List<Schema.Field> fields = new ArrayList<>();
    for (ColumnInfo info : columns) {
      first.field(info.name()).ifPresent(fields::add);
    }
    return new Schema(fields);
  }

  @Override
  public List<Cluster> clusters() {
    List<Cluster> all = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      long before = ends[i] - parts.get(i).entries();
      for (Cluster cluster : parts.get(i).clusters()) {
        all.add(
            new Cluster(before + cluster.first(), before + cluster.end(), cluster.storedBytes()));
      }
    }
    return List.copyOf(all);
  }

  @Override
  public EventBatch read(List<String> names, long from, long to) throws IOException {
    checkRange(from, to);
    for (String name : names) {
      if (columns.stream().noneMatch(info -> info.name().equals(name))) {
        throw new IllegalArgumentException(
            "not all datasets of the chain have a column \""
                + name
                + "\" of one type; all have: "
                + String.join(", ", columns.stream().map(ColumnInfo::name).toList()));
      }
    }
    List<EventBatch> batches = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      long before = ends[i] - parts.get(i).entries();
      long first = Math.max(from, before);
      long end = Math.min(to, ends[i]);
      if (first < end || (batches.isEmpty() && i == parts.size() - 1)) {
        batches.add(parts.get(i).read(names, first - before, Math.max(first, end) - before));
      }
    }
    Origin origin = batches.get(0).origin();
    List<Column> values = new ArrayList<>();
    for (String name : names) {
      values.add(Columns.concatenate(batches.stream().map(b -> b.column(name)).toList()));
    }
    return EventBatch.of(origin, batches.get(0).schema(), values, (int) (to - from));
  }

  @Override
  public Column read(int column, long from, long to) throws IOException {
    return read(List.of(columns.get(column).name()), from, to).columns().get(0);
  }

  private void checkRange(long from, long to) {
    if (from < 0 || to < from || to > entries() || to - from > Integer.MAX_VALUE - 1) {
      throw new IllegalArgumentException(
          "the chain has entries 0 to " + entries() + ", not " + from + " to " + to);
    }
  }
}
