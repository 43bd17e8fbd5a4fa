package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.file.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * Delivers ranges of elements of columns: finds the pages, reads, verifies and decompresses them.
 * Keeps the last page of every column, for reads of consecutive small ranges. Safe for several
 * threads.
 */
final class PageSource {
  /** Pages that lie closer to each other are fetched in one read. */
  private static final long LARGEST_FETCH = 8 << 20;

  private final Blobs blobs;
  private final String context;
  private final AtomicReferenceArray<@Nullable Kept> lastPages;

  /** A page that may be wanted again. */
  private record Kept(PageList.Pages pages, int page, PageDecoder.Page content) {}

  PageSource(Blobs blobs, String context, int columns) {
    this.blobs = blobs;
    this.context = context;
    this.lastPages = new AtomicReferenceArray<>(columns);
  }

  private PageSource(PageSource of, Blobs blobs) {
    this.blobs = blobs;
    this.context = of.context;
    this.lastPages = of.lastPages;
  }

  /** The same for one read; see {@link Records#gathered}. */
  PageSource gathered(List<Records.Extent> extents) {
    return new PageSource(this, blobs.gathered(extents));
  }

  /**
   * Adds where the pages lie that a read of entries {@code [from, to)} of a cluster fetches. Which
   * elements of inner columns these entries have is not known yet: as many as their share of the
   * entries is assumed, and a page more on both sides.
   */
  void addExtents(
      int column, PageList.Cluster cluster, long from, long to, List<Records.Extent> extents) {
    PageList.Pages pages = cluster.pages(column);
    if (pages == null || pages.isSuppressed() || pages.count() == 0) {
      return;
    }
    double elementsAnEntry = pages.elements() / (double) cluster.entries();
    int first = pageOf(pages, (long) (from * elementsAnEntry));
    int last = pageOf(pages, (long) (to * elementsAnEntry));
    if (pages.elements() != cluster.entries()) {
      first = Math.max(0, first - 1);
      last = Math.min(pages.count() - 1, last + 1);
    }
    for (int page = first; page <= last; page++) {
      Kept kept = lastPages.get(column);
      if (kept == null || kept.pages() != pages || kept.page() != page) {
        extents.add(new Records.Extent(pages.positions()[page], storedBytes(pages, page)));
      }
    }
  }

  private static int pageOf(PageList.Pages pages, long element) {
    int found = Arrays.binarySearch(pages.firstElements(), 0, pages.count(), element);
    return Math.max(0, found < 0 ? -found - 2 : found);
  }

  Records records() {
    return blobs.records();
  }

  /** An error that names the field. */
  RootFormatException malformed(String field, PageList.Cluster cluster, String what) {
    return new RootFormatException(where(field, cluster) + ": " + what);
  }

  /** File, ntuple, field and cluster, for messages. */
  String where(String field, PageList.Cluster cluster) {
    return context + ", field " + field + ", cluster of entry " + cluster.firstEntry();
  }

  /** Takes the elements of one page. */
  interface Decoder {
    /**
     * Decodes elements {@code [skip, skip + count)} of a page to position {@code to} of the target.
     */
    void decode(PageDecoder.Page page, int skip, int count, int to);
  }

  /** Chooses how to decode a column once it is known which representation a cluster uses. */
  interface DecoderOf {
    Decoder of(Description.PhysicalColumn column);
  }

  /**
   * The column of the representation that a cluster uses.
   *
   * @param candidates the columns of one position of a field, one a representation
   */
  static Description.@Nullable PhysicalColumn used(
      List<Description.PhysicalColumn> candidates, PageList.Cluster cluster) {
    for (Description.PhysicalColumn column : candidates) {
      PageList.Pages pages = cluster.pages(column.id());
      if (pages != null && !pages.isSuppressed()) {
        return column;
      }
    }
    return null;
  }

  /**
   * Decodes elements {@code [from, to)} of a column in a cluster. Elements from before the column
   * existed are left out: the target holds zeros there.
   *
   * @param total elements that the column has in the cluster, -1 when that is not known
   */
  void read(
      String field,
      List<Description.PhysicalColumn> candidates,
      PageList.Cluster cluster,
      long from,
      long to,
      long total,
      DecoderOf decoders)
      throws IOException {
    Description.PhysicalColumn column = used(candidates, cluster);
    PageList.Pages pages = column == null ? null : cluster.pages(column.id());
    long stored = pages == null ? 0 : pages.elements();
    long missing = 0;
    if (total >= 0 && stored != total) {
      missing = total - stored;
      boolean mayBeMissing =
          candidates.get(0).isDeferred()
              || candidates.stream().allMatch(c -> cluster.pages(c.id()) == null);
      if (missing < 0 || !mayBeMissing) {
        throw malformed(
            field, cluster, "its pages hold " + stored + " elements, expected " + total);
      }
    }
    if (to > stored + missing) {
      throw malformed(
          field, cluster, "its pages hold " + stored + " elements, expected at least " + to);
    }
    if (column == null || pages == null || from == to) {
      return;
    }
    read(
        where(field, cluster),
        column,
        pages,
        Math.max(0, from - missing),
        Math.max(0, to - missing),
        (int) Math.max(0, missing - from),
        decoders.of(column));
  }

  private void read(
      String where,
      Description.PhysicalColumn column,
      PageList.Pages pages,
      long from,
      long to,
      int target,
      Decoder decoder)
      throws IOException {
    int page = Arrays.binarySearch(pages.firstElements(), from);
    page = page < 0 ? -page - 2 : page;
    byte[] fetched = new byte[0];
    long fetchedFrom = 0;
    long fetchedEnd = 0;
    int at = target;
    try (Workspace work = records().workspace()) {
      for (; page < pages.count() && pages.firstElements()[page] < to; page++) {
        long first = pages.firstElements()[page];
        int elements = (int) (pages.firstElements()[page + 1] - first);
        if (elements == 0 || first + elements <= from) {
          continue; // empty pages share their first element with the one that follows
        }
        Kept kept = lastPages.get(column.id());
        PageDecoder.Page content;
        if (kept != null && kept.pages() == pages && kept.page() == page) {
          content = kept.content();
        } else {
          long position = pages.positions()[page];
          int bytes = storedBytes(pages, page);
          if (position < fetchedFrom || position + bytes > fetchedEnd) {
            long length = fetchLength(pages, page, to);
            fetchedFrom = position;
            fetchedEnd = position + length;
            fetched = blobs.bytes(where, position, length, work);
          }
          boolean keep = first + elements > to; // its other elements will probably be wanted next
          content =
              unpack(
                  where,
                  column,
                  pages,
                  page,
                  elements,
                  fetched,
                  (int) (position - fetchedFrom),
                  work,
                  keep);
          if (keep) {
            lastPages.set(column.id(), new Kept(pages, page, content));
          }
        }
        int skip = (int) Math.max(0, from - first);
        int count = (int) (Math.min(to, first + elements) - first) - skip;
        decoder.decode(content, skip, count, at);
        at += count;
      }
    }
  }

  private static int storedBytes(PageList.Pages pages, int page) {
    return pages.stored()[page] + (pages.hasChecksum()[page] ? Checksum.BYTES : 0);
  }

  /** Bytes of this page and of those that follow it immediately in the file and are wanted too. */
  private long fetchLength(PageList.Pages pages, int page, long to) {
    long start = pages.positions()[page];
    long end = start + storedBytes(pages, page);
    for (int next = page + 1;
        next < pages.count()
            && pages.firstElements()[next] < to
            && pages.positions()[next] == end
            && end + storedBytes(pages, next) - start
                <= Math.min(LARGEST_FETCH, blobs.largestRecord());
        next++) {
      end += storedBytes(pages, next);
    }
    return end - start;
  }

  private static PageDecoder.Page unpack(
      String where,
      Description.PhysicalColumn column,
      PageList.Pages pages,
      int page,
      int elements,
      byte[] bytes,
      int at,
      Workspace work,
      boolean keep) {
    int stored = pages.stored()[page];
    if (pages.hasChecksum()[page] && !Checksum.follows(bytes, at, stored)) {
      throw new RootFormatException(
          where
              + ": page "
              + page
              + " of column "
              + column.id()
              + " does not have the checksum that is stored with it; fetch the file again");
    }
    int size = (int) (((long) elements * column.bits() + 7) / 8);
    if (size != stored) {
      byte[] unpacked = work.unpack(where, bytes, at, stored, size, keep);
      return new PageDecoder.Page(unpacked, 0, elements);
    }
    return keep
        ? new PageDecoder.Page(Arrays.copyOfRange(bytes, at, at + size), 0, elements)
        : new PageDecoder.Page(bytes, at, elements);
  }

  /** Checks that a column of so many bytes may be made. */
  int length(String field, PageList.Cluster cluster, long from, long to, int bytesEach) {
    if (from < 0
        || to < from
        || (to - from + 1) * bytesEach > records().limits().maxColumnBytes()) {
      throw new UnsupportedRootException(
          where(field, cluster)
              + ": elements "
              + from
              + " to "
              + to
              + " take more than "
              + records().limits().maxColumnBytes()
              + " bytes; read fewer entries at once");
    }
    return (int) (to - from);
  }
}
