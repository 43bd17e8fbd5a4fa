package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/**
 * Which columns of a dataset are converted, under which names, and with which counters in a TTree.
 *
 * @param columns of the output, with the position of their source among the columns of the input
 * @param schema of the output
 * @param counters of lists in a TTree
 * @param leftOut names of columns that are not converted, with the reason
 * @param renamed new names of columns whose own an ntuple does not allow
 */
public record ConvertPlan(
    List<Source> columns,
    Schema schema,
    Map<String, String> counters,
    Map<String, String> leftOut,
    Map<String, String> renamed) {
  private static final int ENTRIES_TO_CHECK = 1000;

  /** A column of the output. */
  public record Source(int position, FlatColumn part) {}

  /** The columns of {@code data} that are {@code wanted}, for a TTree or an RNTuple. */
  public static ConvertPlan of(
      Dataset data, Predicate<String> wanted, boolean toTree, boolean ownCounters)
      throws IOException {
    List<Source> columns = new ArrayList<>();
    List<Schema.Field> fields = new ArrayList<>();
    Map<String, String> leftOut = new LinkedHashMap<>();
    Map<String, String> renamed = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    List<ColumnInfo> infos = data.columns();
    for (int i = 0; i < infos.size(); i++) {
      ColumnInfo info = infos.get(i);
      if (!wanted.test(info.name())) {
        continue;
      }
      if (info.type().isEmpty()) {
        leftOut.put(info.name(), info.whyUnreadable());
        continue;
      }
      if (info.name().startsWith("_collection")) {
        leftOut.put(info.name(), "other fields show its members");
        continue;
      }
      ColumnType type = info.type().get();
      for (FlatColumn part :
          toTree
              ? FlatColumn.of(info.name(), type)
              : List.of(new FlatColumn(info.name(), type, c -> c))) {
        if (toTree && !part.fitsIntoTree()) {
          leftOut.put(part.name(), "a TTree is not written with " + part.type().shape());
          continue;
        }
        String name = toTree || isAllowed(part.name()) ? part.name() : shortened(part.name());
        if (taken.contains(name) && !isAllowed(part.name())) {
          name = part.name().replaceAll("[^A-Za-z0-9_]", "_");
        }
        String unique = name;
        for (int n = 2; !taken.add(unique); n++) {
          unique = name + "_" + n;
        }
        if (!unique.equals(info.name())) {
          renamed.put(part.name(), unique);
        }
        columns.add(new Source(i, part));
        fields.add(new Schema.Field(unique, part.type(), info.title(), ""));
      }
    }
    ConvertPlan plan = new ConvertPlan(columns, new Schema(fields), Map.of(), leftOut, renamed);
    return toTree && !ownCounters ? plan.withCounters(data) : plan;
  }

  private static boolean isAllowed(String name) {
    return name.chars().noneMatch(c -> c <= ' ' || c == '.' || c == '/' || c == '\\' || c == 0x7f);
  }

  /** The last of the branches that lead to a column, without characters that are not allowed. */
  private static String shortened(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.replaceAll("[^A-Za-z0-9_]", "_");
  }

  /**
   * Finds a column {@code nJet} for lists {@code Jet_...} whose first entries it counts rightly.
   */
  private ConvertPlan withCounters(Dataset data) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    long to = Math.min(ENTRIES_TO_CHECK, data.entries());
    Map<String, Column> first = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      Schema.Field field = schema.fields().get(i);
      if (!(field.type() instanceof ColumnType.ListOf list)
          || list.element() instanceof ColumnType.ListOf
          || list.element() instanceof ColumnType.Text) {
        continue;
      }
      String counter = candidate(field.name());
      if (counter.isEmpty()) {
        continue;
      }
      Column counts = first.get(counter);
      if (counts == null) {
        counts = read(data, schema.indexOf(counter), 0, to);
        first.put(counter, counts);
      }
      if (counts(counts, (ListColumn) read(data, i, 0, to))) {
        found.put(field.name(), counter);
      }
    }
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.fields()) {
      fields.add(
          found.containsValue(field.name())
              ? new Schema.Field(
                  field.name(), counterType(field.type()), field.description(), field.unit())
              : field);
    }
    return new ConvertPlan(columns, new Schema(fields), found, leftOut, renamed);
  }

  /** Readers of trees want a counter of 32 bits. */
  private static ColumnType counterType(ColumnType type) {
    return type == Primitive.INT64 || type == Primitive.UINT64 ? Primitive.INT32 : type;
  }

  private String candidate(String list) {
    for (int at = list.length(); at > 0; at = list.lastIndexOf('_', at - 1)) {
      String counter = "n" + list.substring(0, at);
      int position = schema.indexOf(counter);
      if (position >= 0
          && schema.fields().get(position).type() instanceof Primitive type
          && !type.isFloating()
          && type != Primitive.BOOL) {
        return counter;
      }
    }
    return "";
  }

  private static boolean counts(Column counts, ListColumn lists) {
    NumberColumn numbers = (NumberColumn) counts;
    for (int i = 0; i < lists.length(); i++) {
      if (numbers.getLong(i) != lists.count(i)) {
        return false;
      }
    }
    return true;
  }

  private Column read(Dataset data, int column, long from, long to) throws IOException {
    Source source = columns.get(column);
    return source.part().from().apply(data.read(source.position(), from, to));
  }

  /** Entries {@code [from, to)} as they are to be written. */
  public EventBatch read(Dataset data, Origin origin, long from, long to) throws IOException {
    List<Column> values = new ArrayList<>();
    int before = -1;
    Column whole = IntColumn.of();
    for (int i = 0; i < columns.size(); i++) {
      Source source = columns.get(i);
      if (source.position() != before) {
        whole = data.read(source.position(), from, to);
        before = source.position();
      }
      Column column = source.part().from().apply(whole);
      boolean isCounter = !column.type().equals(schema.fields().get(i).type());
      values.add(isCounter ? narrowed((NumberColumn) column) : column);
    }
    return EventBatch.of(origin.plus(from), schema, values, (int) (to - from));
  }

  private static IntColumn narrowed(NumberColumn counts) {
    int[] values = new int[counts.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(counts.getLong(i));
    }
    return IntColumn.of(values);
  }
}
