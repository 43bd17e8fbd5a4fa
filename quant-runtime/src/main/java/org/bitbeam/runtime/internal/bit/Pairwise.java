package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Arithmetic or comparison of two float arrays, or logic of two masks (see {@link Frame#mask}),
 * with broadcasting. Other element types are left to the interpreter.
 */
record Pairwise(Kernels kernels, Pair pair, int left, int right, int out, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray a = pair.isLogic() ? frame.mask(left) : frame.floats(left);
    FloatArray b = pair.isLogic() ? frame.mask(right) : frame.floats(right);
    if (a == null || b == null) {
      fallback.bind(frame);
      return;
    }
    int[] shape = Shapes.broadcast(a.shape(), b.shape());
    float[] y =
        pair.isLogic() || pair.isComparison()
            ? frame.allocateMask(out, shape)
            : frame.allocate(out, shape);
    frame.perform(
        Broadcast.over(
            frame,
            shape,
            y,
            (x, at, result, to, count) ->
                kernels.combine(pair, x[0], at[0], x[1], at[1], result, to, count),
            a,
            b));
  }
}
