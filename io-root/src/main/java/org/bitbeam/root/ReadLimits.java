package org.bitbeam.root;

/**
 * Bounds on what a file may make the reader allocate. A file that claims more is refused before
 * memory is taken.
 *
 * @param maxObjectBytes decompressed bytes of one record: a basket, a page, a tree's description
 * @param maxColumnBytes bytes of the values of one column in one read
 * @param maxDepth nesting of objects in objects, of lists in lists and of directories
 * @param maxObjects objects in one record
 */
public record ReadLimits(long maxObjectBytes, long maxColumnBytes, int maxDepth, int maxObjects) {
  /** 1 GiB a record, 2 GiB a column, 100 levels, 10 million objects. */
  public static final ReadLimits DEFAULT =
      new ReadLimits(1L << 30, (1L << 31) - 16, 100, 10_000_000);
}
