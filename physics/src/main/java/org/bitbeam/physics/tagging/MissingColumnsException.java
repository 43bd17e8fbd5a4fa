package org.bitbeam.physics.tagging;

import java.util.List;
import org.bitbeam.columns.Schema;

/** A dataset has not the columns of a layout. */
final class MissingColumnsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String missing;

  private MissingColumnsException(String missing, Schema dataset) {
    super(missing + "; there are: " + String.join(", ", dataset.names()));
    this.missing = missing;
  }

  /** What the layout lacks, without the list of what is there. */
  String missing() {
    return missing;
  }

  /** Checks that all columns are there. */
  static void check(String layout, Schema dataset, List<String> columns) {
    List<String> absent = columns.stream().filter(c -> dataset.indexOf(c) < 0).toList();
    if (!absent.isEmpty()) {
      throw of(layout, dataset, "needs " + String.join(", ", absent));
    }
  }

  static MissingColumnsException of(String layout, Schema dataset, String needs) {
    return new MissingColumnsException("layout " + layout + " " + needs, dataset);
  }
}
