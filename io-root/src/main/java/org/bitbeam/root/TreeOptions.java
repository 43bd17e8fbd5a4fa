package org.bitbeam.root;

import java.util.List;
import java.util.Map;

/**
 * How a tree is written.
 *
 * @param clusterBytes uncompressed bytes after which a cluster ends, where no borders are given
 * @param borders entries at which clusters end, ascending; empty to go by {@code clusterBytes}
 * @param counters name of the integer column that counts the items of a list column; without one a
 *     list {@code X} is counted by {@code nX}
 * @param compression of the baskets
 */
public record TreeOptions(
    long clusterBytes, List<Long> borders, Map<String, String> counters, Compression compression) {

  /** Clusters of 16 MiB, own counters, Zstandard. */
  public static final TreeOptions DEFAULT =
      new TreeOptions(16L << 20, List.of(), Map.of(), Compression.ZSTD);

  public TreeOptions {
    if (clusterBytes <= 0) {
      throw new IllegalArgumentException("clusters of " + clusterBytes + " bytes");
    }
    borders = List.copyOf(borders);
    counters = Map.copyOf(counters);
  }

  /** The same with other borders. */
  public TreeOptions withBorders(List<Long> ends) {
    return new TreeOptions(clusterBytes, ends, counters, compression);
  }

  /** The same with other counters. */
  public TreeOptions withCounters(Map<String, String> names) {
    return new TreeOptions(clusterBytes, borders, names, compression);
  }

  /** The same with another compression. */
  public TreeOptions withCompression(Compression other) {
    return new TreeOptions(clusterBytes, borders, counters, other);
  }

  /** The same with clusters of another size. */
  public TreeOptions withClusterBytes(long bytes) {
    return new TreeOptions(bytes, borders, counters, compression);
  }
}
