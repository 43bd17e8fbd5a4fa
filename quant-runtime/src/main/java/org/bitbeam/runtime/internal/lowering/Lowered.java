package org.bitbeam.runtime.internal.lowering;

import java.util.Collections;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.Graph;

/**
 * A lowered graph.
 *
 * @param graph nodes of ONNX and of domain {@value #DOMAIN}
 * @param layers the layers of the {@code BitLinear} nodes, by their output
 * @param report what was found
 */
public record Lowered(Graph graph, Map<String, BitLayer> layers, LoweringReport report) {
  /** Domain of the nodes that only kernels can run. */
  public static final String DOMAIN = "org.bitbeam";

  public Lowered {
    layers = Collections.unmodifiableMap(layers);
  }
}
