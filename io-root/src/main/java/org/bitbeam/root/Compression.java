package org.bitbeam.root;

import java.util.Locale;

/**
 * How to compress what is written. {@link #setting()} is ROOT's number: 100 times the algorithm
 * plus the level.
 *
 * @param algorithm the codec
 * @param level 1 (fast) to 9 (small); 0 for {@link Algorithm#NONE}
 */
public record Compression(Algorithm algorithm, int level) {

  /** The codecs that ROOT files can use, with ROOT's number. */
  public enum Algorithm {
    NONE(0),
    ZLIB(1),
    LZMA(2),
    LZ4(4),
    ZSTD(5);

    private final int number;

    Algorithm(int number) {
      this.number = number;
    }
  }

  /** Stored as it is. */
  public static final Compression NONE = new Compression(Algorithm.NONE, 0);

  /** Zstandard at level 5, ROOT's default for new data (505). */
  public static final Compression ZSTD = new Compression(Algorithm.ZSTD, 5);

  public Compression {
    int least = algorithm == Algorithm.NONE ? 0 : 1;
    int most = algorithm == Algorithm.NONE ? 0 : 9;
    if (level < least || level > most) {
      throw new IllegalArgumentException(
          "compression level "
              + level
              + " for "
              + algorithm
              + ", expected "
              + least
              + " to "
              + most);
    }
  }

  /** ROOT's number, such as 505. */
  public int setting() {
    return 100 * algorithm.number + level;
  }

  /**
   * Reads {@code none}, {@code zlib}, {@code lzma}, {@code lz4}, {@code zstd}, each with an
   * optional level as in {@code zstd:5}.
   */
  public static Compression parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split(":", 2);
    for (Algorithm algorithm : Algorithm.values()) {
      if (algorithm.name().toLowerCase(Locale.ROOT).equals(parts[0])) {
        int level =
            switch (algorithm) {
              case NONE -> 0;
              case ZLIB -> 1;
              case LZMA, LZ4 -> 4;
              case ZSTD -> 5;
            };
        try {
          return new Compression(algorithm, parts.length > 1 ? Integer.parseInt(parts[1]) : level);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "compression \"" + text + "\": the level \"" + parts[1] + "\" is not a number", e);
        }
      }
    }
    throw new IllegalArgumentException(
        "no compression \""
            + text
            + "\"; there are none, zlib, lzma, lz4, zstd, each with a level as in zstd:5");
  }

  /** Such as {@code zstd:5}. */
  @Override
  public String toString() {
    String name = algorithm.name().toLowerCase(Locale.ROOT);
    return algorithm == Algorithm.NONE ? name : name + ":" + level;
  }
}
