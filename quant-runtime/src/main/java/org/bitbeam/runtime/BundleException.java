package org.bitbeam.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A model bundle is not what it says: a file is missing, altered, not listed or outside of the
 * bundle, {@code bundle.json} is malformed, or a self-test is out of tolerance.
 */
public final class BundleException extends ModelException {
  private static final long serialVersionUID = 1;

  /** The message names bundle and file. */
  public BundleException(String message) {
    super(message);
  }

  /** The same with a cause. */
  public BundleException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
