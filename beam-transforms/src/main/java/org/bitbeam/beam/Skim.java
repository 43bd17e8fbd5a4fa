package org.bitbeam.beam;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.ConvertPlan;
import org.bitbeam.root.Dataset;

/**
 * An output without some of the input's entries: those that have no value in the new columns, which
 * are optional. Baskets cannot be copied for it, so the input's columns are decoded; they get the
 * names and types they had, or there is no output.
 */
final class Skim {
  private final Dataset input;
  private final ConvertPlan plan;
  private final Schema added;
  private final boolean isTree;

  private Skim(Dataset input, ConvertPlan plan, Schema added, boolean isTree) {
    this.input = input;
    this.plan = plan;
    this.added = added;
    this.isTree = isTree;
  }

  /**
   * Plans the output.
   *
   * @param file name of the input file
   * @param topLevel which columns of the input, by their names at the top; their counters are added
   * @param parts schema of the new columns
   * @throws IOException naming columns that cannot be written without some of their entries
   */
  static Skim of(String file, Dataset input, Predicate<String> topLevel, Schema parts)
      throws IOException {
    boolean isTree = !AssembleFn.isNtuple(input);
    Set<String> wanted = new HashSet<>();
    for (ColumnInfo info : input.columns()) {
      if (topLevel.test(topLevel(info.name()))) {
        wanted.add(info.name());
        if (isTree) {
          wanted.add(AssembleFn.counter(info.name()));
        }
      }
    }
    ConvertPlan plan = ConvertPlan.of(input, wanted::contains, isTree, false);
    Map<String, String> refused = new LinkedHashMap<>(plan.leftOut());
    plan.renamed().forEach((from, to) -> refused.put(from, "it would be named " + to));
    for (Schema.Field field : plan.schema().fields()) {
      if (isTree && field.name().contains("/")) {
        refused.put(field.name(), "it is a branch inside of another");
      }
    }
    if (!refused.isEmpty()) {
      Map.Entry<String, String> first = refused.entrySet().iterator().next();
      throw new IOException(
          file
              + ": "
              + input.path()
              + ": column "
              + first.getKey()
              + " cannot be written without the entries that are filtered out: "
              + first.getValue()
              + (refused.size() > 1 ? " (and " + (refused.size() - 1) + " more such columns)" : "")
              + "; leave it out: --mode slim --keep with the columns to keep");
    }
    List<Schema.Field> added = new ArrayList<>();
    for (Schema.Field field : parts.fields()) {
      if (!(field.type() instanceof ColumnType.OptionalOf optional)) {
        throw new IllegalArgumentException(
            file + ": column " + field.name() + " is not optional, so all its entries are kept");
      }
      added.add(
          new Schema.Field(field.name(), optional.element(), field.description(), field.unit()));
    }
    return new Skim(input, plan, new Schema(added), isTree);
  }

  private static String topLevel(String column) {
    int slash = column.indexOf('/');
    return slash < 0 ? column : column.substring(0, slash);
  }

  /** Columns of the output. */
  Schema schema() {
    List<Schema.Field> fields = new ArrayList<>(plan.schema().fields());
    fields.addAll(added.fields());
    return new Schema(fields);
  }

  /** Counters of the output's lists in a tree. */
  Map<String, String> counters() {
    Map<String, String> counters = new HashMap<>(AssembleFn.counters(added));
    counters.putAll(plan.counters());
    return counters;
  }

  /** Columns that are vectors and strings of C++ in the input tree. */
  Set<String> vectors() {
    Set<String> vectors = new HashSet<>();
    List<ColumnInfo> infos = input.columns();
    for (ConvertPlan.Source source : isTree ? plan.columns() : List.<ConvertPlan.Source>of()) {
      String type = infos.get(source.position()).rootType();
      if (type.startsWith("vector<") || type.equals("string")) {
        vectors.add(source.part().name());
      }
    }
    return vectors;
  }

  /** The kept entries of a part, with the input's columns. */
  EventBatch kept(EventBatch part) throws IOException {
    OptionalColumn any = (OptionalColumn) part.columns().get(0);
    BitSet kept = new BitSet(part.entries());
    for (int i = 0; i < part.entries(); i++) {
      kept.set(i, any.isPresent(i));
    }
    List<Column> columns = new ArrayList<>();
    if (!kept.isEmpty()) {
      long first = part.origin().firstEntry();
      for (Column column :
          plan.read(input, part.origin().plus(-first), first, first + part.entries()).columns()) {
        columns.add(Columns.choose(column, kept));
      }
    } else {
      columns.addAll(plan.read(input, part.origin(), 0, 0).columns());
    }
    for (Column column : part.columns()) {
      columns.add(((OptionalColumn) column).elements());
    }
    return EventBatch.of(part.origin(), schema(), columns, kept.cardinality());
  }
}
