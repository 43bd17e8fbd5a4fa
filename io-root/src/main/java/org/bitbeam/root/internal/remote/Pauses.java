package org.bitbeam.root.internal.remote;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Lets time pass; tests only note for how long. */
interface Pauses {
  /** Sleeps. */
  Pauses REAL =
      duration -> {
        try {
          Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while waiting for another attempt");
        }
      };

  void pause(Duration duration) throws InterruptedIOException;
}
