package org.bitbeam.root.internal.tree;

import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;

/**
 * Counts the values of a column that take no bytes in the file, so that its length does not bound
 * them: members that older objects lack, items of arrays without members.
 */
final class ValuesWithoutBytes {
  /** They take up to 8 bytes each, three times that while arrays grow, and some 50 ns. */
  private static final long MOST = Math.min(1 << 25, Runtime.getRuntime().maxMemory() / 64);

  private long count;

  /** Counts more of them, before room for them is made. */
  void add(Cursor in, long more) {
    count += more;
    if (count > MOST) {
      throw new UnsupportedRootException(
          in.context()
              + ": more than "
              + MOST
              + " values that take no bytes in the file, as members that older objects lack; read"
              + " fewer entries at once");
    }
  }
}
