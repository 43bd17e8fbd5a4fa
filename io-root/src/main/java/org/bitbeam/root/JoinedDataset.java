package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Schema;
import org.jspecify.annotations.Nullable;

/** A dataset with the columns of friends beside its own. */
final class JoinedDataset implements Dataset {
  private final Dataset main;
  private final List<Side> sides;
  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final List<ColumnInfo> columns = new ArrayList<>();

  /** Where a column comes from: of the main dataset when {@code side} is null. */
  private record Source(@Nullable Side side, String name) {}

  /**
   * A friend and how its entries are found.
   *
   * @param entryByKey entry of each pair of keys; null when entries match by their number
   * @param isComplete whether every entry of the main dataset has one here
   */
  private record Side(Friend friend, @Nullable Map<Key, Long> entryByKey, boolean isComplete) {}

  private record Key(long major, long minor) {}

  private JoinedDataset(Dataset main, List<Side> sides) {
    this.main = main;
    this.sides = sides;
    for (ColumnInfo info : main.columns()) {
      sources.putIfAbsent(info.name(), new Source(null, info.name()));
      columns.add(info);
    }
    for (Side side : sides) {
      for (ColumnInfo info : side.friend().dataset().columns()) {
        String name = side.friend().name() + "." + info.name();
        Optional<ColumnType> type =
            info.type().map(t -> side.isComplete() ? t : new ColumnType.OptionalOf(t));
        if (sources.putIfAbsent(name, new Source(side, info.name())) == null) {
          columns.add(
              new ColumnInfo(
                  name,
                  info.rootType(),
                  info.title(),
                  type,
                  info.whyUnreadable(),
                  info.storedBytes(),
                  info.objectBytes(),
                  info.pieces()));
        }
      }
    }
  }

  static Dataset of(Dataset main, List<Friend> friends) throws IOException {
    List<Side> sides = new ArrayList<>();
    for (Friend friend : friends) {
      Dataset dataset = friend.dataset();
      if (friend.index().isEmpty()) {
        sides.add(new Side(friend, null, dataset.entries() >= main.entries()));
      } else {
        keys(main, friend.index().get(), 0, 0); // both must have the columns of the index
        sides.add(new Side(friend, entryByKey(friend, friend.index().get()), false));
      }
    }
    return new JoinedDataset(main, List.copyOf(sides));
  }

  private static Map<Key, Long> entryByKey(Friend friend, DatasetLinks.Index index)
      throws IOException {
    Map<Key, Long> entries = new HashMap<>();
    Dataset dataset = friend.dataset();
    for (Cluster cluster : dataset.clusters()) {
      List<Key> keys = keys(dataset, index, cluster.first(), cluster.end());
      for (int i = 0; i < keys.size(); i++) {
        Long known = entries.putIfAbsent(keys.get(i), cluster.first() + i);
        if (known != null) {
          throw new IllegalArgumentException(
              "friend "
                  + friend.name()
                  + ": entries "
                  + known
                  + " and "
                  + (cluster.first() + i)
                  + " have the same "
                  + index.major()
                  + " "
                  + keys.get(i).major()
                  + " and "
                  + index.minor()
                  + " "
                  + keys.get(i).minor()
                  + ", so entries cannot be found by them; join by the number of the entry");
        }
      }
    }
    return entries;
  }

  private static List<Key> keys(Dataset dataset, DatasetLinks.Index index, long from, long to)
      throws IOException {
    long[] major = integers(dataset, index.major(), from, to);
    long[] minor = integers(dataset, index.minor(), from, to);
    List<Key> keys = new ArrayList<>(major.length);
    for (int i = 0; i < major.length; i++) {
      keys.add(new Key(major[i], minor[i]));
    }
    return keys;
  }

  private static long[] integers(Dataset dataset, String name, long from, long to)
      throws IOException {
    long[] values = new long[Math.toIntExact(to - from)];
    if (name.matches("-?\\d{1,18}")) {
      Arrays.fill(values, Long.parseLong(name));
      return values;
    }
    if (!(dataset.read(List.of(name), from, to).column(name) instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          dataset.path() + ": entries cannot be found by " + name + ", which is no number");
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.type().isFloating() ? (long) numbers.getDouble(i) : numbers.getLong(i);
    }
    return values;
  }

  @Override
  public String path() {
    return main.path();
  }

  @Override
  public int cycle() {
    return main.cycle();
  }

  @Override
  public String className() {
    return main.className();
  }

  @Override
  public String title() {
    return main.title();
  }

  @Override
  public long entries() {
    return main.entries();
  }

  @Override
  public DatasetLinks links() {
    return main.links();
  }

  @Override
  public List<ColumnInfo> columns() {
    return List.copyOf(columns);
  }

  @Override
  public Schema schema() {
    List<Schema.Field> fields = new ArrayList<>(main.schema().fields());
    for (Side side : sides) {
      for (Schema.Field field : side.friend().dataset().schema().fields()) {
        String name = side.friend().name() + "." + field.name();
        Source source = sources.get(name);
        if (source != null && source.side() == side) {
          fields.add(
              new Schema.Field(
                  name,
                  side.isComplete() ? field.type() : new ColumnType.OptionalOf(field.type()),
                  field.description(),
                  field.unit()));
        }
      }
    }
    return new Schema(fields);
  }

  @Override
  public List<Cluster> clusters() {
    return main.clusters();
  }

  @Override
  public EventBatch read(List<String> names, long from, long to) throws IOException {
    Map<@Nullable Side, List<String>> wanted = new LinkedHashMap<>();
    wanted.put(null, new ArrayList<>());
    for (String name : names) {
      Source source = sources.get(name);
      if (source == null) {
        throw new IllegalArgumentException(
            "neither " + main.path() + " nor its friends have a column \"" + name + "\"");
      }
      wanted.computeIfAbsent(source.side(), s -> new ArrayList<>()).add(source.name());
    }
    EventBatch own = main.read(wanted.getOrDefault(null, List.of()), from, to);
    Map<Side, Map<String, Column>> read = new HashMap<>();
    for (Map.Entry<@Nullable Side, List<String>> entry : wanted.entrySet()) {
      Side side = entry.getKey();
      if (side != null) {
        read.put(side, read(side, entry.getValue(), from, to));
      }
    }
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    Schema schema = schema();
    for (String name : names) {
      Source source = sources.get(name);
      if (source == null || source.side() == null) {
        values.add(own.column(name));
        own.schema().field(name).ifPresent(fields::add);
      } else {
        Map<String, Column> ofSide = read.getOrDefault(source.side(), Map.of());
        values.add(java.util.Objects.requireNonNull(ofSide.get(source.name())));
        schema.field(name).ifPresent(fields::add);
      }
    }
    return EventBatch.of(own.origin(), new Schema(fields), values, own.entries());
  }

  /** Columns of a friend for entries of the main dataset. */
  private Map<String, Column> read(Side side, List<String> names, long from, long to)
      throws IOException {
    Dataset dataset = side.friend().dataset();
    Map<String, Column> result = new HashMap<>();
    if (side.isComplete()) {
      EventBatch batch = dataset.read(names, from, to);
      names.forEach(name -> result.put(name, batch.column(name)));
      return result;
    }
    long[] rows = rows(side, from, to);
    int[] offsets = new int[rows.length + 1];
    List<EventBatch> found = new ArrayList<>(List.of(dataset.read(names, 0, 0)));
    for (int i = 0; i < rows.length; ) {
      offsets[i + 1] = offsets[i] + (rows[i] < 0 ? 0 : 1);
      int end = i + 1; // of a run of consecutive entries
      while (rows[i] >= 0 && end < rows.length && rows[end] == rows[end - 1] + 1) {
        offsets[end + 1] = offsets[end] + 1;
        end++;
      }
      if (rows[i] >= 0) {
        found.add(dataset.read(names, rows[i], rows[i] + (end - i)));
      }
      i = end;
    }
    for (String name : names) {
      Column values = Columns.concatenate(found.stream().map(b -> b.column(name)).toList());
      result.put(name, OptionalColumn.of(offsets.clone(), values));
    }
    return result;
  }

  /** The entries of a friend that belong to entries of the main dataset, -1 for none. */
  private long[] rows(Side side, long from, long to) throws IOException {
    long[] rows = new long[Math.toIntExact(to - from)];
    Map<Key, Long> entryByKey = side.entryByKey();
    if (entryByKey == null) {
      for (int i = 0; i < rows.length; i++) {
        rows[i] = from + i < side.friend().dataset().entries() ? from + i : -1;
      }
      return rows;
    }
    List<Key> keys = keys(main, side.friend().index().orElseThrow(), from, to);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = entryByKey.getOrDefault(keys.get(i), -1L);
    }
    return rows;
  }

  @Override
  public Column read(int column, long from, long to) throws IOException {
    if (column < main.columns().size()) {
      return main.read(column, from, to);
    }
    String name = columns.get(column).name();
    return read(List.of(name), from, to).column(name);
  }
}
