package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.bitbeam.root.RemoteOptions;

/** Repeats what fails for reasons that pass, with pauses that double. Safe for several threads. */
final class Retry {
  private final String name;
  private final RemoteOptions options;
  private final Pauses pauses;
  private final AtomicLong draws;

  /** Something that may throw a {@link TransientException}. */
  interface Action<T> {
    T run() throws IOException;
  }

  /**
   * Retries for one file.
   *
   * @param name of it, for messages; with the seed it decides the chance in the pauses
   */
  Retry(String name, RemoteOptions options, Pauses pauses) {
    this.name = name;
    this.options = options;
    this.pauses = pauses;
    this.draws = new AtomicLong(mixed(options.seed() + name.hashCode()));
  }

  <T> T call(Action<T> action) throws IOException {
    Duration waited = Duration.ZERO;
    for (int attempt = 1; ; attempt++) {
      try {
        return action.run();
      } catch (TransientException e) {
        waited = waited.plus(e.askedPause());
        if (waited.compareTo(options.longestWait()) > 0) {
          throw new IOException(
              name
                  + ": "
                  + e.getMessage()
                  + "; the server asks to wait "
                  + waited.toSeconds()
                  + " s, more than the limit of "
                  + options.longestWait().toSeconds()
                  + " s; try later",
              e);
        }
        if (attempt >= options.attempts()) {
          throw new IOException(
              name
                  + ": "
                  + e.getMessage()
                  + "; "
                  + attempt
                  + (attempt == 1 ? " attempt" : " attempts")
                  + " failed",
              e);
        }
        Duration own = pause(attempt);
        pauses.pause(own.compareTo(e.askedPause()) > 0 ? own : e.askedPause());
      }
    }
  }

  /** The pause after an attempt, counted from 1: between a half and all of what doubling gives. */
  private Duration pause(int attempt) {
    long full = options.firstPause().toMillis() << Math.min(attempt - 1, 20);
    long bounded = Math.min(full, options.longestPause().toMillis());
    long draw = mixed(draws.getAndIncrement()) >>> 11;
    return Duration.ofMillis(Math.round(bounded * (0.5 + 0.5 * draw / (1L << 53))));
  }

  /** SplitMix64's mixing function (Steele, Lea, Flood, OOPSLA 2014). */
  private static long mixed(long counter) {
    long z = counter * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
