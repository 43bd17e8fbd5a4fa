package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/**
 * Datasets one after the other as one: with the columns that all of them have with the same type,
 * or as a union with those that any has. The origin of a batch is the dataset of its first entry.
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
    return of(datasets, false);
  }

  static ChainedDataset union(List<? extends Dataset> datasets) {
    return of(datasets, true);
  }

  private static ChainedDataset of(List<? extends Dataset> datasets, boolean isUnion) {
    if (datasets.isEmpty()) {
      throw new IllegalArgumentException("a chain needs at least one dataset");
    }
    List<Dataset> parts = List.copyOf(datasets);
    long[] ends = new long[parts.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += parts.get(i).entries();
      if (end < 0) {
        throw new RootFormatException(
            "the datasets of a chain have more than " + Long.MAX_VALUE + " entries together");
      }
      ends[i] = end;
    }
    Map<String, List<ColumnInfo>> byName = new LinkedHashMap<>();
    for (Dataset part : parts) {
      Set<String> seen = new HashSet<>();
      for (ColumnInfo info : part.columns()) {
        if (info.type().isPresent() && seen.add(info.name())) {
          byName.computeIfAbsent(info.name(), n -> new ArrayList<>()).add(info);
        }
      }
    }
    List<ColumnInfo> columns = new ArrayList<>();
    for (List<ColumnInfo> same : byName.values()) {
      boolean isEverywhere = same.size() == parts.size();
      boolean isOfOneType = same.stream().map(ColumnInfo::type).distinct().count() == 1;
      if (isUnion || (isEverywhere && isOfOneType)) {
        columns.add(joined(same, isEverywhere, isOfOneType));
      }
    }
    return new ChainedDataset(parts, ends, List.copyOf(columns));
  }

  private static ColumnInfo joined(
      List<ColumnInfo> same, boolean isEverywhere, boolean isOfOneType) {
    ColumnInfo first = same.get(0);
    Optional<ColumnType> type =
        !isOfOneType
            ? Optional.empty()
            : first.type().map(t -> isEverywhere ? t : new ColumnType.OptionalOf(t));
    String why =
        isOfOneType
            ? ""
            : "it has different types: "
                + same.stream()
                    .flatMap(c -> c.type().stream())
                    .map(ColumnType::shape)
                    .distinct()
                    .collect(Collectors.joining(", "));
    return new ColumnInfo(
        first.name(),
        first.rootType(),
        first.title(),
        type,
        why,
        same.stream().mapToLong(ColumnInfo::storedBytes).sum(),
        same.stream().mapToLong(ColumnInfo::objectBytes).sum(),
        same.stream().mapToInt(ColumnInfo::pieces).sum());
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
    List<Schema.Field> fields = new ArrayList<>();
    for (ColumnInfo info : columns) {
      info.type().ifPresent(type -> fields.add(field(info.name(), type)));
    }
    return new Schema(fields);
  }

  private Schema.Field field(String name, ColumnType type) {
    for (Dataset part : parts) {
      Optional<Schema.Field> own = part.schema().field(name);
      if (own.isPresent()) {
        return new Schema.Field(name, type, own.get().description(), own.get().unit());
      }
    }
    return Schema.Field.of(name, type);
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
    List<Schema.Field> fields = new ArrayList<>();
    for (String name : names) {
      ColumnInfo info =
          columns.stream().filter(c -> c.name().equals(name)).findFirst().orElse(null);
      if (info == null) {
        throw new IllegalArgumentException(
            "not all datasets of the chain have a column \""
                + name
                + "\" of one type; there are: "
                + String.join(", ", columns.stream().map(ColumnInfo::name).toList()));
      }
      fields.add(
          field(
              name,
              info.type()
                  .orElseThrow(
                      () ->
                          new UnsupportedRootException(
                              "column " + name + " of the chain: " + info.whyUnreadable()))));
    }
    List<List<Column>> pieces = new ArrayList<>();
    names.forEach(name -> pieces.add(new ArrayList<>()));
    Origin origin = null;
    for (int i = 0; i < parts.size(); i++) {
      long before = ends[i] - parts.get(i).entries();
      long first = Math.max(from, before);
      long end = Math.min(to, ends[i]);
      if (first < end || (origin == null && i == parts.size() - 1)) {
        Schema own = parts.get(i).schema();
        List<String> present = names.stream().filter(n -> own.field(n).isPresent()).toList();
        EventBatch batch =
            parts.get(i).read(present, first - before, Math.max(first, end) - before);
        origin = origin == null ? batch.origin() : origin;
        for (int c = 0; c < names.size(); c++) {
          pieces.get(c).add(piece(batch, names.get(c), fields.get(c).type()));
        }
      }
    }
    List<Column> values = pieces.stream().map(Columns::concatenate).toList();
    return EventBatch.of(
        java.util.Objects.requireNonNull(origin), new Schema(fields), values, (int) (to - from));
  }

  /** The column of one part; as optional values, present or absent, where some parts lack it. */
  private Column piece(EventBatch batch, String name, ColumnType type) throws IOException {
    int n = batch.entries();
    boolean isPresent = batch.schema().field(name).isPresent();
    if (isPresent && batch.column(name).type().equals(type)) {
      return batch.column(name);
    }
    if (isPresent) {
      return OptionalColumn.of(IntStream.rangeClosed(0, n).toArray(), batch.column(name));
    }
    for (Dataset part : parts) {
      if (part.schema().field(name).isPresent()) {
        return OptionalColumn.of(new int[n + 1], part.read(List.of(name), 0, 0).columns().get(0));
      }
    }
    throw new IllegalStateException("no dataset of the chain has column " + name);
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
