package org.bitbeam.root;

import java.util.List;
import java.util.Map;

/**
 * How an ntuple is written.
 *
 * @param clusterBytes uncompressed bytes after which a cluster ends, where no borders are given
 * @param borders entries at which clusters end, ascending; empty to go by {@code clusterBytes}
 * @param pageBytes most bytes of a page before compression, up to 1 MiB
 * @param clustersPerGroup clusters that share one list of their pages
 * @param reals columns whose floating-point numbers are stored in fewer bits, also those inside of
 *     lists, arrays and records
 * @param compression of pages and descriptions; without one numbers are stored byte by byte as they
 *     are, else split and encoded to compress well
 */
public record NtupleOptions(
    long clusterBytes,
    List<Long> borders,
    int pageBytes,
    int clustersPerGroup,
    Map<String, RealStorage> reals,
    Compression compression) {
  private static final int MOST_PAGE_BYTES = 1 << 20;

  /** Clusters of 64 MiB, pages of 1 MiB, full precision, Zstandard. */
  public static final NtupleOptions DEFAULT =
      new NtupleOptions(64L << 20, List.of(), MOST_PAGE_BYTES, 1000, Map.of(), Compression.ZSTD);

  public NtupleOptions {
    if (clusterBytes <= 0) {
      throw new IllegalArgumentException("clusters of " + clusterBytes + " bytes");
    }
    if (pageBytes < 16 || pageBytes > MOST_PAGE_BYTES) {
      throw new IllegalArgumentException(
          "pages of " + pageBytes + " bytes, expected 16 to " + MOST_PAGE_BYTES);
    }
    if (clustersPerGroup < 1) {
      throw new IllegalArgumentException("groups of " + clustersPerGroup + " clusters");
    }
    borders = List.copyOf(borders);
    reals = Map.copyOf(reals);
  }

  /** The same with clusters of another size. */
  public NtupleOptions withClusterBytes(long bytes) {
    return new NtupleOptions(bytes, borders, pageBytes, clustersPerGroup, reals, compression);
  }

  /** The same with clusters that end at these entries. */
  public NtupleOptions withBorders(List<Long> ends) {
    return new NtupleOptions(clusterBytes, ends, pageBytes, clustersPerGroup, reals, compression);
  }

  /** The same with smaller or larger pages. */
  public NtupleOptions withPageBytes(int bytes) {
    return new NtupleOptions(clusterBytes, borders, bytes, clustersPerGroup, reals, compression);
  }

  /** The same with another number of clusters a group. */
  public NtupleOptions withClustersPerGroup(int clusters) {
    return new NtupleOptions(clusterBytes, borders, pageBytes, clusters, reals, compression);
  }

  /** The same with columns stored in fewer bits. */
  public NtupleOptions withReals(Map<String, RealStorage> storage) {
    return new NtupleOptions(
        clusterBytes, borders, pageBytes, clustersPerGroup, storage, compression);
  }

  /** The same with another compression. */
  public NtupleOptions withCompression(Compression other) {
    return new NtupleOptions(clusterBytes, borders, pageBytes, clustersPerGroup, reals, other);
  }
}
