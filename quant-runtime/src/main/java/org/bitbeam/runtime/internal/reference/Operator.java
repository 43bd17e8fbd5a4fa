package org.bitbeam.runtime.internal.reference;

import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray;

/** Computes one kind of node. Stateless. */
@FunctionalInterface
public interface Operator {
  /**
   * The outputs of a call, at least as many as the node names.
   *
   * @throws IllegalArgumentException if shapes or types do not fit
   * @throws org.bitbeam.runtime.onnx.UnsupportedOnnxException for a variant that is not there
   */
  List<NdArray> run(Call call);
}
