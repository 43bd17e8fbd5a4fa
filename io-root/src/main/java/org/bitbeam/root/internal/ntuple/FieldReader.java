package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Columns;

/** How a field becomes a column. Immutable. */
interface FieldReader {
  /**
   * Elements {@code [from, to)} of a field in a cluster.
   *
   * @param total elements that the field has in the cluster, -1 when that is not known
   */
  record Span(PageList.Cluster cluster, long from, long to, long total) {}

  /** Type of the column. */
  ColumnType type();

  /**
   * Reads elements {@code [from, to)} of the field in a cluster.
   *
   * @param total elements that the field has in the cluster, -1 when that is not known
   */
  Column read(PageSource source, PageList.Cluster cluster, long from, long to, long total)
      throws IOException;

  /**
   * Reads elements of several clusters into one column. Those who can put them into place at once
   * do, which saves copying them.
   *
   * @param spans one or more
   * @throws ArithmeticException when there are more than 2^31 of anything
   */
  default Column read(PageSource source, List<Span> spans) throws IOException {
    List<Column> parts = new ArrayList<>();
    for (Span span : spans) {
      parts.add(read(source, span.cluster(), span.from(), span.to(), span.total()));
    }
    return Columns.concatenate(parts);
  }
}
