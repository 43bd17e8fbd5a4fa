package org.bitbeam.root;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a tree is written.
 *
 * @param clusterBytes uncompressed bytes after which a cluster ends, where no borders are given
 * @param borders entries at which clusters end, ascending; empty to go by {@code clusterBytes}
 * @param counters name of the integer column that counts the items of a list column; without one a
 *     list {@code X} is counted by {@code nX}
 * @param vectors list and string columns to be written as {@code std::vector} and {@code
 *     std::string}, without a counter; lists of lists and of strings are so in any case
 * @param reals columns of floats, of arrays or lists of them that are stored in fewer bits ({@code
 *     Float16_t}, {@code Double32_t}): truncated to 11 to 23 bits, rounded, or quantised to 2 to 32
 * @param compression of the baskets
 */
public record TreeOptions(
    long clusterBytes,
    List<Long> borders,
    Map<String, String> counters,
    Set<String> vectors,
    Map<String, RealStorage> reals,
    Compression compression) {

  /** Clusters of 16 MiB, own counters, Zstandard. */
  public static final TreeOptions DEFAULT =
      new TreeOptions(16L << 20, List.of(), Map.of(), Set.of(), Map.of(), Compression.ZSTD);

  public TreeOptions {
    if (clusterBytes <= 0) {
      throw new IllegalArgumentException("clusters of " + clusterBytes + " bytes");
    }
    borders = List.copyOf(borders);
    counters = Map.copyOf(counters);
    vectors = Set.copyOf(vectors);
    reals = Map.copyOf(reals);
  }

  /** The same with other borders. */
  public TreeOptions withBorders(List<Long> ends) {
    return new TreeOptions(clusterBytes, ends, counters, vectors, reals, compression);
  }

  /** The same with other counters. */
  public TreeOptions withCounters(Map<String, String> names) {
    return new TreeOptions(clusterBytes, borders, names, vectors, reals, compression);
  }

  /** The same with other columns as vectors and strings of C++. */
  public TreeOptions withVectors(Set<String> names) {
    return new TreeOptions(clusterBytes, borders, counters, names, reals, compression);
  }

  /** The same with floats of columns in fewer bits. */
  public TreeOptions withReals(Map<String, RealStorage> storage) {
    return new TreeOptions(clusterBytes, borders, counters, vectors, storage, compression);
  }

  /** The same with another compression. */
  public TreeOptions withCompression(Compression other) {
    return new TreeOptions(clusterBytes, borders, counters, vectors, reals, other);
  }

  /** The same with clusters of another size. */
  public TreeOptions withClusterBytes(long bytes) {
    return new TreeOptions(bytes, borders, counters, vectors, reals, compression);
  }
}
