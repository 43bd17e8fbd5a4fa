package org.bitbeam.runtime;

import org.jspecify.annotations.Nullable;

/** A network could not be loaded or run. The message names the network and the cause. */
public class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The message says which network, what was found, what was expected. */
  public ModelException(String message) {
    super(message);
  }

  /** The same with the engine's own exception. */
  public ModelException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
