package org.bitbeam.runtime;

import java.io.IOException;

/** Bytes are no .npy file, or one that {@link Npy} cannot read. The message names the file. */
public final class NpyFormatException extends IOException {
  private static final long serialVersionUID = 1;

  /** The message names file, what was found, and what was expected. */
  public NpyFormatException(String message) {
    super(message);
  }
}
