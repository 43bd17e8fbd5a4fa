package org.bitbeam.runtime.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The way into ONNX Runtime, of which a JVM has one. A shutdown hook of its own frees its
 * environment: who makes a session meanwhile, or runs one that was, crashes the JVM. So whoever
 * ends the JVM closes the gate before. Safe to use from several threads.
 */
public final class OrtGate {
  // As static as ONNX Runtime's environment.
  private static final ReadWriteLock GATE = new ReentrantReadWriteLock();

  private OrtGate() {}

  /** Goes in; the caller unlocks what it gets. Waits for the JVM's end when the gate is closed. */
  public static Lock enter() {
    Lock inside = GATE.readLock();
    inside.lock();
    return inside;
  }

  /**
   * Closes the gate, for good, when all have left.
   *
   * @return whether they left in time
   */
  public static boolean close(long time, TimeUnit unit) throws InterruptedException {
    return GATE.writeLock().tryLock(time, unit);
  }
}
