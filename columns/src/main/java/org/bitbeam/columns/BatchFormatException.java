package org.bitbeam.columns;

/** Bytes that are no batch, or a damaged one. */
public final class BatchFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence that says what was found and expected. */
  public BatchFormatException(String message) {
    super(message);
  }
}
