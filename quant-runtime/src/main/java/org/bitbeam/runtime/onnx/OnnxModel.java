package org.bitbeam.runtime.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model file.
 *
 * @param irVersion version of the file format
 * @param producerName such as {@code pytorch}
 * @param producerVersion of the producer
 * @param opsets operator set version by domain; the empty domain is ONNX itself
 * @param graph what to compute
 * @param metadata free key-value pairs, in file order
 */
public record OnnxModel(
    long irVersion,
    String producerName,
    String producerVersion,
    Map<String, Long> opsets,
    OnnxGraph graph,
    Map<String, String> metadata) {
  public OnnxModel {
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** Version of ONNX's own operators; 0 if the file names none. */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }
}
