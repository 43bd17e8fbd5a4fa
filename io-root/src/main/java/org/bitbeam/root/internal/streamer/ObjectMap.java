package org.bitbeam.root.internal.streamer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects by other objects (ROOT: {@code TMap}).
 *
 * @param name mostly empty
 * @param pairs in the order of the file
 */
public record ObjectMap(String name, List<Pair> pairs) {
  /** A key and its value; null for null pointers. */
  public record Pair(@Nullable Object key, @Nullable Object value) {}
}
