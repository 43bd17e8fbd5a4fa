package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.bitbeam.root.internal.write.FileBuilder;
import org.bitbeam.root.internal.write.TreeBuilder;

/**
 * Writes one tree: copied branches, new columns, or both. New columns are cut into clusters by
 * entries alone, so that the bytes do not depend on how the entries come in batches. Not safe for
 * several threads.
 */
public final class TreeWriter implements DatasetWriter {
  private final TreeBuilder tree;
  private final String context;
  private final Schema schema;
  private final TreeOptions options;
  private final Map<String, String> counters = new LinkedHashMap<>();
  private final Set<String> copiedCounters = new LinkedHashSet<>();
  private final List<TreeDataset> sources = new ArrayList<>();
  private long entries;
  private long clusterStart;
  private long clusterBytes;
  private int nextBorder;
  private boolean started;

  TreeWriter(FileBuilder file, String path, String title, Schema schema, TreeOptions options) {
    this.context = file.name() + ": tree " + path;
    this.schema = schema;
    this.options = options;
    this.tree = new TreeBuilder(file, path, title, options.compression());
    for (Schema.Field field : schema.fields()) {
      if (field.type() instanceof ColumnType.ListOf && !isVector(field)) {
        counters.put(
            field.name(), options.counters().getOrDefault(field.name(), "n" + field.name()));
      }
    }
  }

  /**
   * Copies branches, with everything inside, of one tree or of several one after the other. Baskets
   * are copied byte for byte, without being decompressed, also those of kinds that cannot be read.
   * Aliases, user information and cluster borders of the first tree come with them. To be called
   * before {@link #write}.
   *
   * @param from trees of this library, whose files must stay open until this returns
   * @param topLevel which branches, by their name at the top of the tree
   * @throws IllegalArgumentException when branches of one name differ in type between the trees
   */
  @Override
  public void copy(List<Dataset> from, Predicate<String> topLevel) throws IOException {
    if (started) {
      throw new IllegalStateException(
          context + ": branches have to be copied before entries are written");
    }
    List<TreeDataset> trees = new ArrayList<>();
    for (Dataset dataset : from) {
      if (!(dataset instanceof TreeDataset source)) {
        throw new IllegalArgumentException(
            dataset.path()
                + " is a "
                + dataset.className()
                + "; only a TTree can be copied into a TTree");
      }
      trees.add(source);
    }
    tree.copy(trees, topLevel);
    sources.addAll(trees);
  }

  /**
   * Attaches a string, such as a JSON document, to the tree: a {@code TNamed} in its user
   * information, behind what copied trees have there.
   */
  public void addUserInfo(String key, String text) {
    tree.addUserInfo(key, text);
  }

  /**
   * Names a friend: a tree with the same entries whose columns readers put beside those of this
   * one.
   *
   * @param alias name to address its columns by, such as {@code scores} in {@code scores.Jet_q}
   * @param treePath of the friend in its file
   * @param fileName of its file, as readers will find it; empty for this file
   */
  public void addFriend(String alias, String treePath, String fileName) {
    tree.addFriend(alias, treePath, fileName);
  }

  /**
   * Appends entries of the new columns. Lists of one counter must have the same lengths, and where
   * the counter is a copied branch or a column of its own, the lengths that it says.
   *
   * @throws IllegalArgumentException when the schema differs or lengths disagree; names column and
   *     entry
   */
  @Override
  public void write(EventBatch batch) throws IOException {
    start();
    if (!batch.schema().equals(schema)) {
      throw new IllegalArgumentException(
          context
              + ": a batch with columns "
              + batch.schema().names()
              + ", expected "
              + schema.names());
    }
    checkCopiedCounters(batch);
    int from = 0;
    while (from < batch.entries()) {
      int to = clusterEnd(batch, from);
      add(batch.slice(from, to));
      from = to;
    }
  }

  private boolean isVector(Schema.Field field) {
    return options.vectors().contains(field.name()) || TreeBuilder.needsVector(field.type());
  }

  private void start() {
    if (started) {
      return;
    }
    started = true;
    for (String counter : new LinkedHashSet<>(counters.values())) {
      if (tree.hasBranch(counter)) {
        copiedCounters.add(counter);
      } else if (schema.indexOf(counter) < 0) {
        tree.addColumn(
            context, Schema.Field.of(counter, ColumnType.Primitive.INT32), null, true, false, null);
      }
    }
    for (Schema.Field field : schema.fields()) {
      boolean counts = counters.containsValue(field.name());
      if (counts && (!(field.type() instanceof ColumnType.Primitive p) || p.isFloating())) {
        throw new IllegalArgumentException(
            context
                + ": column "
                + field.name()
                + " is to count lists, but is "
                + field.type().shape());
      }
      tree.addColumn(
          context,
          field,
          counters.get(field.name()),
          counts,
          isVector(field),
          options.reals().get(field.name()));
    }
  }

  private void checkCopiedCounters(EventBatch batch) throws IOException {
    for (String counter : copiedCounters) {
      Column copied = readCopied(counter, entries, entries + batch.entries());
      for (Map.Entry<String, String> entry : counters.entrySet()) {
        if (entry.getValue().equals(counter)) {
          checkCounts(entry.getKey(), (ListColumn) batch.column(entry.getKey()), counter, copied);
        }
      }
    }
  }

  private Column readCopied(String column, long from, long to) throws IOException {
    List<Column> parts = new ArrayList<>();
    long base = 0;
    for (TreeDataset source : sources) {
      long first = Math.max(from, base) - base;
      long end = Math.min(to, base + source.entries()) - base;
      if (end > first) {
        parts.add(source.read(List.of(column), first, end).column(column));
      }
      base += source.entries();
    }
    if (to > base) {
      throw new IllegalArgumentException(
          context + ": entries up to " + to + " are written, but the copied branches have " + base);
    }
    return parts.isEmpty() ? IntColumn.of() : org.bitbeam.columns.Columns.concatenate(parts);
  }

  private void checkCounts(String name, ListColumn lists, String counter, Column counts) {
    for (int i = 0; i < lists.length(); i++) {
      if (!(counts instanceof NumberColumn numbers) || numbers.getLong(i) != lists.count(i)) {
        throw new IllegalArgumentException(
            context
                + ", entry "
                + (entries + i)
                + ": column "
                + name
                + " has "
                + lists.count(i)
                + " items, but its counter "
                + counter
                + " says "
                + (counts instanceof NumberColumn n ? n.getLong(i) : counts.type().shape()));
      }
    }
  }

  /** End of the entries from {@code from} on that still belong to the current cluster. */
  private int clusterEnd(EventBatch batch, int from) {
    if (!options.borders().isEmpty()) {
      while (nextBorder < options.borders().size()
          && options.borders().get(nextBorder) <= entries) {
        nextBorder++;
      }
      long border =
          nextBorder < options.borders().size()
              ? options.borders().get(nextBorder)
              : Long.MAX_VALUE;
      return (int)
          Math.min(batch.entries(), from + Math.min(border - entries, Integer.MAX_VALUE / 2));
    }
    for (int i = from; i < batch.entries(); i++) {
      clusterBytes += tree.bytes(batch, i);
      if (clusterBytes >= options.clusterBytes()) {
        return i + 1;
      }
    }
    return batch.entries();
  }

  private void add(EventBatch batch) throws IOException {
    for (String counter : new LinkedHashSet<>(counters.values())) {
      IntColumn counts = counts(batch, counter);
      if (schema.indexOf(counter) >= 0) {
        for (Map.Entry<String, String> entry : counters.entrySet()) {
          if (entry.getValue().equals(counter)) {
            checkCounts(
                entry.getKey(),
                (ListColumn) batch.column(entry.getKey()),
                counter,
                batch.column(counter));
          }
        }
      } else if (!copiedCounters.contains(counter)) {
        tree.add(counter, counts);
      }
    }
    for (int i = 0; i < batch.columns().size(); i++) {
      tree.add(schema.fields().get(i).name(), batch.columns().get(i));
    }
    entries += batch.entries();
    boolean atBorder =
        options.borders().isEmpty()
            ? clusterBytes >= options.clusterBytes()
            : nextBorder < options.borders().size() && options.borders().get(nextBorder) == entries;
    if (atBorder) {
      endCluster();
    }
  }

  private IntColumn counts(EventBatch batch, String counter) {
    IntColumn first = null;
    for (Map.Entry<String, String> entry : counters.entrySet()) {
      if (!entry.getValue().equals(counter)) {
        continue;
      }
      ListColumn lists = (ListColumn) batch.column(entry.getKey());
      if (first == null) {
        int[] counts = new int[lists.length()];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = lists.count(i);
        }
        first = IntColumn.of(counts);
      } else {
        checkCounts(entry.getKey(), lists, counter, first);
      }
    }
    return first == null ? IntColumn.of() : first;
  }

  private void endCluster() throws IOException {
    if (entries > clusterStart) {
      tree.flush(entries);
      clusterStart = entries;
      clusterBytes = 0;
    }
  }

  /**
   * Completes the tree and lists it in the file.
   *
   * @throws IllegalArgumentException when copied branches and new columns have different numbers of
   *     entries
   */
  @Override
  public void finish() throws IOException {
    start();
    endCluster();
    tree.finish(schema.size() > 0, entries);
  }
}
