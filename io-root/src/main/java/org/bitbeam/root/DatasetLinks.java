package org.bitbeam.root;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tree says of other trees and of itself. This library reports it and does not follow it: a
 * friend is read as a dataset of its own, entry by entry beside this one.
 *
 * @param aliases formulas by their names
 * @param friends trees with more columns for the same entries, as {@code file:tree}; an empty file
 *     is this one
 * @param isIndexed whether an index by the values of columns is stored
 * @param userInfo names of objects attached to the tree
 */
public record DatasetLinks(
    Map<String, String> aliases, List<String> friends, boolean isIndexed, List<String> userInfo) {
  /** No links. */
  public static final DatasetLinks NONE = new DatasetLinks(Map.of(), List.of(), false, List.of());

  public DatasetLinks {
    aliases = Collections.unmodifiableMap(new LinkedHashMap<>(aliases));
    friends = List.copyOf(friends);
    userInfo = List.copyOf(userInfo);
  }
}
