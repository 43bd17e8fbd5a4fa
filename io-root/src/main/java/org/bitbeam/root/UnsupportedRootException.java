package org.bitbeam.root;

/**
 * The bytes are right, but this library cannot do this with them (yet); the message says what would
 * work.
 */
public final class UnsupportedRootException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence that names file, object, type and remedy. */
  public UnsupportedRootException(String message) {
    super(message);
  }
}
