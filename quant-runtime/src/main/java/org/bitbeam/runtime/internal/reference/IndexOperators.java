package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxType;

/** Operators that pick, place, order or search elements. */
final class IndexOperators {
  private IndexOperators() {}

  static void register(Map<String, Operator> all) {
    all.put("Gather", IndexOperators::gather);
    all.put("GatherElements", IndexOperators::gatherElements);
    all.put("GatherND", IndexOperators::gatherNd);
    all.put("ScatterND", IndexOperators::scatterNd);
    all.put("ScatterElements", IndexOperators::scatterElements);
    all.put("TopK", IndexOperators::topK);
    all.put("ArgMax", call -> argument(call, true));
    all.put("ArgMin", call -> argument(call, false));
    all.put("NonZero", IndexOperators::nonZero);
    all.put("OneHot", IndexOperators::oneHot);
    all.put("CumSum", IndexOperators::cumSum);
    all.put("Compress", IndexOperators::compress);
  }

  /** Arrays of one type that agree in all axes but one, one after the other along that axis. */
  static NdArray concatenate(List<NdArray> parts, int axis) {
    int[] shape = parts.get(0).shape().clone();
    shape[axis] = 0;
    for (NdArray part : parts) {
      shape[axis] = Math.addExact(shape[axis], part.shape()[axis]);
    }
    int size = Shapes.size(shape);
    int outer = Shapes.size(shape, 0, axis);
    int row = size == 0 ? 0 : size / outer;
    Object target =
        switch (parts.get(0).type()) {
          case FLOAT -> new float[size];
          case DOUBLE -> new double[size];
          default -> new long[size];
        };
    int at = 0;
    for (NdArray part : parts) {
      int chunk = outer == 0 ? 0 : part.size() / outer;
      for (int i = 0; i < outer; i++) {
        System.arraycopy(part.elements(), i * chunk, target, i * row + at, chunk);
      }
      at += chunk;
    }
    return wrap(parts.get(0).type(), shape, target);
  }

  private static NdArray wrap(OnnxType type, int[] shape, Object values) {
    if (values instanceof float[] f) {
      return new FloatArray(shape, f);
    }
    return values instanceof double[] d
        ? new DoubleArray(shape, d)
        : new IntegerArray(type, shape, (long[]) values);
  }

  private static int index(Call call, long index, int size) {
    long from = index < 0 ? index + size : index;
    if (from < 0 || from >= size) {
      throw call.wrong("index " + index + " into an axis of size " + size);
    }
    return (int) from;
  }

  private static List<NdArray> gather(Call call) {
    NdArray x = call.input(0);
    IntegerArray indices = call.integers(1);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    int outer = Shapes.size(x.shape(), 0, axis);
    int inner = Shapes.size(x.shape(), axis + 1, x.rank());
    int length = x.shape()[axis];
    int[] shape = new int[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.shape(), 0, shape, 0, axis);
    System.arraycopy(indices.shape(), 0, shape, axis, indices.rank());
    System.arraycopy(x.shape(), axis + 1, shape, axis + indices.rank(), x.rank() - axis - 1);
    int[] positions = new int[Shapes.size(shape)];
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (long index : indices.values()) {
        int from = (i * length + index(call, index, length)) * inner;
        for (int j = 0; j < inner; j++) {
          positions[at++] = from + j;
        }
      }
    }
    return one(x.take(positions, shape));
  }

  private static List<NdArray> gatherElements(Call call) {
    NdArray x = call.input(0);
    IntegerArray indices = call.integers(1);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    return one(x.take(elementPositions(call, x.shape(), indices, axis), indices.shape()));
  }

  /**
   * Where each element of {@code indices} points to, its own index along {@code axis} replaced by
   * its value.
   */
  private static int[] elementPositions(Call call, int[] shape, IntegerArray indices, int axis) {
    if (indices.rank() != shape.length) {
      throw call.wrong(
          "indices of shape "
              + Arrays.toString(indices.shape())
              + " into "
              + Arrays.toString(shape));
    }
    for (int i = 0; i < shape.length; i++) {
      if (i != axis && indices.shape()[i] > shape[i]) {
        throw call.wrong(
            "indices of shape "
                + Arrays.toString(indices.shape())
                + " into "
                + Arrays.toString(shape));
      }
    }
    int[] strides = Shapes.strides(shape);
    int[] positions = new int[indices.size()];
    int[] index = new int[shape.length];
    for (int i = 0; i < positions.length; i++) {
      int position = 0;
      for (int k = 0; k < shape.length; k++) {
        position +=
            (k == axis ? index(call, indices.values()[i], shape[k]) : index[k]) * strides[k];
      }
      positions[i] = position;
      ShapeOperators.increment(index, indices.shape());
    }
    return positions;
  }

  private static List<NdArray> gatherNd(Call call) {
    NdArray x = call.input(0);
    IntegerArray indices = call.integers(1);
    int batch = call.toInt(call.integer("batch_dims", 0));
    if (indices.rank() < 1 || batch < 0 || batch >= indices.rank()) {
      throw call.wrong(
          "indices of shape " + Arrays.toString(indices.shape()) + " with batch_dims " + batch);
    }
    int depth = indices.shape()[indices.rank() - 1];
    if (batch + depth > x.rank()) {
      throw call.wrong("indices of depth " + depth + " into " + x.describe());
    }
    int[] strides = Shapes.strides(x.shape());
    int inner = Shapes.size(x.shape(), batch + depth, x.rank());
    int[] shape = new int[indices.rank() - 1 + x.rank() - batch - depth];
    System.arraycopy(indices.shape(), 0, shape, 0, indices.rank() - 1);
    System.arraycopy(x.shape(), batch + depth, shape, indices.rank() - 1, x.rank() - batch - depth);
    int tuples =
        depth == 0 ? Shapes.size(indices.shape(), 0, indices.rank() - 1) : indices.size() / depth;
    int batches = Shapes.size(x.shape(), 0, batch);
    int batchSize = Shapes.size(x.shape(), batch, x.rank());
    int[] positions = new int[Shapes.size(shape)];
    int at = 0;
    for (int t = 0; t < tuples; t++) {
      int position = batches == 0 ? 0 : t / (tuples / batches) * batchSize;
      for (int k = 0; k < depth; k++) {
        position +=
            index(call, indices.values()[t * depth + k], x.shape()[batch + k]) * strides[batch + k];
      }
      for (int j = 0; j < inner; j++) {
        positions[at++] = position + j;
      }
    }
    return one(x.take(positions, shape));
  }

  private static List<NdArray> scatterNd(Call call) {
    NdArray x = call.input(0);
    IntegerArray indices = call.integers(1);
    NdArray updates = call.input(2);
    int depth = indices.shape()[indices.rank() - 1];
    if (depth < 1 || depth > x.rank()) {
      throw call.wrong("indices of depth " + depth + " into " + x.describe());
    }
    int[] strides = Shapes.strides(x.shape());
    int inner = Shapes.size(x.shape(), depth, x.rank());
    int[] positions = new int[Math.multiplyExact(indices.size() / depth, inner)];
    int at = 0;
    for (int t = 0; t < indices.size() / depth; t++) {
      int position = 0;
      for (int k = 0; k < depth; k++) {
        position += index(call, indices.values()[t * depth + k], x.shape()[k]) * strides[k];
      }
      for (int j = 0; j < inner; j++) {
        positions[at++] = position + j;
      }
    }
    return one(scatter(call, x, positions, updates));
  }

  private static List<NdArray> scatterElements(Call call) {
    NdArray x = call.input(0);
    IntegerArray indices = call.integers(1);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    return one(scatter(call, x, elementPositions(call, x.shape(), indices, axis), call.input(2)));
  }

  private static NdArray scatter(Call call, NdArray x, int[] positions, NdArray updates) {
    if (updates.size() != positions.length || updates.type() != x.type()) {
      throw call.wrong(
          "updates "
              + updates.describe()
              + " for "
              + positions.length
              + " places in "
              + x.describe());
    }
    DoubleBinaryOperator reduce =
        switch (call.text("reduction", "none")) {
          case "none" -> (old, given) -> given;
          case "add" -> Double::sum;
          case "mul" -> (old, given) -> old * given;
          case "max" -> Math::max;
          case "min" -> Math::min;
          default -> throw call.unsupported("reduction=" + call.text("reduction", ""));
        };
    if (x instanceof FloatArray f) {
      float[] values = f.values().clone();
      float[] given = ((FloatArray) updates).values();
      for (int i = 0; i < positions.length; i++) {
        values[positions[i]] = (float) reduce.applyAsDouble(values[positions[i]], given[i]);
      }
      return new FloatArray(x.shape(), values);
    }
    if (x instanceof IntegerArray n && call.text("reduction", "none").equals("none")) {
      long[] values = n.values().clone();
      for (int i = 0; i < positions.length; i++) {
        values[positions[i]] = ((IntegerArray) updates).values()[i];
      }
      return new IntegerArray(n.type(), x.shape(), values);
    }
    throw call.unsupported("element type " + x.type());
  }

  private static List<NdArray> topK(Call call) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    int k =
        call.has(1) ? call.toInt(call.integers(1).values()[0]) : call.toInt(call.integer("k", 0));
    int length = x.shape()[axis];
    if (k < 0 || k > length) {
      throw call.wrong("the " + k + " largest of " + length);
    }
    boolean largest = call.integer("largest", 1) == 1;
    int inner = Shapes.size(x.shape(), axis + 1, x.rank());
    int outer = Shapes.size(x.shape(), 0, axis);
    int[] shape = x.shape().clone();
    shape[axis] = k;
    int[] positions = new int[Shapes.size(shape)];
    long[] indices = new long[positions.length];
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < inner; j++) {
        int base = i * length * inner + j;
        Comparator<Integer> byValue =
            Comparator.comparingDouble(p -> Elementwise.real(x, base + p * inner));
        // Equal values keep the order of their indices, which is what the specification asks for.
        List<Integer> order = new ArrayList<>();
        for (int p = 0; p < length; p++) {
          order.add(p);
        }
        order.sort(largest ? byValue.reversed() : byValue);
        for (int p = 0; p < k; p++) {
          int at = (i * k + p) * inner + j;
          positions[at] = base + order.get(p) * inner;
          indices[at] = order.get(p);
        }
      }
    }
    return List.of(x.take(positions, shape), new IntegerArray(OnnxType.INT64, shape, indices));
  }

  private static List<NdArray> argument(Call call, boolean largest) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    boolean keep = call.integer("keepdims", 1) == 1;
    boolean last = call.integer("select_last_index", 0) == 1;
    int length = x.shape()[axis];
    int inner = Shapes.size(x.shape(), axis + 1, x.rank());
    int outer = Shapes.size(x.shape(), 0, axis);
    if (length == 0) {
      throw call.wrong("nothing to search along axis " + axis);
    }
    long[] found = new long[outer * inner];
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < inner; j++) {
        int base = i * length * inner + j;
        int best = 0;
        for (int p = 1; p < length; p++) {
          double candidate = Elementwise.real(x, base + p * inner);
          double record = Elementwise.real(x, base + best * inner);
          if ((largest ? candidate > record : candidate < record)
              || (last && candidate == record)) {
            best = p;
          }
        }
        found[i * inner + j] = best;
      }
    }
    return one(
        new IntegerArray(
            OnnxType.INT64,
            Reductions.reduced(x.shape(), new boolean[x.rank()], axis, keep),
            found));
  }

  private static List<NdArray> nonZero(Call call) {
    NdArray x = call.input(0);
    List<int[]> found = new ArrayList<>();
    int[] index = new int[x.rank()];
    for (int i = 0; i < x.size(); i++) {
      if (Elementwise.real(x, i) != 0) {
        found.add(index.clone());
      }
      ShapeOperators.increment(index, x.shape());
    }
    long[] values = new long[x.rank() * found.size()];
    for (int axis = 0; axis < x.rank(); axis++) {
      for (int i = 0; i < found.size(); i++) {
        values[axis * found.size() + i] = found.get(i)[axis];
      }
    }
    return one(new IntegerArray(OnnxType.INT64, new int[] {x.rank(), found.size()}, values));
  }

  private static List<NdArray> oneHot(Call call) {
    NdArray indices = call.input(0);
    int depth = call.toInt((long) call.number(1));
    NdArray offOn = call.input(2);
    int axis = call.axis(call.integer("axis", -1), indices.rank() + 1);
    int[] shape = new int[indices.rank() + 1];
    System.arraycopy(indices.shape(), 0, shape, 0, axis);
    shape[axis] = depth;
    System.arraycopy(indices.shape(), axis, shape, axis + 1, indices.rank() - axis);
    int inner = Shapes.size(shape, axis + 1, shape.length);
    int[] positions = new int[Shapes.size(shape)];
    for (int i = 0; i < indices.size(); i++) {
      long value = (long) Elementwise.real(indices, i);
      long at = value < 0 ? value + depth : value;
      if (at >= 0 && at < depth) {
        positions[(i / inner * depth + (int) at) * inner + i % inner] = 1;
      }
    }
    return one(offOn.take(positions, shape));
  }

  private static List<NdArray> cumSum(Call call) {
    NdArray x = call.input(0);
    int axis = call.axis((long) call.number(1), x.rank());
    boolean exclusive = call.integer("exclusive", 0) == 1;
    boolean reverse = call.integer("reverse", 0) == 1;
    int length = x.shape()[axis];
    int inner = Shapes.size(x.shape(), axis + 1, x.rank());
    double[] sums = new double[x.size()];
    for (int start = 0; start < x.size(); start++) {
      if (start / inner % length != 0) {
        continue;
      }
      double sum = 0;
      for (int p = 0; p < length; p++) {
        int at = start + (reverse ? length - 1 - p : p) * inner;
        double value = Elementwise.real(x, at);
        sums[at] = exclusive ? sum : sum + value;
        sum += value;
      }
    }
    return one(Elementwise.castTo(call, new DoubleArray(x.shape(), sums), x.type()));
  }

  private static List<NdArray> compress(Call call) {
    NdArray x = call.input(0);
    long[] condition = call.integers(1).values();
    NdArray source = x;
    int axis = 0;
    if (call.node().attributes().containsKey("axis")) {
      axis = call.axis(call.integer("axis", 0), x.rank());
    } else {
      source = x.reshaped(new int[] {x.size()});
    }
    int length = source.shape()[axis];
    int[] kept = new int[length];
    int count = 0;
    for (int i = 0; i < Math.min(length, condition.length); i++) {
      if (condition[i] != 0) {
        kept[count++] = i;
      }
    }
    int inner = Shapes.size(source.shape(), axis + 1, source.rank());
    int outer = Shapes.size(source.shape(), 0, axis);
    int[] shape = source.shape().clone();
    shape[axis] = count;
    int[] positions = new int[Shapes.size(shape)];
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (int p = 0; p < count; p++) {
        for (int j = 0; j < inner; j++) {
          positions[at++] = (i * length + kept[p]) * inner + j;
        }
      }
    }
    return one(source.take(positions, shape));
  }
}
