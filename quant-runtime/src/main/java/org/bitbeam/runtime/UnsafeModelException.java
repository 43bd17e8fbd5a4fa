package org.bitbeam.runtime;

/**
 * An ONNX file was refused before any engine saw it: it refers to data outside of itself, or is no
 * well-formed ONNX protobuf message.
 */
public final class UnsafeModelException extends ModelException {
  private static final long serialVersionUID = 1;

  /** The message names the model, the place inside of it, and the rule. */
  public UnsafeModelException(String message) {
    super(message);
  }
}
