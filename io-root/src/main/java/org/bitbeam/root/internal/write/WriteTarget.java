package org.bitbeam.root.internal.write;

import java.io.IOException;

/**
 * Where a file is written to. Nothing is to be seen under the final name before {@link #commit},
 * and nothing is left of it after {@link #abort}. Not safe for several threads.
 */
public interface WriteTarget {
  /** Final name, for messages and for the file's own record of it. */
  String name();

  /** Writes bytes at a position; positions may be written again. */
  void write(long position, byte[] bytes, int from, int length) throws IOException;

  /** Makes the bytes durable and shows them under the final name. */
  void commit() throws IOException;

  /** Takes everything back; harmless after {@link #commit}. */
  void abort() throws IOException;
}
