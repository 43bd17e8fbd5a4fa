package org.bitbeam.runtime;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to use a network that others in this JVM use too. Closing gives it back; the network
 * closes with the last lease. Safe to use from several threads.
 */
public final class ModelLease implements AutoCloseable {
  private final Network network;
  private final SelfTestReport selfTest;
  private final long loadNanos;
  private final Runnable giveBack;
  private final AtomicBoolean closed = new AtomicBoolean();

  ModelLease(Network network, SelfTestReport selfTest, long loadNanos, Runnable giveBack) {
    this.network = network;
    this.selfTest = selfTest;
    this.loadNanos = loadNanos;
    this.giveBack = giveBack;
  }

  /**
   * The shared network; do not close it.
   *
   * @throws IllegalStateException when the lease is closed
   */
  public Network network() {
    if (closed.get()) {
      throw new IllegalStateException("the lease of " + network + " is closed");
    }
    return network;
  }

  /** What the self-test found when the network was loaded. */
  public SelfTestReport selfTest() {
    return selfTest;
  }

  /** Time that loading and self-test took, once for all leases, in ns. */
  public long loadNanos() {
    return loadNanos;
  }

  /** Gives the network back. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      giveBack.run();
    }
  }
}
