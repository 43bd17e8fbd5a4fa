package org.bitbeam.root.internal.codec;

import org.jspecify.annotations.Nullable;

/** A block that does not decompress to what its frame says. */
final class BadBlockException extends Exception {
  private static final long serialVersionUID = 1L;

  BadBlockException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
