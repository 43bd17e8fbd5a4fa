package org.bitbeam.root;

import java.util.Optional;

/**
 * A dataset whose columns are to stand beside those of another one ({@link Dataset#joined}).
 *
 * @param name goes in front of the names of its columns, with a dot
 * @param dataset the friend; closing its file stays with the caller
 * @param index the columns, in both datasets, by whose equal values entries belong together; empty
 *     when they belong together by their number
 */
public record Friend(String name, Dataset dataset, Optional<DatasetLinks.Index> index) {

  /** A friend whose entries belong to those of the same number. */
  public static Friend byEntry(String name, Dataset dataset) {
    return new Friend(name, dataset, Optional.empty());
  }

  /**
   * A friend whose entries are found by the values of columns, such as {@code run} and {@code
   * event}.
   */
  public static Friend byIndex(String name, Dataset dataset, String major, String minor) {
    return new Friend(name, dataset, Optional.of(new DatasetLinks.Index(major, minor)));
  }
}
