package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A failure that another attempt may cure. Never leaves this package. */
final class TransientException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Duration askedPause;

  TransientException(String message, @Nullable Throwable cause) {
    this(message, cause, Duration.ZERO);
  }

  /**
   * With the server's wish.
   *
   * @param askedPause how long it asks to wait before the next attempt
   */
  TransientException(String message, @Nullable Throwable cause, Duration askedPause) {
    super(message, cause);
    this.askedPause = askedPause;
  }

  Duration askedPause() {
    return askedPause;
  }
}
