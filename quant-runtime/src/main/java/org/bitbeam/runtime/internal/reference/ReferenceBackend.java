package org.bitbeam.runtime.internal.reference;

import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.GraphNetwork;
import org.bitbeam.runtime.onnx.OnnxReader;

/** The interpreter as a backend: slow, exact, the same everywhere. One thread a forward pass. */
public final class ReferenceBackend implements Backend {
  /** Under this name it is bound. */
  public static final String NAME = "reference";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Network load(String label, byte[] onnx, BackendOptions options) {
    return GraphNetwork.load(
        label,
        () -> {
          Graph graph = Graph.of(OnnxReader.read(label, onnx));
          return new GraphNetwork(label, graph, new Interpreter(graph)::run);
        });
  }
}
