package org.bitbeam.root;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a tree says of other trees and of itself. {@link RootFile#datasetWithFriends} follows it.
 *
 * @param aliases formulas by their names
 * @param friends trees with more columns for the same entries
 * @param index the columns by whose values entries are found, if an index is stored
 * @param userInfo names of objects attached to the tree
 */
public record DatasetLinks(
    Map<String, String> aliases,
    List<Friend> friends,
    Optional<Index> index,
    List<String> userInfo) {
  /** No links. */
  public static final DatasetLinks NONE =
      new DatasetLinks(Map.of(), List.of(), Optional.empty(), List.of());

  public DatasetLinks {
    aliases = Collections.unmodifiableMap(new LinkedHashMap<>(aliases));
    friends = List.copyOf(friends);
    userInfo = List.copyOf(userInfo);
  }

  /**
   * Another tree with columns for the same entries.
   *
   * @param name what its columns are called by: an alias or the name of the tree
   * @param file its file as the tree says it, empty for the same file
   * @param tree its path in that file
   */
  public record Friend(String name, String file, String tree) {}

  /**
   * The columns by whose values a tree finds entries (ROOT: {@code TTreeIndex}).
   *
   * @param major formula of the first key, in general the name of a column
   * @param minor formula of the second key, or {@code 0}
   */
  public record Index(String major, String minor) {}
}
