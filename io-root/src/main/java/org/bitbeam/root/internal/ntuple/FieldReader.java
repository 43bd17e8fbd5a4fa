package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;

/** How a field becomes a column. Immutable. */
interface FieldReader {

  /** Type of the column. */
  ColumnType type();

  /**
   * Reads elements {@code [from, to)} of the field in a cluster.
   *
   * @param total elements that the field has in the cluster, -1 when that is not known
   */
  Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
      throws IOException;
}
