package org.bitbeam.runtime.onnx;

import org.bitbeam.runtime.ModelException;

/** The model may be sound, but it needs something that is not supported. The message says what. */
public final class UnsupportedOnnxException extends ModelException {
  private static final long serialVersionUID = 1L;

  public UnsupportedOnnxException(String message) {
    super(message);
  }
}
