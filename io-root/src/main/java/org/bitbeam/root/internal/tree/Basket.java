package org.bitbeam.root.internal.tree;

import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of consecutive entries of a branch lie.
 *
 * @param firstEntry number of its first entry in the tree
 * @param entries number of entries
 * @param position of its record in the file; 0 when it lies inside of the tree's record
 * @param storedBytes length of that record
 * @param embedded the basket itself when it lies inside of the tree's record
 */
public record Basket(
    long firstEntry,
    long entries,
    long position,
    int storedBytes,
    @Nullable EmbeddedBasket embedded) {

  /** Entry after its last. */
  public long endEntry() {
    return firstEntry + entries;
  }
}
