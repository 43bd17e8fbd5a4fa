package org.bitbeam.root.internal.ntuple;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.bytes.LittleOutput;

/**
 * Writes the page lists of an ntuple, one group of clusters after the other. Counts the elements of
 * every column, because a list says how many there were before each cluster.
 */
final class PageListWriter {
  private static final int DEFERRED = 1;

  private final int[] position;
  private final long[] elements;

  /**
   * A writer for columns as the header and its extension describe them.
   *
   * @param columns their descriptions
   */
  PageListWriter(List<byte[]> columns) {
    this.position = new int[columns.size()];
    this.elements = new long[columns.size()];
    Map<List<Integer>, Integer> met = new HashMap<>();
    Map<List<Integer>, Integer> numbers = new HashMap<>();
    for (int i = 0; i < position.length; i++) {
      LittleCursor in = new LittleCursor("column", columns.get(i), 0, columns.get(i).length);
      in.skip(4);
      int field = in.i32();
      int flags = in.u16();
      int representation = in.u16();
      // Those with the same elements in other representations are counted as one.
      int at = met.merge(List.of(field, representation), 1, Integer::sum);
      position[i] = numbers.computeIfAbsent(List.of(field, at), k -> numbers.size());
      // A column that begins late is counted from where it begins; negative when suppressed there.
      long first = (flags & DEFERRED) != 0 ? Math.abs(in.i64()) : 0;
      elements[position[i]] = Math.max(elements[position[i]], first);
    }
  }

  /** Writes what is in the envelope of the next group. */
  void write(LittleOutput out, long headerChecksum, List<PageList.Cluster> clusters) {
    out.i64(headerChecksum);
    int summaries = out.beginList();
    for (PageList.Cluster cluster : clusters) {
      int record = out.beginRecord();
      out.i64(cluster.firstEntry()).i64(cluster.entries());
      out.endRecord(record);
    }
    out.endList(summaries, clusters.size());
    int all = out.beginList();
    for (PageList.Cluster cluster : clusters) {
      int columns = out.beginList();
      boolean[] counted = new boolean[elements.length];
      long[] before = elements.clone();
      for (int c = 0; c < cluster.columns().size(); c++) {
        PageList.Pages pages = cluster.columns().get(c);
        write(out, pages, before[position[c]]);
        if (!pages.isSuppressed() && !counted[position[c]]) {
          counted[position[c]] = true;
          elements[position[c]] += pages.elements();
        }
      }
      out.endList(columns, cluster.columns().size());
    }
    out.endList(all, clusters.size());
  }

  private static void write(LittleOutput out, PageList.Pages pages, long firstElement) {
    int list = out.beginList();
    for (int p = 0; p < pages.count(); p++) {
      int elements = (int) (pages.firstElements()[p + 1] - pages.firstElements()[p]);
      out.i32(pages.hasChecksum()[p] ? -elements : elements);
      out.i32(pages.stored()[p]).i64(pages.positions()[p]);
    }
    if (pages.isSuppressed()) {
      out.i64(Long.MIN_VALUE);
    } else {
      out.i64(firstElement).i32(pages.compression());
    }
    out.endList(list, pages.count());
  }
}
