package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.ntuple.NtupleBuilder;
import org.bitbeam.root.internal.ntuple.NtupleDataset;
import org.bitbeam.root.internal.write.FileBuilder;

/**
 * Writes one RNTuple: copied fields, new columns, or both. Clusters are cut by entries alone, so
 * that the bytes do not depend on how the entries come in batches; beside copied fields they are
 * those of the source. Not safe for several threads.
 */
public final class NtupleWriter implements DatasetWriter {
  private final NtupleBuilder ntuple;
  private final String context;
  private final Schema schema;
  private final NtupleOptions options;
  private List<Long> borders;
  private long entries;
  private long clusterStart;
  private long clusterBytes;
  private int nextBorder;
  private boolean started;

  NtupleWriter(
      FileBuilder file, String path, String description, Schema schema, NtupleOptions options) {
    this.context = file.name() + ": ntuple " + path;
    this.schema = schema;
    this.options = options;
    this.borders = options.borders();
    this.ntuple = new NtupleBuilder(file, path, description, options);
  }

  /**
   * Copies fields, with everything inside, of one ntuple or of several one after the other. Pages
   * are copied byte for byte, without being decompressed, after their checksums were verified, also
   * those of kinds that cannot be read. A projected field brings the one that it shows. To be
   * called once, before {@link #write}.
   *
   * @param from ntuples of this library, whose files must stay open until this returns
   * @param topLevel which fields, by their name at the top
   * @throws IllegalArgumentException when the fields differ between the ntuples, in type or
   *     encoding
   */
  @Override
  public void copy(List<Dataset> from, Predicate<String> topLevel) throws IOException {
    if (started) {
      throw new IllegalStateException(
          context + ": fields have to be copied before entries are written");
    }
    List<NtupleDataset> sources = new ArrayList<>();
    for (Dataset dataset : from) {
      if (!(dataset instanceof NtupleDataset source)) {
        throw new IllegalArgumentException(
            dataset.path()
                + " is a "
                + dataset.className()
                + "; only an RNTuple can be copied into an RNTuple");
      }
      sources.add(source);
    }
    ntuple.copy(sources, topLevel);
    borders = ntuple.copiedEnds();
  }

  /**
   * Appends entries of the new columns.
   *
   * @throws IllegalArgumentException when the schema differs, a number is outside of the range that
   *     it is to be stored in, or there are more entries than the copied fields have
   * @throws UnsupportedRootException when a column is of a type that an ntuple is not written with
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
    if (ntuple.hasCopies() && entries + batch.entries() > copiedEntries()) {
      throw new IllegalArgumentException(
          context
              + ": entries up to "
              + (entries + batch.entries())
              + " are written, but the copied fields have "
              + copiedEntries());
    }
    int from = 0;
    while (from < batch.entries()) {
      int to = clusterEnd(batch, from);
      ntuple.add(batch.slice(from, to));
      entries += to - from;
      boolean atBorder =
          byBytes() ? clusterBytes >= options.clusterBytes() : borders.get(nextBorder) == entries;
      if (atBorder) {
        endCluster();
      }
      from = to;
    }
  }

  private long copiedEntries() {
    return borders.isEmpty() ? 0 : borders.get(borders.size() - 1);
  }

  private boolean byBytes() {
    return nextBorder >= borders.size();
  }

  private void start() {
    if (!started) {
      started = true;
      for (Schema.Field field : schema.fields()) {
        ntuple.addColumn(field);
      }
    }
  }

  /** End of the entries from {@code from} on that still belong to the current cluster. */
  private int clusterEnd(EventBatch batch, int from) {
    while (nextBorder < borders.size() && borders.get(nextBorder) <= entries) {
      nextBorder++;
    }
    int count = batch.entries();
    if (!byBytes()) {
      return (int) Math.min(count, from + (borders.get(nextBorder) - entries));
    }
    long room = options.clusterBytes() - clusterBytes;
    int end = count;
    if (ntuple.bytes(batch, from, count) >= room) {
      int low = from + 1;
      while (low < end) {
        int middle = (low + end) >>> 1;
        if (ntuple.bytes(batch, from, middle) >= room) {
          end = middle;
        } else {
          low = middle + 1;
        }
      }
    }
    clusterBytes += ntuple.bytes(batch, from, end);
    return end;
  }

  private void endCluster() throws IOException {
    if (entries > clusterStart) {
      ntuple.endCluster(entries);
      clusterStart = entries;
      clusterBytes = 0;
    }
  }

  /**
   * Completes the ntuple and lists it in the file.
   *
   * @throws IllegalArgumentException when copied fields and new columns have different numbers of
   *     entries
   */
  @Override
  public void finish() throws IOException {
    start();
    boolean isComplete = !ntuple.hasCopies() || entries == copiedEntries();
    if (isComplete) {
      endCluster();
    }
    ntuple.finish(schema.size() > 0, entries);
  }
}
