package org.bitbeam.runtime.onnx;

import org.bitbeam.runtime.ModelException;

/**
 * The bytes are not a well-formed ONNX model. The message names the file, the place and the rule.
 */
public final class OnnxFormatException extends ModelException {
  private static final long serialVersionUID = 1L;

  public OnnxFormatException(String message) {
    super(message);
  }
}
