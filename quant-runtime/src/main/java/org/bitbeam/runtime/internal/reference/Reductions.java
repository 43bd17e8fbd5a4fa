package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Operators that combine the elements along axes. */
final class Reductions {
  private Reductions() {}

  private interface Finish {
    double apply(double combined, int count);
  }

  static void register(Map<String, Operator> all) {
    all.put("ReduceSum", reduce(0, Double::sum, (sum, n) -> sum, Long::sum));
    all.put("ReduceMean", reduce(0, Double::sum, (sum, n) -> sum / n, null));
    all.put("ReduceMax", reduce(Double.NEGATIVE_INFINITY, Math::max, (max, n) -> max, Math::max));
    all.put("ReduceMin", reduce(Double.POSITIVE_INFINITY, Math::min, (min, n) -> min, Math::min));
    all.put("ReduceProd", reduce(1, (a, b) -> a * b, (product, n) -> product, (a, b) -> a * b));
    all.put("ReduceL1", reduce(0, (sum, v) -> sum + Math.abs(v), (sum, n) -> sum, null));
    all.put("ReduceL2", reduce(0, (sum, v) -> sum + v * v, (sum, n) -> Math.sqrt(sum), null));
    all.put("ReduceSumSquare", reduce(0, (sum, v) -> sum + v * v, (sum, n) -> sum, null));
    all.put("ReduceLogSum", reduce(0, Double::sum, (sum, n) -> StrictMath.log(sum), null));
    all.put("ReduceLogSumExp", Reductions::logSumExp);
  }

  private static Operator reduce(
      double start,
      DoubleBinaryOperator combine,
      Finish finish,
      @org.jspecify.annotations.Nullable LongBinaryOperator exact) {
    return call -> {
      NdArray x = call.input(0);
      boolean[] gone = axes(call, x);
      if (gone == null) {
        return one(x);
      }
      boolean keep = call.integer("keepdims", 1) == 1;
      int[] shape = reduced(x.shape(), gone, -1, keep);
      int[] target = targets(x.shape(), gone);
      int size = Shapes.size(shape);
      if (x instanceof IntegerArray n) {
        if (exact == null) {
          throw call.unsupported("element type " + x.type());
        }
        return one(integers(call, n, shape, target, size, exact));
      }
      double[] combined = new double[size];
      Arrays.fill(combined, start);
      for (int i = 0; i < target.length; i++) {
        combined[target[i]] = combine.applyAsDouble(combined[target[i]], Elementwise.real(x, i));
      }
      int count = size == 0 ? 0 : x.size() / size;
      for (int i = 0; i < size; i++) {
        combined[i] = finish.apply(combined[i], count);
      }
      return one(Elementwise.castTo(call, new DoubleArray(shape, combined), x.type()));
    };
  }

  private static IntegerArray integers(
      Call call, IntegerArray x, int[] shape, int[] target, int size, LongBinaryOperator combine) {
    long[] combined = new long[size];
    boolean[] begun = new boolean[size];
    for (int i = 0; i < target.length; i++) {
      int at = target[i];
      combined[at] = begun[at] ? combine.applyAsLong(combined[at], x.values()[i]) : x.values()[i];
      begun[at] = true;
    }
    for (int i = 0; i < size; i++) {
      if (!begun[i] && !call.node().operator().equals("ReduceSum")) {
        throw call.wrong("nothing to reduce");
      }
      combined[i] = Elementwise.wrap(x.type(), combined[i]);
    }
    return new IntegerArray(x.type(), shape, combined);
  }

  /** Which axes go away; null if the node is to do nothing. */
  private static boolean @org.jspecify.annotations.Nullable [] axes(Call call, NdArray x) {
    int[] axes = call.listOrInput("axes", 1);
    boolean[] gone = new boolean[x.rank()];
    if (axes == null || axes.length == 0) {
      if (call.integer("noop_with_empty_axes", 0) == 1) {
        return null;
      }
      Arrays.fill(gone, true);
    } else {
      for (int axis : axes) {
        gone[call.axis(axis, x.rank())] = true;
      }
    }
    return gone;
  }

  /** The shape without the marked axes and without {@code axis}; or with size 1 there. */
  static int[] reduced(int[] shape, boolean[] gone, int axis, boolean keep) {
    int[] rest = new int[shape.length];
    int rank = 0;
    for (int i = 0; i < shape.length; i++) {
      if (!gone[i] && i != axis) {
        rest[rank++] = shape[i];
      } else if (keep) {
        rest[rank++] = 1;
      }
    }
    return Arrays.copyOf(rest, rank);
  }

  /** For each element the position in the result it goes to. */
  private static int[] targets(int[] shape, boolean[] gone) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (!gone[i]) {
        strides[i] = stride;
        stride *= shape[i];
      }
    }
    return Shapes.positions(shape, strides, 0);
  }

  private static List<NdArray> logSumExp(Call call) {
    NdArray x = call.input(0);
    boolean[] gone = axes(call, x);
    if (gone == null) {
      return one(x);
    }
    int[] shape = reduced(x.shape(), gone, -1, call.integer("keepdims", 1) == 1);
    int[] target = targets(x.shape(), gone);
    double[] max = new double[Shapes.size(shape)];
    double[] sum = new double[max.length];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < target.length; i++) {
      max[target[i]] = Math.max(max[target[i]], Elementwise.real(x, i));
    }
    for (int i = 0; i < target.length; i++) {
      sum[target[i]] += StrictMath.exp(Elementwise.real(x, i) - max[target[i]]);
    }
    for (int i = 0; i < max.length; i++) {
      max[i] += StrictMath.log(sum[i]);
    }
    return one(
        Elementwise.castTo(
            call, new DoubleArray(shape, max), x instanceof FloatArray ? x.type() : x.type()));
  }
}
