package org.bitbeam.runtime.onnx;

/** The model may be sound, but it needs something that is not supported. The message says what. */
public final class UnsupportedOnnxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnsupportedOnnxException(String message) {
    super(message);
  }
}
