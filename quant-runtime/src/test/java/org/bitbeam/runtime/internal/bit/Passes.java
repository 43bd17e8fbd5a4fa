package org.bitbeam.runtime.internal.bit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;

/** Passes of the backend {@code bit} for tests of other packages. */
public final class Passes {
  private Passes() {}

  /** What the second of two passes over the same shapes gives; floats of the first are halves. */
  public static Map<String, NdArray> second(Graph graph, Map<String, NdArray> inputs) {
    Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best());
    Map<String, NdArray> halves = new LinkedHashMap<>();
    inputs.forEach((name, x) -> halves.put(name, x instanceof FloatArray f ? half(f) : x));
    plan.run(halves);
    Map<String, NdArray> outputs = plan.run(inputs);
    plan.close();
    return outputs;
  }

  private static FloatArray half(FloatArray x) {
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = x.values()[i] / 2;
    }
    return new FloatArray(x.shape(), y);
  }
}
