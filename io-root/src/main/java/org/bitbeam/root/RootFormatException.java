package org.bitbeam.root;

/**
 * The bytes are wrong: what was found where, and what was expected. Another copy of the file may
 * help.
 */
public final class RootFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence that names file, object, found and expected. */
  public RootFormatException(String message) {
    super(message);
  }

  /** The same, with the error that showed it. */
  public RootFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
