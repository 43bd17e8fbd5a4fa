package org.bitbeam.runtime.internal.bit;

import jakarta.inject.Inject;
import java.util.Optional;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.GraphNetwork;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxReader;

/**
 * This library's own kernels: exact int8 x ternary products, float layers with a fixed order of
 * summation. Results are the same bits on every machine, with and without the Vector API. One
 * forward pass uses one thread, whatever the options say; run several at a time instead.
 */
public final class BitBackend implements Backend {
  /** Under this name it is bound. */
  public static final String NAME = "bit";

  private static final System.Logger LOG = System.getLogger(BitBackend.class.getName());

  private final Kernels kernels;
  private final Optional<NativeProducts> natives;

  /** With the fastest kernels this JVM can run. */
  @Inject
  public BitBackend(Optional<NativeProducts> natives) {
    this.kernels = KernelChoice.best();
    this.natives = natives;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Network load(String label, byte[] onnx, BackendOptions options) {
    Optional<String> why = KernelChoice.whyNoVectors();
    LOG.log(
        System.Logger.Level.INFO,
        () ->
            label
                + ": backend bit uses kernels "
                + kernels.name()
                + natives.map(n -> ", native products " + n.name()).orElse("")
                + why.map(reason -> "; vector kernels: " + reason).orElse(""));
    return GraphNetwork.load(
        label,
        () -> {
          Graph graph = Graph.of(OnnxReader.read(label, onnx));
          Lowered lowered = Fusion.fuse(Lowering.lower(graph));
          return new GraphNetwork(
              label, graph, Plan.of(lowered, kernels, options.codeProducts(), natives));
        });
  }
}
