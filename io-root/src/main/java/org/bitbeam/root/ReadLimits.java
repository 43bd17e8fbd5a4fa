package org.bitbeam.root;

/**
 * Bounds on what a file may make the reader allocate. A file that claims more is refused before
 * memory is taken.
 *
 * @param maxObjectBytes decompressed bytes of one record: a basket, a page, a tree's description
 * @param maxColumnBytes bytes of the values of one column in one read
 * @param maxRatio decompressed bytes for each stored byte of a block or page; files of zeros reach
 *     10,000 with LZMA and Zstandard. Each codec's own bound (1,100 for zlib, 256 for LZ4) holds
 *     too
 * @param maxDepth nesting of objects in objects, of lists in lists and of directories
 * @param maxObjects objects in one record
 */
public record ReadLimits(
    long maxObjectBytes, long maxColumnBytes, int maxRatio, int maxDepth, int maxObjects) {
  /**
   * For the heap of this JVM: a quarter of it, but at most 1 GiB a record and 2 GiB a column; a
   * ratio of 40,000, 100 levels, 10 million objects.
   */
  public static final ReadLimits DEFAULT = ofHeap(Runtime.getRuntime().maxMemory());

  private static ReadLimits ofHeap(long bytes) {
    return new ReadLimits(
        Math.min(1L << 30, bytes / 4),
        Math.min((1L << 31) - 16, bytes / 4),
        40_000,
        100,
        10_000_000);
  }
}
