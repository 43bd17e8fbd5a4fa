package org.bitbeam.root.internal.tree;

import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of consecutive entries out of one basket.
 *
 * @param data decompressed bytes of the basket
 * @param origin bytes of its key, which positions in references between objects count too
 * @param firstEntry number of the first entry in the tree, for messages
 * @param entries number of entries
 * @param bounds where entries begin in {@code data}, and after them where the last one ends; null
 *     for entries of one size
 * @param start where the first entry begins, for entries of one size; otherwise its place in {@code
 *     bounds}
 * @param size bytes of an entry, for entries of one size
 */
record Block(
    byte[] data,
    int origin,
    long firstEntry,
    int entries,
    int @Nullable [] bounds,
    int start,
    int size) {

  int start(int entry) {
    return bounds != null ? bounds[start + entry] : start + entry * size;
  }

  int end(int entry) {
    return start(entry + 1);
  }

  /**
   * Reads one entry.
   *
   * @param context file and column, for messages
   * @param entry from 0 on
   */
  Cursor entry(String context, int entry) {
    return new Cursor(
        context + ", entry " + (firstEntry + entry), data, start(entry), end(entry), origin);
  }

  /** Bytes of all entries together. */
  int bytes() {
    return start(entries) - start(0);
  }
}
