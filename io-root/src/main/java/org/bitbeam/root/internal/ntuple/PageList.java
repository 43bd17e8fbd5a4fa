package org.bitbeam.root.internal.ntuple;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.jspecify.annotations.Nullable;

/** Where the pages of a group of clusters lie. */
record PageList(List<Cluster> clusters) {
  private static final int SHARDED = 1;
  private static final int FLAG_SHIFT = 56;
  private static final int LARGE_LOCATOR = 1;
  private static final int PAGE_BYTES = 16;

  long firstEntry() {
    return clusters.isEmpty() ? 0 : clusters.get(0).firstEntry();
  }

  long endEntry() {
    return clusters.isEmpty() ? 0 : clusters.get(clusters.size() - 1).endEntry();
  }

  /** Checks that clusters follow each other from an entry on, and says where they end. */
  long checkedEnd(String where, long firstEntry) {
    long next = firstEntry;
    for (Cluster cluster : clusters) {
      if (cluster.firstEntry() != next || cluster.entries() > Long.MAX_VALUE - next) {
        throw new RootFormatException(
            where + ": a cluster begins at entry " + cluster.firstEntry() + ", expected " + next);
      }
      next = cluster.endEntry();
    }
    return next;
  }

  /**
   * Consecutive entries.
   *
   * @param firstEntry number of its first entry
   * @param entries number of entries
   * @param columns pages of each column by its id; columns that did not exist yet are missing
   */
  record Cluster(long firstEntry, long entries, List<Pages> columns) {
    long endEntry() {
      return firstEntry + entries;
    }

    /** The pages of a column; null when it did not exist yet. */
    @Nullable Pages pages(int column) {
      return column < columns.size() ? columns.get(column) : null;
    }
  }

  /**
   * The pages of a column in a cluster.
   *
   * @param isSuppressed whether another representation of the field stores its values
   * @param firstElements number of the first element of each page in the cluster, and the end
   * @param positions in the file
   * @param stored bytes there
   * @param hasChecksum whether a checksum follows each
   * @param compression ROOT's number of it, such as 505
   */
  record Pages(
      boolean isSuppressed,
      long[] firstElements,
      long[] positions,
      int[] stored,
      boolean[] hasChecksum,
      int compression) {
    int count() {
      return positions.length;
    }

    long elements() {
      return firstElements[positions.length];
    }
  }

  /**
   * Reads the envelope.
   *
   * @param headerChecksum of the header that it must belong to
   */
  static PageList read(
      LittleCursor in, Description description, long headerChecksum, ReadLimits limits) {
    if (in.i64() != headerChecksum) {
      throw in.malformed("it does not belong to the header of this ntuple");
    }
    LittleCursor.Frame summaries = in.list(Long.BYTES);
    long[] first = new long[summaries.items()];
    long[] entries = new long[summaries.items()];
    for (int i = 0; i < summaries.items(); i++) {
      LittleCursor.Frame frame = in.record();
      first[i] = in.length("the first entry of a cluster");
      long word = in.i64();
      entries[i] = word & (1L << FLAG_SHIFT) - 1;
      if (word >>> FLAG_SHIFT != 0) {
        throw new UnsupportedRootException(
            in.malformed("").getMessage()
                + (word >>> FLAG_SHIFT == SHARDED ? "sharded clusters" : "unknown cluster flags")
                + " cannot be read; a newer version may");
      }
      in.leave(frame);
    }
    in.leave(summaries);
    LittleCursor.Frame list = in.list(Long.BYTES);
    if (list.items() != first.length) {
      throw in.malformed("pages of " + list.items() + " clusters, but there are " + first.length);
    }
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.list(Long.BYTES);
      if (frame.items() > description.columns().size()) {
        throw in.malformed(
            "pages of " + frame.items() + " columns, there are " + description.columns().size());
      }
      List<Pages> columns = new ArrayList<>(frame.items());
      for (int c = 0; c < frame.items(); c++) {
        columns.add(readPages(in, description.columns().get(c).bits(), limits));
      }
      in.leave(frame);
      clusters.add(new Cluster(first[i], entries[i], columns));
    }
    in.leave(list);
    return new PageList(clusters);
  }

  private static Pages readPages(LittleCursor in, int bits, ReadLimits limits) {
    LittleCursor.Frame frame = in.list(PAGE_BYTES);
    int count = frame.items();
    long[] firstElements = new long[count + 1];
    long[] positions = new long[count];
    int[] stored = new int[count];
    boolean[] hasChecksum = new boolean[count];
    for (int p = 0; p < count; p++) {
      int elements = in.i32();
      hasChecksum[p] = elements < 0;
      long n = Math.abs((long) elements);
      long locatorStored;
      int size = in.i32();
      if (size >= 0) {
        locatorStored = size;
        positions[p] = in.length("the position of a page");
      } else {
        int type = -(size >> 24);
        int locatorBytes = size & 0xffff;
        if (type != LARGE_LOCATOR || locatorBytes < 20) {
          throw new UnsupportedRootException(
              in.malformed("").getMessage() + "locators of type " + type + " cannot be read");
        }
        locatorStored = in.length("the size of a page");
        positions[p] = in.length("the position of a page");
        in.skip(locatorBytes - 20);
      }
      long bytes = (n * bits + 7) / 8;
      if (locatorStored > bytes
          || bytes > limits.maxObjectBytes()
          || (locatorStored == 0 ? bytes > 0 : bytes / locatorStored > limits.maxRatio())) {
        throw in.malformed(
            "a page of "
                + n
                + " elements of "
                + bits
                + " bits is said to take "
                + locatorStored
                + " bytes; the limits are "
                + limits.maxObjectBytes()
                + " and "
                + limits.maxRatio()
                + " for each that is stored");
      }
      stored[p] = (int) locatorStored;
      firstElements[p + 1] = firstElements[p] + n;
    }
    long offset = in.i64();
    int compression = offset < 0 ? 0 : in.i32();
    in.leave(frame);
    if (offset < 0 && count > 0) {
      throw in.malformed("a column that is not used in a cluster has " + count + " pages there");
    }
    return new Pages(offset < 0, firstElements, positions, stored, hasChecksum, compression);
  }
}
