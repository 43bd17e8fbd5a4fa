package org.bitbeam.runtime.internal.bit;

import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Lowered;

/** Shapes of everything a network computes, found by computing it once. */
public final class ValueShapes {
  private ValueShapes() {}

  /** Shapes of all values in one pass over these inputs, by name. */
  public static Map<String, int[]> of(Lowered lowered, Map<String, NdArray> inputs) {
    return Plan.shapes(lowered, inputs);
  }
}
