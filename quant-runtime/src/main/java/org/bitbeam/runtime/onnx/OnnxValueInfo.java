package org.bitbeam.runtime.onnx;

import java.util.List;
import java.util.Optional;

/**
 * Declared type of a graph's input or output.
 *
 * @param name of the value
 * @param type of the elements
 * @param shape empty when the file does not say; an empty list is a scalar
 */
public record OnnxValueInfo(String name, OnnxType type, Optional<List<OnnxDimension>> shape) {
  public OnnxValueInfo {
    shape = shape.map(List::copyOf);
  }
}
