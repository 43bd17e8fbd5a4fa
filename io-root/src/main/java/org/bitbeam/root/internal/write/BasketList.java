package org.bitbeam.root.internal.write;

import java.util.Arrays;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;

/** The baskets of one branch that were written so far. */
final class BasketList {
  private static final int LEAST = 10;

  private long[] firstEntries = new long[LEAST];
  private long[] positions = new long[LEAST];
  private int[] storedBytes = new int[LEAST];
  private int count;
  private long entries;
  private long totalBytes;
  private long zippedBytes;

  void add(long basketEntries, long position, int stored, int uncompressed) {
    // One place is always free: behind the last basket stands the entry after its last.
    if (count + 1 == positions.length) {
      int more = count * 2;
      firstEntries = Arrays.copyOf(firstEntries, more);
      positions = Arrays.copyOf(positions, more);
      storedBytes = Arrays.copyOf(storedBytes, more);
    }
    firstEntries[count] = entries;
    positions[count] = position;
    storedBytes[count] = stored;
    count++;
    entries += basketEntries;
    firstEntries[count] = entries;
    totalBytes += uncompressed;
    zippedBytes += stored;
  }

  long entries() {
    return entries;
  }

  long totalBytes() {
    return totalBytes;
  }

  long zippedBytes() {
    return zippedBytes;
  }

  /** Writes what is known into the description of the branch. */
  void describe(StreamedObject branch, long branchEntries) {
    branch
        .set("fWriteBasket", count)
        .set("fEntryNumber", branchEntries)
        .set("fEntries", branchEntries)
        .set("fFirstEntry", 0L)
        .set("fTotBytes", totalBytes)
        .set("fZipBytes", zippedBytes)
        .set("fMaxBaskets", positions.length)
        .set("fBaskets", ObjectList.array(java.util.List.of()))
        .set("fBasketBytes", storedBytes.clone())
        .set("fBasketEntry", firstEntries.clone())
        .set("fBasketSeek", positions.clone())
        .set("fFileName", "");
  }
}
