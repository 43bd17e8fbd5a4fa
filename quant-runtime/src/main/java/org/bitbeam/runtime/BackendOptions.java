package org.bitbeam.runtime;

/**
 * How a backend may use the machine.
 *
 * @param intraOpThreads threads that work on one forward pass; 1 by default, since pipelines run
 *     many forward passes at a time
 * @param codeProducts how the backend {@code bit} forms integer sums; others ignore it. A layer for
 *     which the asked way does not exist multiplies
 */
public record BackendOptions(int intraOpThreads, CodeProducts codeProducts) {
  /** One thread a forward pass; the fastest way of forming integer sums. */
  public static final BackendOptions DEFAULT = new BackendOptions(1, CodeProducts.MEASURED);

  public BackendOptions {
    if (intraOpThreads < 1) {
      throw new IllegalArgumentException(
          "intraOpThreads is " + intraOpThreads + ", expected 1 or more");
    }
  }

  /** The same with another number of threads. */
  public BackendOptions withIntraOpThreads(int threads) {
    return new BackendOptions(threads, codeProducts);
  }

  /** The same with another way of forming integer sums. */
  public BackendOptions withCodeProducts(CodeProducts products) {
    return new BackendOptions(intraOpThreads, products);
  }
}
