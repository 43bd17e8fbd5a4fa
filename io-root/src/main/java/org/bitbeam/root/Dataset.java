package org.bitbeam.root;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/** Entries with columns in a file: a TTree or an RNTuple. Safe for several threads. */
public interface Dataset {

  /** Name with the path of its directory, such as {@code Events} or {@code folder/Events}. */
  String path();

  /** Number that tells datasets of one name apart; the highest is the newest. */
  int cycle();

  /** ROOT's class: {@code TTree}, {@code TNtuple}, {@code TNtupleD}, {@code ROOT::RNTuple}. */
  String className();

  /** Title for people. */
  String title();

  /** Number of entries. */
  long entries();

  /** Aliases, friends, index. Nothing for an RNTuple. */
  DatasetLinks links();

  /**
   * All columns in the order of the file, those that cannot be read too.
   *
   * @throws UncheckedIOException when the file cannot be read
   */
  List<ColumnInfo> columns();

  /** The columns that can be read; of several with one name the first. */
  Schema schema();

  /**
   * Consecutive ranges that cover all entries and are good to read at once.
   *
   * @throws UncheckedIOException when the file cannot be read
   */
  List<Cluster> clusters();

  /**
   * Reads entries {@code [from, to)} of the named columns; of the file only what these need is
   * read.
   *
   * @throws IllegalArgumentException when there is no such column or range; says what there is
   * @throws UnsupportedRootException when a column is of a kind that cannot be read
   * @throws RootFormatException when the bytes are wrong
   */
  EventBatch read(List<String> columns, long from, long to) throws IOException;

  /**
   * The same with one task for each column, such as for a pool of a few threads. Waits for all of
   * them.
   *
   * @param executor runs the tasks; it must not run out of threads when called from one of its own
   */
  default EventBatch read(List<String> columns, long from, long to, Executor executor)
      throws IOException {
    EventBatch none = read(List.of(), from, to);
    List<CompletableFuture<EventBatch>> tasks = new ArrayList<>();
    for (String column : columns) {
      tasks.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return read(List.of(column), from, to);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              executor));
    }
    try {
      EventBatch all = none;
      for (CompletableFuture<EventBatch> task : tasks) {
        EventBatch one = task.join();
        all = all.with(one.schema().fields().get(0), one.columns().get(0));
      }
      return all;
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException io) {
        throw io.getCause();
      }
      throw e.getCause() instanceof RuntimeException wrong ? wrong : e;
    }
  }

  /**
   * Reads entries {@code [from, to)} of one column by its position in {@link #columns()}, which
   * tells columns of one name apart.
   *
   * @throws IllegalArgumentException when there is no such range
   * @throws IndexOutOfBoundsException when there is no such column
   * @throws UnsupportedRootException when the column is of a kind that cannot be read
   * @throws RootFormatException when the bytes are wrong
   */
  Column read(int column, long from, long to) throws IOException;

  /**
   * A dataset with the columns of friends beside its own, called {@code friend.column}. A friend
   * joined by an index, or with fewer entries, has optional values: absent where it has no entry.
   * The index of a friend is read at once and held in memory.
   *
   * @throws IllegalArgumentException when two entries of a friend have the same keys
   */
  static Dataset joined(Dataset main, List<Friend> friends) throws IOException {
    return JoinedDataset.of(main, friends);
  }

  /**
   * Like {@link #chain}, but with the columns that any of the datasets has. A column that some do
   * not have is optional: absent in all entries of these. One of different types is listed with the
   * reason and cannot be read.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Dataset union(List<? extends Dataset> datasets) {
    return ChainedDataset.union(datasets);
  }

  /**
   * Several datasets one after the other, such as the same tree of many files. The chain has the
   * columns that all of them have with the same type; the origin of a batch is that of its first
   * entry. Closing the files stays with the caller.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Dataset chain(List<? extends Dataset> datasets) {
    return ChainedDataset.of(datasets);
  }

  /**
   * A range of entries.
   *
   * @param first its first entry
   * @param end entry after its last
   * @param storedBytes compressed bytes of all columns in it; an estimate where pieces overlap its
   *     borders
   */
  record Cluster(long first, long end, long storedBytes) {}
}
