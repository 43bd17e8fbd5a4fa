package org.bitbeam.runtime;

/**
 * How a backend may use the machine.
 *
 * @param intraOpThreads threads that work on one forward pass; 1 by default, since pipelines run
 *     many forward passes at a time
 */
public record BackendOptions(int intraOpThreads) {
  /** One thread a forward pass. */
  public static final BackendOptions DEFAULT = new BackendOptions(1);

  public BackendOptions {
    if (intraOpThreads < 1) {
      throw new IllegalArgumentException(
          "intraOpThreads is " + intraOpThreads + ", expected 1 or more");
    }
  }

  /** The same with another number of threads. */
  public BackendOptions withIntraOpThreads(int threads) {
    return new BackendOptions(threads);
  }
}
