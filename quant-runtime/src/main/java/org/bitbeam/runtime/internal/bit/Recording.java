package org.bitbeam.runtime.internal.bit;

import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.onnx.OnnxValueInfo;

/**
 * What later passes over inputs of the same shapes have to know: the arrays that the first one
 * chose. The steps themselves are the frame's.
 *
 * @param inputs in the graph's order; to be filled before each pass
 * @param ends for each instruction, how many steps there were after it
 * @param steps all of them, conversions of outputs included
 * @param outputs in the graph's order; their arrays are used again by the next pass
 */
record Recording(NdArray[] inputs, int[] ends, int steps, NdArray[] outputs) {

  /**
   * Takes the numbers of other inputs.
   *
   * @return false, and nothing is to be relied on, if they have other names, types or shapes
   */
  boolean fill(List<OnnxValueInfo> names, Map<String, NdArray> given) {
    if (given.size() != inputs.length) {
      return false;
    }
    for (int i = 0; i < inputs.length; i++) {
      NdArray from = given.get(names.get(i).name());
      if (from == null || !from.isLike(inputs[i])) {
        return false;
      }
      System.arraycopy(from.elements(), 0, inputs[i].elements(), 0, from.size());
    }
    return true;
  }
}
