package org.bitbeam.root;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.EventBatch;

/**
 * A piece of a dataset for one worker to read: small, serialisable, and bound to the content of the
 * file by its fingerprint.
 *
 * @param file name of the source, as the user gave it
 * @param fingerprint of its content when the plan was made
 * @param dataset path with cycle, such as {@code folder/Events;1}
 * @param columns to read
 * @param first first entry
 * @param end entry after the last
 */
public record ReadPlan(
    String file, String fingerprint, String dataset, List<String> columns, long first, long end)
    implements Serializable {

  public ReadPlan {
    columns = List.copyOf(columns);
  }

  /**
   * Cuts a dataset into pieces of whole clusters, which together are all of it.
   *
   * @param columns to read
   * @param targetBytes clusters are joined until the chosen columns have about so many stored bytes
   * @throws IllegalArgumentException when there is no such column; says what there is
   */
  public static List<ReadPlan> of(
      RootFile file, Dataset dataset, List<String> columns, long targetBytes) throws IOException {
    dataset.read(columns, 0, 0); // the names are checked before any work is given away
    double share = share(dataset.columns(), columns);
    String name = dataset.path() + ";" + dataset.cycle();
    List<ReadPlan> plans = new ArrayList<>();
    long first = 0;
    double bytes = 0;
    List<Dataset.Cluster> clusters = dataset.clusters();
    for (int i = 0; i < clusters.size(); i++) {
      Dataset.Cluster cluster = clusters.get(i);
      bytes += cluster.storedBytes() * share;
      if (bytes >= targetBytes || i == clusters.size() - 1) {
        plans.add(
            new ReadPlan(file.name(), file.fingerprint(), name, columns, first, cluster.end()));
        first = cluster.end();
        bytes = 0;
      }
    }
    return List.copyOf(plans);
  }

  private static double share(List<ColumnInfo> infos, List<String> columns) {
    long all = 0;
    long chosen = 0;
    for (ColumnInfo info : infos) {
      all += info.storedBytes();
      chosen += columns.contains(info.name()) ? info.storedBytes() : 0;
    }
    return all == 0 ? 1 : chosen / (double) all;
  }

  /** Number of entries. */
  public long entries() {
    return end - first;
  }

  /**
   * Reads the piece.
   *
   * @param opened the same file, opened by the worker
   * @throws IllegalArgumentException when its content is not what the plan was made for
   */
  public EventBatch read(RootFile opened) throws IOException {
    if (!opened.fingerprint().equals(fingerprint)) {
      throw new IllegalArgumentException(
          opened.name()
              + ": its content has changed since the plan was made for "
              + file
              + "; plan again");
    }
    return opened.dataset(dataset).read(columns, first, end);
  }
}
