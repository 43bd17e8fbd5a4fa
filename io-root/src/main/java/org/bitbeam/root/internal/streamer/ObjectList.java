package org.bitbeam.root.internal.streamer;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list of objects (ROOT: {@code TObjArray}, {@code TList}).
 *
 * @param className which kind of list
 * @param name of the list, mostly empty
 * @param objectPart its TObject part: fUniqueID in the upper, fBits in the lower 32 bits
 * @param items may hold nulls
 * @param options of the links of a {@code TList}, empty for other lists
 */
public record ObjectList(
    String className,
    String name,
    long objectPart,
    List<? extends @Nullable Object> items,
    List<String> options) {
  private static final long ON_HEAP = 0x03000000;

  /** A list on the heap, as new ones are. */
  public ObjectList(
      String className, String name, List<? extends @Nullable Object> items, List<String> options) {
    this(className, name, ON_HEAP, items, options);
  }

  /** A {@code TObjArray} of the given objects. */
  public static ObjectList array(List<? extends @Nullable Object> items) {
    return new ObjectList("TObjArray", "", Collections.unmodifiableList(items), List.of());
  }
}
